"""Brings the database file to the newest schema, and refuses files that are not ours or not whole."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from workbench.history.errors import HistoryError

APPLICATION_ID = 0x526F6F6D
"""``Room``, in the header of the file: tells ours from another program's."""
FULL_CHECK_BYTES = 32 * 2**20
"""A file up to this size is checked page by page at the start (0.3 s). In a larger one only its length and its schema
are: reading gigabytes would keep people waiting, and a broken page is still reported when it is first met."""


def check_pages(db: sqlite3.Connection, path: Path) -> int:
    """Returns the schema version of the file; raises HistoryError if it is broken or another program's."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    n_tables = int(db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if n_tables and db.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise HistoryError("database_foreign", file=str(path))
    size = path.stat().st_size
    if 0 < size <= FULL_CHECK_BYTES:
        said = str(db.execute("PRAGMA quick_check(1)").fetchone()[0])
        if said != "ok":
            raise HistoryError("database_broken", file=str(path), detail=said)
    return version


def migrate(db: sqlite3.Connection, schema: Path, path: Path, found: int) -> None:
    """Applies the migrations that ``found`` does not have yet, each in one transaction with its number."""
    steps = migrations(schema)
    newest = max(steps, default=0)
    if found > newest:
        raise HistoryError("database_newer", file=str(path), found=found, known=newest)
    for number in range(found + 1, newest + 1):
        _apply(db, number, steps[number].read_text("utf-8"))


def migrations(schema: Path) -> dict[int, Path]:
    """Returns the migration files by number; ValueError for a gap or a number that comes twice, our mistakes."""
    files = sorted(schema.glob("[0-9][0-9][0-9][0-9]_*.sql"))
    steps = {int(file.name[:4]): file for file in files}
    if sorted(steps) != list(range(1, len(files) + 1)):
        raise ValueError(f"migrations in {schema.name} are not numbered 1 to {len(files)}")
    return steps


def statements(script: str) -> Iterator[str]:
    """Yields the statements of a script, triggers whole; sqlite3's own ``executescript`` would commit first."""
    gathered = ""
    for line in script.splitlines(keepends=True):
        gathered += line
        if sqlite3.complete_statement(gathered):
            yield gathered.strip()
            gathered = ""
    if any(line.strip() and not line.lstrip().startswith("--") for line in gathered.splitlines()):
        raise ValueError(f"unfinished statement: {gathered.strip()[:80]}")


def _apply(db: sqlite3.Connection, number: int, script: str) -> None:
    db.execute("BEGIN IMMEDIATE")
    try:
        if int(db.execute("PRAGMA user_version").fetchone()[0]) < number:
            for statement in statements(script):
                db.execute(statement)
            db.execute(f"PRAGMA application_id = {APPLICATION_ID}")
            db.execute(f"PRAGMA user_version = {number}")
        db.execute("COMMIT")
    except BaseException:
        if db.in_transaction:
            db.execute("ROLLBACK")
        raise
