"""Takes files in: streamed to disk, hashed as they are written, kept once for each content."""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import AsyncIterable, Callable, Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from workbench.errors import NotFound, UploadError

DISK_RESERVE_BYTES = 256 * 2**20
"""Free space that uploads leave alone, for the database, the working sound and the system."""
TICKET_AGE_S = 24 * 3600.0
_CHECK_EVERY_BYTES = 16 * 2**20
_WRITE_BYTES = 1 << 20
_ID = re.compile(r"[0-9a-f]{32}")
_SHA = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is safely on disk; ``name`` is what the person called it and never part of a path."""

    id: str
    name: str
    size: int
    sha256: str


class Uploads:
    """The folders ``incoming`` (files on their way, tickets of those that came) and ``inputs`` of the data folder."""

    def __init__(
        self,
        data: Path,
        max_bytes: int | None = None,
        clock: Callable[[], float] = time.time,
        free_bytes: Callable[[Path], int] = lambda path: shutil.disk_usage(path).free,
    ) -> None:
        self._incoming = data / "incoming"
        self._inputs = data / "inputs"
        self._max_bytes = max_bytes
        self._clock = clock
        self._free_bytes = free_bytes

    def start(self) -> None:
        """Makes the folders and removes what a crash left half received."""
        self._incoming.mkdir(parents=True, exist_ok=True)
        self._inputs.mkdir(parents=True, exist_ok=True)
        for part in self._incoming.glob("*.part"):
            part.unlink(missing_ok=True)

    def folder(self, sha256: str) -> Path:
        """Returns the folder of one input; ``source`` in it is the upload as it came."""
        if not _SHA.fullmatch(sha256):
            raise ValueError(f"not a sha256: {sha256!r}")
        return self._inputs / sha256

    def free_bytes(self) -> int:
        """Returns the room on the disk of the data folder."""
        return self._free_bytes(self._inputs)

    def source(self, sha256: str) -> Path:
        """Returns the path of the upload as it came; it may be missing."""
        return self.folder(sha256) / "source"

    def find(self, upload_id: str) -> Upload:
        """Returns what has been received under an id; raises NotFound."""
        if _ID.fullmatch(upload_id):
            try:
                upload = Upload(**json.loads(self._ticket(upload_id).read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                raise NotFound("upload_unknown") from None
            if self.source(upload.sha256).is_file():
                return upload
        raise NotFound("upload_unknown")

    def receive(self, name: str, stream: Iterable[bytes], length: int | None = None) -> Upload:
        """Writes a stream to disk and returns its ticket; ``length`` is the announced size in bytes.

        Raises UploadError: ``too_large``, ``too_large_for_disk``, ``disk_full``, ``upload_empty``,
        ``upload_cut_short``; nothing stays then.
        """
        receiver = self.open(name, length)
        try:
            for block in stream:
                receiver.write(block)
            return receiver.finish()
        except BaseException:
            receiver.abort()
            raise

    async def receive_async(self, name: str, stream: AsyncIterable[bytes], length: int | None = None) -> Upload:
        """Does what ``receive`` does without blocking the event loop: disk work runs in threads, a MiB at a time."""
        receiver = await asyncio.to_thread(self.open, name, length)
        try:
            gathered = bytearray()
            async for block in stream:
                gathered += block
                if len(gathered) >= _WRITE_BYTES:
                    await asyncio.to_thread(receiver.write, bytes(gathered))
                    gathered.clear()
            await asyncio.to_thread(receiver.write, bytes(gathered))
            return await asyncio.to_thread(receiver.finish)
        except BaseException:
            receiver.abort()
            raise

    def open(self, name: str, length: int | None = None) -> Receiver:
        """Starts a file; the caller ends it with ``finish`` or ``abort``."""
        self.check(length)
        return Receiver(self, name, length)

    def check(self, length: int | None) -> None:
        """Raises UploadError where a file of ``length`` bytes would not be taken."""
        self._check_size(length or 0)
        self._check_space(0)
        free = self._free_bytes(self._incoming)
        if length is not None and free < length + DISK_RESERVE_BYTES:
            usable = (free - DISK_RESERVE_BYTES) // 2**20
            raise UploadError("too_large_for_disk", status=507, size_mib=-(-length // 2**20), usable_mib=usable)

    def spend(self, upload_id: str) -> None:
        """Forgets a ticket whose recording is used, so that it can be deleted as soon as nothing needs it."""
        if _ID.fullmatch(upload_id):
            self._ticket(upload_id).unlink(missing_ok=True)

    def forget_old(self) -> list[Upload]:
        """Removes and returns the tickets that nobody has used for a day."""
        oldest = self._clock() - TICKET_AGE_S
        forgotten = []
        for ticket in list(self._incoming.glob("*.json")):
            try:
                if ticket.stat().st_mtime < oldest:
                    forgotten.append(Upload(**json.loads(ticket.read_text(encoding="utf-8"))))
                    ticket.unlink()
            except (OSError, ValueError, TypeError):
                continue
        return forgotten

    def discard(self, sha256s: Iterable[str]) -> int:
        """Deletes the folders of inputs, save those that somebody has just sent again; returns how many."""
        held = {upload.sha256 for upload in self._tickets()}
        unwanted = [sha256 for sha256 in sha256s if sha256 not in held and self.folder(sha256).is_dir()]
        for sha256 in unwanted:
            shutil.rmtree(self.folder(sha256), ignore_errors=True)
        return len(unwanted)

    def forget(self, sha256s: Iterable[str]) -> int:
        """Deletes the folders of inputs at once, also where they were sent lately; returns how many."""
        unwanted = set(sha256s)
        for upload in list(self._tickets()):
            if upload.sha256 in unwanted:
                self._ticket(upload.id).unlink(missing_ok=True)
        return self.discard(unwanted)

    def _tickets(self) -> Iterable[Upload]:
        for ticket in list(self._incoming.glob("*.json")):
            try:
                yield Upload(**json.loads(ticket.read_text(encoding="utf-8")))
            except (OSError, ValueError, TypeError):
                continue

    def _ticket(self, upload_id: str) -> Path:
        return self._incoming / f"{upload_id}.json"

    def _check_size(self, size: int) -> None:
        if self._max_bytes is not None and size > self._max_bytes:
            raise UploadError("too_large", status=413, limit_mib=self._max_bytes // 2**20)

    def _check_space(self, needed: int) -> None:
        free = self._free_bytes(self._incoming)
        if free < needed + DISK_RESERVE_BYTES:
            raise disk_full(free)


class Receiver:
    """One file on its way in; used by one thread at a time."""

    def __init__(self, uploads: Uploads, name: str, length: int | None) -> None:
        self._uploads = uploads
        self._id = secrets.token_hex(16)
        self._name = display_name(name)
        self._length = length
        self._part = uploads._incoming / f"{self._id}.part"
        self._hash = hashlib.sha256()
        self._size = 0
        self._checked = 0
        self._file: BinaryIO | None = open(self._part, "xb", buffering=0)  # noqa: SIM115 - closed by finish or abort

    def write(self, block: bytes) -> None:
        """Appends bytes; raises UploadError ``too_large`` or ``disk_full``."""
        assert self._file is not None
        self._uploads._check_size(self._size + len(block))
        if self._size + len(block) - self._checked >= _CHECK_EVERY_BYTES:
            self._uploads._check_space(len(block))
            self._checked = self._size
        try:
            view = memoryview(block)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise _told(error, self._part) from error
        self._hash.update(block)
        self._size += len(block)

    def finish(self) -> Upload:
        """Makes the file durable under its hash and returns its ticket; raises UploadError if empty or cut short."""
        assert self._file is not None
        if self._length is not None and self._size != self._length:
            raise UploadError("upload_cut_short", expected=self._length, got=self._size)
        if self._size == 0:
            raise UploadError("upload_empty", name=self._name)
        upload = Upload(self._id, self._name, self._size, self._hash.hexdigest())
        try:
            # What came before is durable already, and every wait for the disk costs milliseconds.
            durable = not self._is_known(upload)
            if durable:
                os.fsync(self._file.fileno())
            self._file.close()
            self._file = None
            self._place(upload, durable)
            _write_durably(self._uploads._ticket(upload.id), json.dumps(asdict(upload)).encode())
        except OSError as error:
            raise _told(error, self._part) from error
        return upload

    def abort(self) -> None:
        """Removes what was received; safe to call at any time, also after ``finish``."""
        if self._file is not None:
            self._file.close()
            self._file = None
        self._part.unlink(missing_ok=True)

    def _is_known(self, upload: Upload) -> bool:
        target = self._uploads.source(upload.sha256)
        return target.is_file() and target.stat().st_size == upload.size

    def _place(self, upload: Upload, durable: bool) -> None:
        if self._is_known(upload):
            self._part.unlink(missing_ok=True)
            return
        target = self._uploads.source(upload.sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        if not durable:
            # What was there a moment ago has just been deleted.
            with open(self._part, "rb+") as file:
                os.fsync(file.fileno())
        os.replace(self._part, target)
        _sync_folder(target.parent)
        _sync_folder(target.parent.parent)


def display_name(name: str) -> str:
    """Returns a name fit to show: no folders, no control or direction signs, at most 200 characters."""
    name = unicodedata.normalize("NFC", name.replace("\\", "/")).rsplit("/", 1)[-1]
    shown = "".join(sign for sign in name if unicodedata.category(sign) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    shown = " ".join(shown.split()).strip()
    if len(shown) > 200:
        stem, dot, suffix = shown.rpartition(".")
        shown = f"{stem[:190]}….{suffix}" if dot and len(suffix) <= 8 else shown[:200]
    return shown or "recording"


def title_of(name: str) -> str:
    """Returns the name without its ending, as the first title of a job."""
    stem, dot, suffix = name.rpartition(".")
    return stem if dot and stem.strip(". ") and len(suffix) <= 5 else name


def disk_full(free: int) -> UploadError:
    """Returns the error of a disk without room for what was asked; ``free`` in bytes."""
    return UploadError("disk_full", status=507, free_mib=free // 2**20)


def _told(error: OSError, path: Path) -> Exception:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return disk_full(shutil.disk_usage(path.parent).free)
    return error


def _write_durably(path: Path, content: bytes) -> None:
    part = path.with_suffix(".tmp")
    with open(part, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def _sync_folder(folder: Path) -> None:
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
