"""Why a source of weights did not deliver, and a disk without room."""

from __future__ import annotations

import errno
import http.client
import shutil
import socket
import ssl
import urllib.error
from pathlib import Path

from engines.errors import EngineError

NO_ANSWER = "no answer"
NAME_UNKNOWN = "name not known"
TIMED_OUT = "timed out"
CERTIFICATE = "certificate not trusted"
NOT_THERE = "not there"
REFUSED = "refused"
CUT_SHORT = "broke off"
WRONG_CHECKSUM = "wrong checksum"
NO_CHECKSUM = "states no checksum"
DAMAGED = "damaged"
NO_ADDRESS = "not a web address"

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)


class SourceFailed(Exception):
    """One source did not deliver; the next one is tried.

    ``place`` is what a person knows the source by (a host name or a folder), ``reason`` one of the words above or
    ``HTTP <status>``. ``lasting`` is False where the same request may work a moment later.
    """

    def __init__(self, place: str, reason: str, *, lasting: bool = True) -> None:
        super().__init__(f"{place} ({reason})")
        self.place = place
        self.reason = reason
        self.lasting = lasting

    def told(self) -> dict[str, str]:
        """Returns the place and the reason as an error's values carry them; ``reason.<words>`` is its sentence."""
        return {"place": self.place, "reason": self.reason}


def of_web(place: str, error: Exception) -> SourceFailed:
    """Puts what urllib, a socket or TLS raised into one of the few words that a person needs."""
    if isinstance(error, urllib.error.HTTPError):
        return _of_status(place, error.code)
    cause: object = error.reason if isinstance(error, urllib.error.URLError) else error
    if isinstance(cause, ssl.SSLCertVerificationError):
        return SourceFailed(place, CERTIFICATE)
    if isinstance(cause, socket.gaierror):
        return SourceFailed(place, NAME_UNKNOWN)
    if isinstance(cause, TimeoutError):
        return SourceFailed(place, TIMED_OUT, lasting=False)
    if isinstance(cause, http.client.IncompleteRead):
        return SourceFailed(place, CUT_SHORT, lasting=False)
    return SourceFailed(place, NO_ANSWER, lasting=isinstance(cause, ConnectionRefusedError))


def _of_status(place: str, status: int) -> SourceFailed:
    if status in (404, 410):
        return SourceFailed(place, NOT_THERE)
    if status in (401, 403, 407, 451):
        return SourceFailed(place, REFUSED)
    return SourceFailed(place, f"HTTP {status}", lasting=not (status in (408, 425, 429) or status >= 500))


def no_room(folder: Path, need_bytes: int = 0) -> EngineError:
    """Returns the error ``disk_full`` with the free and the needed MiB."""
    free = free_bytes(folder)
    return EngineError("disk_full", status=507, free_mib=free // 2**20, need_mib=need_bytes // 2**20)


def free_bytes(folder: Path) -> int:
    """Returns the room on the disk that holds a folder, or will hold it."""
    there = next((path for path in (folder, *folder.absolute().parents) if path.exists()), folder)
    return shutil.disk_usage(there).free


def is_no_room(error: OSError) -> bool:
    """Tells whether an error of the file system means that nothing more can be written."""
    return error.errno in _NO_ROOM
