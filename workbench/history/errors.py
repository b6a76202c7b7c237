"""What can go wrong with the database, each as one plain code."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from media.errors import WorkbenchError


class HistoryError(WorkbenchError):
    """The database of jobs and transcripts cannot do what was asked; ``values["file"]`` names the file.

    Codes: ``database_newer``, ``database_broken``, ``database_foreign`` (another program's), ``database_locked``,
    ``database_read_only``, ``database_unreachable`` (the disk fails), ``database_closed``, ``disk_full``.
    """

    default_code: ClassVar[str] = "database_broken"
    default_status: ClassVar[int] = 500


_PRIMARY = 0xFF
"""SQLite's extended codes carry the primary code in the low byte."""
_CODES: dict[int, tuple[str, int]] = {
    sqlite3.SQLITE_FULL: ("disk_full", 507),
    sqlite3.SQLITE_CORRUPT: ("database_broken", 500),
    sqlite3.SQLITE_NOTADB: ("database_broken", 500),
    sqlite3.SQLITE_FORMAT: ("database_broken", 500),
    sqlite3.SQLITE_BUSY: ("database_locked", 503),
    sqlite3.SQLITE_LOCKED: ("database_locked", 503),
    sqlite3.SQLITE_PROTOCOL: ("database_locked", 503),
    sqlite3.SQLITE_READONLY: ("database_read_only", 500),
    sqlite3.SQLITE_CANTOPEN: ("database_read_only", 500),
    sqlite3.SQLITE_PERM: ("database_read_only", 500),
    sqlite3.SQLITE_AUTH: ("database_read_only", 500),
    sqlite3.SQLITE_IOERR: ("database_unreachable", 500),
}


@contextmanager
def plain_errors(path: Path) -> Iterator[None]:
    """Turns an error of SQLite that a person can act on into a ``HistoryError``; others are bugs and pass."""
    try:
        yield
    except sqlite3.Error as error:
        known = _CODES.get(getattr(error, "sqlite_errorcode", 0) & _PRIMARY)
        if known is None:
            raise
        code, status = known
        free = {"free_mib": _free_mib(path)} if code == "disk_full" else {}
        raise HistoryError(code, status=status, file=str(path), detail=str(error), **free) from error


def _free_mib(path: Path) -> int:
    try:
        return shutil.disk_usage(path.parent).free // 2**20
    except OSError:
        return 0
