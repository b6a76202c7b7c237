"""Looks at a history file from outside, whether a server has it open or not, and reads no text of anybody."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

PATIENCE_S = 5.0


def whole(path: Path) -> str | None:
    """Returns ``ok``, or what SQLite finds wrong with the file; None where there is none."""
    if not path.is_file():
        return None
    try:
        with _looking(path) as db:
            return str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
    except sqlite3.OperationalError as error:
        return "ok" if "locked" in str(error) else "unreadable"
    except sqlite3.DatabaseError:
        return "damaged"


def counts(path: Path) -> dict[str, Any]:
    """Returns numbers about the history: its version, jobs by task, status and error code, chunks, learned speeds.

    Nothing that a person wrote, named or said is read. Empty where the file cannot be read.
    """
    if not path.is_file():
        return {}
    try:
        with _looking(path) as db:
            return {
                "version": db.execute("PRAGMA user_version").fetchone()[0],
                "jobs": _rows(
                    db, "SELECT task, status, error_code, count(*), sum(duration_s) FROM jobs GROUP BY 1, 2, 3"
                ),
                "chunks": _rows(db, "SELECT status, error_code, count(*), max(attempts) FROM chunks GROUP BY 1, 2"),
                "speeds": _rows(db, "SELECT model, device, precision, realtime_x, n_samples FROM speeds"),
            }
    except sqlite3.Error:
        return {}


@contextmanager
def _looking(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=PATIENCE_S)) as db:
        yield db


def _rows(db: sqlite3.Connection, query: str) -> list[list[Any]]:
    return [list(row) for row in db.execute(query)]
