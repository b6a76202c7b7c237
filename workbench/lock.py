"""Keeps a second server off a data folder."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import IO

from workbench.errors import DataInUse

_LOCKED_BYTE = 1 << 20
"""Windows locks are mandatory: a byte far behind the text is locked, so that others can still read who holds it."""


class DataLock:
    """An exclusive lock on ``data/server.lock``; the system drops it when the process ends, however it ends."""

    def __init__(self, data: Path) -> None:
        self._path = data / "server.lock"
        self._file: IO[str] | None = None

    def take(self, address: str = "") -> None:
        """Takes the lock and writes down who holds it; raises DataInUse with the holder's ``pid`` and ``address``."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = open(self._path, "a+", encoding="utf-8")  # noqa: SIM115 - held until release
        try:
            _lock(file)
        except OSError:
            holder = _holder(self._path)
            file.close()
            raise DataInUse(None, data=str(self._path.parent), pid=holder[0], address=holder[1]) from None
        file.seek(0)
        file.truncate()
        json.dump({"pid": os.getpid(), "address": address}, file)
        file.flush()
        self._file = file

    def release(self) -> None:
        """Gives the lock back; does nothing when it is not held."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _holder(path: Path) -> tuple[str, str]:
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        return str(told.get("pid", "?")), str(told.get("address") or "?")
    except (OSError, ValueError, AttributeError):
        return "?", "?"


if sys.platform == "win32":

    def _lock(file: IO[str]) -> None:
        import msvcrt

        file.seek(_LOCKED_BYTE)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        file.seek(0)

else:

    def _lock(file: IO[str]) -> None:
        import fcntl

        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
