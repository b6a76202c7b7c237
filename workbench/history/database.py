"""The database file: opening, migrations, one writer, a reader for each thread."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from workbench.history.errors import HistoryError, plain_errors
from workbench.history.migrations import check_pages, migrate

BUSY_TIMEOUT_MS = 10_000
"""Another program, such as Datasette or a backup, may hold the file for so long."""
_CACHE_KIB = 8_192


@dataclass(frozen=True, slots=True)
class _Reader:
    connection: sqlite3.Connection
    in_use: threading.RLock


class Database:
    """One SQLite file in WAL mode, safe to use from many threads.

    Writes go through ``transaction()``, one at a time. Each thread reads through a connection of its own and never
    waits for a writer. ``schema`` is the folder of numbered migrations. Every method may raise ``HistoryError``.
    """

    def __init__(self, path: Path, schema: Path, clock: Callable[[], float] = time.time) -> None:
        self.path = path
        self.clock = clock
        self._write_lock = threading.RLock()
        self._writing: int | None = None
        self._readers: dict[threading.Thread, _Reader] = {}
        self._readers_lock = threading.Lock()
        self._local = threading.local()
        self._closed = False
        with plain_errors(path):
            self._writer = self._open(schema)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Gives the writing connection inside a transaction that is committed at the end, or undone on any exception.

        Inside another ``transaction()`` of the same thread it joins that one. A commit survives the death of the
        process in any case; with ``durable`` it also survives a power cut (1 ms instead of 0.1).
        """
        with self._write_lock:
            self._check_open()
            if self._writing is not None:
                yield self._writer
                return
            with plain_errors(self.path):
                self._writer.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
                self._writer.execute("BEGIN IMMEDIATE")
                self._writing = threading.get_ident()
                try:
                    yield self._writer
                    self._writer.execute("COMMIT")
                except BaseException:
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
                    raise
                finally:
                    self._writing = None

    @contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Gives a reading connection that sees one moment of the database until the block ends."""
        with self.reading() as db:
            nested = db.in_transaction
            if not nested:
                db.execute("BEGIN")
            try:
                yield db
            finally:
                if not nested:
                    db.rollback()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Gives this thread's reading connection; inside ``transaction()`` the writing one with its own changes."""
        self._check_open()
        with plain_errors(self.path):
            if self._writing == threading.get_ident():
                yield self._writer
                return
            reader = self._reader()
            with reader.in_use:
                self._check_open()
                yield reader.connection

    def close(self) -> None:
        """Waits for what is being read and written, then closes all; the file is left without its side files."""
        with self._write_lock, self._readers_lock:
            if self._closed:
                return
            self._closed = True
            readers = list(self._readers.values())
            self._readers.clear()
        for reader in readers:
            # SQLite crashes the process when a connection is closed while another thread reads through it.
            with reader.in_use:
                reader.connection.close()
        with suppress(sqlite3.Error):
            self._writer.execute("PRAGMA optimize")
            self._writer.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._writer.close()

    def _open(self, schema: Path) -> sqlite3.Connection:
        writer = self._connect()
        try:
            found = check_pages(writer, self.path)
            writer.execute("PRAGMA journal_mode = WAL")
            migrate(writer, schema, self.path, found)
        except BaseException:
            writer.close()
            raise
        return writer

    def _connect(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False, cached_statements=256)
        db.row_factory = sqlite3.Row
        for setting in (
            f"busy_timeout = {BUSY_TIMEOUT_MS}",
            "foreign_keys = ON",
            f"cache_size = -{_CACHE_KIB}",
            "temp_store = MEMORY",
        ):
            db.execute(f"PRAGMA {setting}")
        return db

    def _reader(self) -> _Reader:
        known: _Reader | None = getattr(self._local, "reader", None)
        if known is not None:
            return known
        with self._readers_lock:
            self._check_open()
            for thread in [thread for thread in self._readers if not thread.is_alive()]:
                self._readers.pop(thread).connection.close()
            reader = _Reader(self._connect(), threading.RLock())
            reader.connection.execute("PRAGMA query_only = ON")
            self._readers[threading.current_thread()] = reader
        self._local.reader = reader
        return reader

    def _check_open(self) -> None:
        if self._closed:
            raise HistoryError("database_closed", status=503, file=str(self.path))


def placeholders(values: Sized) -> str:
    """Returns as many question marks as there are values, for ``IN (...)``."""
    return ", ".join("?" * len(values))
