"""Numbered migrations: each whole or not at all, and none for a file of a newer program."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import pytest

from workbench.history.history import History, HistoryError
from workbench.history.migrations import migrations, statements


def test_a_file_of_each_older_version_is_brought_forward(tmp_path: Path, schema: Path) -> None:
    steps = migrations(schema)
    for version in range(1, len(steps)):
        older = tmp_path / f"schema{version}"
        older.mkdir()
        for number in range(1, version + 1):
            shutil.copy(steps[number], older)
        path = tmp_path / f"v{version}.db"
        History(path, older).close()
        with History(path, schema) as history:
            assert history.active_jobs() == []


def test_a_migration_that_fails_leaves_the_version_before_it(tmp_path: Path, schema: Path) -> None:
    broken = tmp_path / "schema"
    shutil.copytree(schema, broken)
    number = max(migrations(schema)) + 1
    (broken / f"{number:04}_wrong.sql").write_text("CREATE TABLE half (a);\nCREATE TABLE jobs (a);\n")
    path = tmp_path / "history.db"
    with pytest.raises(sqlite3.OperationalError):
        History(path, broken)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone()[0] == number - 1
        assert db.execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone()[0] == 0
    History(path, schema).close()


def test_migrations_with_a_gap_are_a_mistake(tmp_path: Path) -> None:
    (tmp_path / "0001_a.sql").write_text("")
    (tmp_path / "0003_b.sql").write_text("")
    with pytest.raises(ValueError, match="numbered"):
        migrations(tmp_path)


def test_triggers_stay_whole_when_a_script_is_divided() -> None:
    trigger = "CREATE TRIGGER t AFTER INSERT ON a BEGIN\n  DELETE FROM b;\n  DELETE FROM c;\nEND;"
    assert list(statements(f"-- why\nSELECT 1;\n{trigger}\n-- end\n")) == ["-- why\nSELECT 1;", trigger]
    with pytest.raises(ValueError, match="unfinished"):
        list(statements("SELECT 1"))


def test_two_programs_that_start_at_once_migrate_once(tmp_path: Path, schema: Path) -> None:
    start, errors = threading.Barrier(4), []

    def work() -> None:
        start.wait()
        try:
            History(tmp_path / "history.db", schema).close()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_a_file_of_a_newer_program_is_refused(tmp_path: Path, schema: Path) -> None:
    path = tmp_path / "history.db"
    History(path, schema).close()
    with closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA user_version = 999")
    before = path.read_bytes()
    with pytest.raises(HistoryError) as caught:
        History(path, schema)
    assert (caught.value.code, caught.value.values["found"]) == ("database_newer", 999)
    assert path.read_bytes() == before
