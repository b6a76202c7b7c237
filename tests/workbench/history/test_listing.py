"""The history page: pages by key, filters, names, tags, the bin."""

from __future__ import annotations

from typing import Any

import pytest

from media.transcript import Segment
from workbench.errors import JobError, NotFound
from workbench.history.history import History, HistoryFilter, NewJob


def _ids(history: History, **filters: Any) -> list[str]:
    rows, following = history.page(HistoryFilter(**filters))
    assert following is None
    return [row.id for row in rows]


def test_a_thousand_jobs_are_paged_without_gap_or_double_while_new_ones_arrive(history: History, clock: Any) -> None:
    for n in range(0, 1000, 10):
        clock.now += 60
        history.add_jobs([NewJob(f"job{n + k}", "asr", f"Title {n + k}", {}, "base", "p") for k in range(10)])
    seen: list[str] = []
    before: str | None = None
    for number in range(1000):
        rows, before = history.page(HistoryFilter(), before, 7)
        seen.extend(row.id for row in rows)
        history.add_jobs([NewJob(f"late{number}", "asr", "Late", {}, "base", "p")])
        if before is None:
            break
    assert seen == [f"job{n}" for n in reversed(range(1000))]


def test_the_last_page_says_so_when_it_is_exactly_full(history: History, desk: Any) -> None:
    for n in range(4):
        desk.accept(f"j{n}")
    rows, key = history.page(HistoryFilter(), None, 2)
    assert key is not None
    rows, key = history.page(HistoryFilter(), key, 2)
    assert ([row.id for row in rows], key) == (["j1", "j0"], None)


def test_filters_narrow_and_combine(history: History, desk: Any, clock: Any) -> None:
    for n, task in enumerate(("asr", "asr", "diarization")):
        clock.now = 1000.0 * (n + 1)
        desk.accept(f"j{n}", f"Board {n}", task=task, tags=("red",) if n else ())
    history.cancel("j1")
    assert _ids(history, task="asr") == ["j1", "j0"]
    assert _ids(history, status="queued") == ["j2", "j0"]
    assert _ids(history, since=2000.0) == ["j2", "j1"]
    assert _ids(history, until=2000.0) == ["j0"]
    assert _ids(history, tag="red") == ["j2", "j1"]
    assert _ids(history, tag="red", status="cancelled", task="asr", query="board", since=1.0) == ["j1"]
    assert _ids(history, tag="blue") == []


def test_a_tag_is_paged_in_order_as_well(history: History, desk: Any, clock: Any) -> None:
    for n in range(9):
        clock.now += 1
        desk.accept(f"j{n}", tags=("t",) if n % 2 == 0 else ())
    rows, key = history.page(HistoryFilter(tag="t"), None, 3)
    more, end = history.page(HistoryFilter(tag="t"), key, 3)
    assert [row.id for row in (*rows, *more)] == ["j8", "j6", "j4", "j2", "j0"]
    assert end is None


@pytest.mark.parametrize(
    "query", ["budget", "BUDGET 2026", "bud 20", "预算", "算", "budget_2026", '"Budget 2026"', "wav"]
)
def test_a_job_is_found_by_words_of_its_title_or_file(history: History, desk: Any, query: str) -> None:
    desk.accept("j", "Budget 2026 预算会议", source_name="REC_0001.WAV")
    desk.accept("other", "Lunch")
    assert _ids(history, query=query) == ["j"]


@pytest.mark.parametrize("query", ['"', "*", "AND OR NOT", "budget*x", "(", "%", "' OR 1=1 --", "😀", "\x00"])
def test_no_query_is_an_error(history: History, desk: Any, query: str) -> None:
    desk.accept("j", "Budget")
    assert _ids(history, query=query) == []


def test_a_renamed_job_is_found_by_its_new_name_only(history: History, desk: Any) -> None:
    desk.accept("j", "Old name")
    history.rename("j", "  Brand\nnew ")
    assert history.jobs(["j"])[0].title == "Brand new"
    assert (_ids(history, query="brand"), _ids(history, query="old")) == (["j"], [])
    with pytest.raises(JobError, match="title_empty"):
        history.rename("j", " \n")
    with pytest.raises(NotFound):
        history.rename("nobody", "x")


def test_what_adds_to_another_job_stays_out_of_the_search_when_it_is_renamed(history: History, desk: Any) -> None:
    desk.accept("j", "Meeting")
    desk.accept("minutes", "Minutes", parent_id="j")
    history.rename("minutes", "Protocol")
    assert history.jobs(["minutes"])[0].title == "Protocol"
    with history.reading() as db:
        assert db.execute("SELECT count(*) FROM jobs_search WHERE jobs_search MATCH 'protocol'").fetchone()[0] == 0


def test_tags_are_trimmed_replaced_and_counted(history: History, desk: Any) -> None:
    desk.accept("a", tags=("x", " x ", "", "y z"))
    desk.accept("b", tags=("x",))
    assert history.jobs(["a"])[0].tags == ("x", "y z")
    assert history.tags() == [("x", 2), ("y z", 1)]
    history.set_tags("a", ["neu"])
    history.delete(["b"])
    assert history.tags() == [("neu", 1)]
    with pytest.raises(NotFound):
        history.set_tags("nobody", ["x"])


def test_deleting_can_be_undone(history: History, desk: Any) -> None:
    desk.finish("a", ["findable"])
    desk.finish("b", ["findable"])
    assert history.delete(["a", "nobody"]) == ["a"]
    assert history.delete(["a"]) == []
    assert (_ids(history), _ids(history, deleted=True)) == (["b"], ["a"])
    assert desk.found("findable") == [("b", 0)]
    assert desk.found("findable", deleted=True) == [("a", 0)]
    assert history.undelete(["a", "b"]) == ["a"]
    assert desk.found("findable") == [("b", 0), ("a", 0)]


def test_a_job_that_is_deleted_while_it_waits_is_cancelled(history: History, desk: Any) -> None:
    desk.accept("j", n_chunks=1)
    history.delete(["j"])
    assert history.jobs(["j"])[0].status == "cancelled"
    assert history.active_jobs() == []


def test_purging_removes_rows_words_and_names_and_tells_which_inputs_are_free(
    history: History, desk: Any, clock: Any
) -> None:
    shared, alone, recent = "a" * 64, "b" * 64, "c" * 64
    for sha256 in (shared, alone, recent):
        history.add_input(sha256, 1)
    desk.finish("kept", ["common words"], input_sha256=shared)
    desk.finish("old", ["common words"], "Secret", input_sha256=shared)
    desk.finish("older", ["common words"], input_sha256=alone, tags=("t",))
    history.delete(["old", "older"])
    clock.now += 100
    history.add_input(recent, 1)
    desk.finish("young", ["common words"])
    history.delete(["young"])
    assert history.purge(clock.now) == [alone]
    assert history.jobs(["old", "older", "young", "kept"]) == history.jobs(["young", "kept"])
    assert desk.found("common") == [("kept", 0)]
    assert _ids(history, deleted=True, query="secret") == []
    assert history.segments("old") == []
    assert history.purge(clock.now) == []
    desk.finish("next", ["common words"], input_sha256=recent)
    assert desk.found("common") == [("next", 0), ("kept", 0)]


@pytest.mark.parametrize("key", ["", "x", "[1]", "{}", "[1, 2, 3]", '["a", "b"]', "null"])
def test_a_key_that_no_page_gave_is_refused(history: History, key: str) -> None:
    with pytest.raises(JobError, match="page_unknown"):
        history.page(HistoryFilter(), key)


def test_segment_ranges_of_jobs_do_not_overlap(history: History, desk: Any) -> None:
    for n in range(5):
        desk.accept(f"j{n}")
        history.finish_cut(f"j{n}", 1.0)
        history.finish_job(f"j{n}", [Segment(0.0, 1.0, "x")] * n)
    with history.reading() as db:
        rows = db.execute("SELECT first_segment, last_segment FROM jobs ORDER BY seq").fetchall()
    assert [tuple(row) for row in rows] == [(None, None), (1, 1), (2, 3), (4, 6), (7, 10)]
