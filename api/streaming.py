"""Sends a sound file as WAV, whole or in part, without holding it in memory."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from pathlib import Path

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import Response, StreamingResponse

from api.errors import ApiError
from api.ranges import NotSatisfiable, Part, range_holds, still_fresh, wanted_part
from media.audio import BYTES_A_SAMPLE, SAMPLE_RATE, wav_header

_BLOCK_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Sound:
    """A working file as a WAV file: its header is made, its samples are read from ``path``."""

    path: Path
    header: bytes
    n_bytes: int
    etag: str
    modified: float

    @classmethod
    def of(cls, path: Path, rate: int = SAMPLE_RATE) -> Sound:
        """Looks at a working file, which may still grow: the size of this moment is what is sent. Raises OSError."""
        stat = path.stat()
        n_samples = stat.st_size // BYTES_A_SAMPLE
        n_bytes = n_samples * BYTES_A_SAMPLE
        return cls(path, wav_header(n_samples, rate), n_bytes, f'"{n_bytes:x}-{stat.st_mtime_ns:x}"', stat.st_mtime)

    @property
    def size(self) -> int:
        return len(self.header) + self.n_bytes


def sound_answer(sound: Sound, asked: Headers, method: str, more: Mapping[str, str]) -> Response:
    """Returns the answer to a GET or HEAD with its conditions; raises ApiError with status 416."""
    headers = {
        "accept-ranges": "bytes",
        "etag": sound.etag,
        "last-modified": formatdate(sound.modified, usegmt=True),
        "cache-control": "private, no-cache",
        **more,
    }
    if still_fresh(asked.get("if-none-match"), sound.etag):
        return Response(status_code=304, headers=headers)
    part = _part(sound, asked)
    status = 200
    if part is not None:
        status = 206
        headers["content-range"] = f"bytes {part.start}-{part.stop - 1}/{sound.size}"
    whole = part or Part(0, sound.size)
    headers["content-length"] = str(whole.length)
    if method == "HEAD":
        return Response(status_code=status, headers=headers, media_type="audio/wav")
    return StreamingResponse(_read(sound, whole), status, headers, "audio/wav")


def _part(sound: Sound, asked: Headers) -> Part | None:
    if not range_holds(asked.get("if-range"), sound.etag):
        return None
    try:
        return wanted_part(asked.get("range"), sound.size)
    except NotSatisfiable:
        headers = {"content-range": f"bytes */{sound.size}"}
        raise ApiError("range_outside", status=416, headers=headers, size=sound.size) from None


async def _read(sound: Sound, part: Part) -> AsyncIterator[bytes]:
    """Gives the bytes of a part; the file is read in threads and closed when the reader goes."""
    n_head = len(sound.header)
    if part.start < n_head:
        yield sound.header[part.start : part.stop]
    left = part.stop - max(part.start, n_head)
    if left <= 0:
        return
    file = await to_thread.run_sync(sound.path.open, "rb", 0)
    try:
        await to_thread.run_sync(file.seek, max(part.start - n_head, 0), os.SEEK_SET)
        while left > 0:
            block = await to_thread.run_sync(file.read, min(_BLOCK_BYTES, left))
            if not block:
                # The file became shorter: the server drops a connection whose announced length is not met.
                return
            left -= len(block)
            yield block
    finally:
        file.close()
