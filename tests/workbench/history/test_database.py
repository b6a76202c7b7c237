"""Opening the file: every trouble is one plain error that leaves the file alone."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import sqlite_utils

from media.transcript import Segment
from workbench.history.errors import plain_errors
from workbench.history.history import ChunkEnd, History, HistoryError
from workbench.history.migrations import migrations

TABLES = {"inputs", "jobs", "job_tags", "chunks", "segments", "artifacts", "speeds", "segments_search", "jobs_search"}


def _refused(path: Path, schema: Path) -> HistoryError:
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(HistoryError) as caught:
        History(path, schema)
    if before is not None:
        assert path.read_bytes() == before
    assert caught.value.values["file"] == str(path)
    return caught.value


def _filled(path: Path, schema: Path, desk_of: Any, n_jobs: int = 60) -> None:
    with History(path, schema) as history:
        for n in range(n_jobs):
            desk_of(history).finish(f"j{n}", [f"line {k} of {n} 会议室" for k in range(20)])


def test_a_new_file_has_every_table_and_view(tmp_path: Path, schema: Path) -> None:
    History(tmp_path / "history.db", schema).close()
    with closing(sqlite3.connect(tmp_path / "history.db")) as connection:
        db = sqlite_utils.Database(connection)
        assert set(db.table_names()) >= TABLES
        assert set(db.view_names()) == {"history", "transcripts"}
        assert connection.execute("PRAGMA user_version").fetchone()[0] == max(migrations(schema))


def test_the_file_survives_a_second_start(tmp_path: Path, schema: Path, desk: Any) -> None:
    path = tmp_path / "again.db"
    _filled(path, schema, type(desk), 1)
    with History(path, schema) as history:
        assert history.jobs(["j0"])[0].n_segments == 20
        assert len(history.search("会议")[0]) == 20


def test_closing_leaves_one_file(tmp_path: Path, schema: Path, desk: Any) -> None:
    path = tmp_path / "alone" / "history.db"
    path.parent.mkdir()
    _filled(path, schema, type(desk), 1)
    assert [file.name for file in path.parent.iterdir()] == ["history.db"]


@pytest.mark.parametrize("content", [b"this is no database at all, " * 50, b"SQLite format 3\x00" + b"\xff" * 4000])
def test_a_file_that_is_no_database_is_refused(tmp_path: Path, schema: Path, content: bytes) -> None:
    path = tmp_path / "history.db"
    path.write_bytes(content)
    assert _refused(path, schema).code == "database_broken"


def test_a_database_of_another_program_is_refused(tmp_path: Path, schema: Path) -> None:
    path = tmp_path / "history.db"
    with closing(sqlite3.connect(path)) as db:
        db.execute("CREATE TABLE theirs (a)")
    assert _refused(path, schema).code == "database_foreign"


def test_broken_pages_are_noticed_at_the_start(tmp_path: Path, schema: Path, desk: Any) -> None:
    path = tmp_path / "broken.db"
    _filled(path, schema, type(desk))
    content = bytearray(path.read_bytes())
    for page in range(8, len(content) // 4096, 3):
        content[page * 4096 : page * 4096 + 600] = b"\xa5" * 600
    path.write_bytes(content)
    assert _refused(path, schema).code == "database_broken"


def test_a_file_that_was_cut_short_is_noticed_at_the_start(tmp_path: Path, schema: Path, desk: Any) -> None:
    path = tmp_path / "short.db"
    _filled(path, schema, type(desk))
    path.write_bytes(path.read_bytes()[: 4096 * 20])
    assert _refused(path, schema).code == "database_broken"


def test_pages_that_break_while_it_runs_are_a_plain_error(tmp_path: Path, schema: Path, desk: Any) -> None:
    path = tmp_path / "breaking.db"
    _filled(path, schema, type(desk))
    with History(path, schema) as history:
        with path.open("r+b") as file:
            for page in range(1, path.stat().st_size // 4096):
                file.seek(page * 4096)
                file.write(b"\xa5" * 4096)
        with pytest.raises(HistoryError, match="database_broken") as caught:
            history.segments("j7")
    assert caught.value.values["file"] == str(path)


def test_a_folder_in_place_of_the_file_is_plain(tmp_path: Path, schema: Path) -> None:
    (tmp_path / "history.db").mkdir()
    assert _refused(tmp_path / "history.db", schema).code == "database_read_only"
    assert _refused(tmp_path / "no folder" / "history.db", schema).code == "database_read_only"


def test_a_write_where_none_is_allowed_is_plain(history: History) -> None:
    with pytest.raises(HistoryError, match="database_read_only"), history.reading() as db:
        db.execute("DELETE FROM jobs")


def test_a_program_that_holds_the_file_is_plain(history: History, desk: Any) -> None:
    with history.transaction() as db:
        pass
    db.execute("PRAGMA busy_timeout = 20")
    with closing(sqlite3.connect(history.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(HistoryError, match="database_locked") as caught:
            history.recover()
        assert caught.value.status == 503
        assert history.active_jobs() == []
        other.execute("ROLLBACK")
    desk.accept("j")


def test_a_full_disk_is_plain_and_loses_nothing(history: History, desk: Any) -> None:
    desk.accept("j", n_chunks=3)
    history.finish_cut("j", 3.0)
    fences = history.claim_chunks("j", [0, 1, 2])
    assert history.commit_chunk("j", 0, fences[0], ChunkEnd({"text": "kept"}))
    with history.transaction() as db:
        n_pages = db.execute("PRAGMA page_count").fetchone()[0]
        db.execute(f"PRAGMA max_page_count = {n_pages + 1}")
    with pytest.raises(HistoryError, match="disk_full") as caught:
        history.commit_chunk("j", 1, fences[1], ChunkEnd({"text": "x" * 100_000}))
    assert caught.value.status == 507
    assert isinstance(caught.value.values["free_mib"], int)
    assert [chunk.status for chunk in history.chunks("j")] == ["succeeded", "running", "running"]
    db.execute("PRAGMA max_page_count = 100000")
    assert history.commit_chunk("j", 1, fences[1], ChunkEnd({"text": "x" * 100_000}))
    assert history.commit_chunk("j", 2, fences[2], ChunkEnd({}))
    assert history.finish_job("j", [Segment(0.0, 1.0, "whole")])


def test_a_disk_that_fills_while_a_transcript_is_written_leaves_the_job_running(history: History, desk: Any) -> None:
    desk.accept("j")
    history.finish_cut("j", 3.0)
    lines = [Segment(float(n), n + 1.0, f"line {n} " * 20) for n in range(500)]
    with history.transaction() as db:
        db.execute(f"PRAGMA max_page_count = {db.execute('PRAGMA page_count').fetchone()[0] + 5}")
    with pytest.raises(HistoryError, match="disk_full"):
        history.finish_job("j", lines)
    assert history.jobs(["j"])[0].status == "queued"
    assert desk.found("line") == []
    db.execute("PRAGMA max_page_count = 100000")
    assert history.finish_job("j", lines)


def test_a_bug_in_a_statement_is_not_dressed_up(tmp_path: Path) -> None:
    with closing(sqlite3.connect(":memory:")) as db, pytest.raises(sqlite3.OperationalError), plain_errors(tmp_path):
        db.execute("SELECT nonsense")


def test_readers_do_not_wait_for_a_writer_and_see_whole_transactions(history: History, desk: Any) -> None:
    desk.accept("j")
    seen: list[str] = []

    def read() -> None:
        seen.append(history.jobs(["j"])[0].status)

    with history.transaction():
        history.cancel("j")
        assert history.jobs(["j"])[0].status == "cancelled"
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    read()
    assert seen == ["queued", "cancelled"]


def test_a_snapshot_sees_one_moment(history: History, desk: Any) -> None:
    desk.accept("j")

    def cancel() -> None:
        history.cancel("j")

    with history.snapshot():
        assert history.jobs(["j"])[0].status == "queued"
        thread = threading.Thread(target=cancel)
        thread.start()
        thread.join()
        assert history.jobs(["j"])[0].status == "queued"
    assert history.jobs(["j"])[0].status == "cancelled"


def test_connections_of_ended_threads_are_closed(history: History) -> None:
    for _ in range(20):
        thread = threading.Thread(target=history.active_jobs)
        thread.start()
        thread.join()
    assert len(history._readers) <= 2


def test_closing_while_others_read_and_write_gives_each_a_plain_error(history: History, desk: Any) -> None:
    desk.finish("j", ["some line"] * 200)
    said: list[str] = []
    start = threading.Barrier(5)

    def work(ask: Callable[[], object]) -> None:
        start.wait()
        try:
            while True:
                ask()
        except HistoryError as error:
            said.append(error.code)

    asks = [
        lambda: history.search("some"),
        lambda: history.segments("j"),
        lambda: history.learn_speed("m", "d", "p", 1.0),
        lambda: history.edit("j", {0: "other", 1: "text"}) and history.restore("j"),
    ]
    threads = [threading.Thread(target=work, args=(ask,)) for ask in asks]
    for thread in threads:
        thread.start()
    start.wait()
    history.active_jobs()
    history.close()
    for thread in threads:
        thread.join()
    assert said == ["database_closed"] * 4


def test_every_code_has_its_sentences_in_both_languages(root: Path) -> None:
    codes = ("newer", "broken", "foreign", "locked", "read_only", "unreachable", "closed")
    for language in ("en", "zh"):
        texts = json.loads((root / "assets" / "texts" / f"errors_history.{language}.json").read_text("utf-8"))
        assert set(texts) == {f"error.database_{code}{end}" for code in codes for end in ("", ".hint")}


def test_the_read_me_explains_every_table(schema: Path) -> None:
    told = (schema / "README.md").read_text("utf-8")
    for table in TABLES:
        assert f"| `{table}` |" in told


def test_the_views_read_like_a_page(history: History, desk: Any) -> None:
    desk.finish("j", ["first", "second"], "Board", tags=("a", "b"), source_name="b.mp3")
    with history.reading() as db:
        job = dict(db.execute("SELECT * FROM history").fetchone())
        lines = [dict(row) for row in db.execute("SELECT at, title, text FROM transcripts")]
    assert (job["title"], job["file"], job["status"], job["tags"], job["in_bin"]) == (
        "Board", "b.mp3", "succeeded", "a, b", 0,
    )  # fmt: skip
    assert lines == [
        {"at": "0:00:00", "title": "Board", "text": "first"},
        {"at": "0:00:01", "title": "Board", "text": "second"},
    ]


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        ("SELECT * FROM jobs WHERE status IN ('queued', 'running') ORDER BY seq LIMIT 5", "jobs_active"),
        ("SELECT * FROM jobs WHERE deleted_at IS NULL AND (created_at, seq) < (1, 2)"
         " ORDER BY created_at DESC, seq DESC LIMIT 9", "jobs_created"),
        ("UPDATE chunks SET status = 'queued', fence = fence + 1 WHERE status = 'running'", "chunks_running"),
        ("SELECT * FROM chunks WHERE job_id = 'j' AND status = 'queued' ORDER BY number LIMIT 5", "chunks_waiting"),
        ("SELECT id FROM jobs WHERE fingerprint = 'f' AND status = 'succeeded' AND n_failed = 0"
         " ORDER BY seq DESC LIMIT 1", "jobs_fingerprint"),
    ],
)  # fmt: skip
def test_what_is_asked_often_uses_its_index(history: History, statement: str, index: str) -> None:
    with history.transaction() as db:
        plan = " ".join(row["detail"] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}"))
    assert index in plan
    assert "TEMP B-TREE" not in plan
