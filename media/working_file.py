"""Writes and reads the folder of one recording: ``audio.pcm``, ``peaks.u8`` and the mark that both are complete."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np

from media.audio import BYTES_A_SAMPLE, SAMPLE_RATE, PeakMeter, Samples

PCM, PEAKS, MARK = "audio.pcm", "peaks.u8", "audio.json"
_READ_SAMPLES = 4 * SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Mark:
    """What the mark of a complete working file says."""

    n_samples: int
    media_kind: str
    damaged: bool


class WorkingFile:
    """Writes a working file in the order of its sound; what is written can be read by others at once.

    An incomplete one, left by a crash, is written over and not emptied first: decoding gives the same samples again,
    and chunks that were cut from it before stay readable all the while. Raises OSError.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._peak_meter = PeakMeter()
        self._n_samples = 0
        self._pcm = _open_to_overwrite(folder / PCM)
        try:
            self._peaks = _open_to_overwrite(folder / PEAKS)
        except BaseException:
            os.close(self._pcm)
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        os.close(self._pcm)
        os.close(self._peaks)

    def write(self, samples: Samples) -> None:
        """Adds samples at the end."""
        _write_all(self._pcm, samples.astype("<i2", copy=False).tobytes())
        _write_all(self._peaks, self._peak_meter.feed(samples))
        self._n_samples += len(samples)

    def finish(self, media_kind: str, damaged: bool) -> None:
        """Makes both files safe on disk and then writes the mark."""
        _write_all(self._peaks, self._peak_meter.close())
        for descriptor in (self._pcm, self._peaks):
            os.ftruncate(descriptor, os.lseek(descriptor, 0, os.SEEK_CUR))
            os.fsync(descriptor)
        mark = {"n_samples": self._n_samples, "media_kind": media_kind, "damaged": damaged}
        # The same sound may be written twice at the same time: by two sessions, or a session and an upload.
        part = self._folder / f"{MARK}.{secrets.token_hex(4)}.part"
        with open(part, "w", encoding="utf-8") as file:
            json.dump(mark, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, self._folder / MARK)
        _sync_folder(self._folder)


def read_mark(folder: Path) -> Mark | None:
    """Returns the mark of a complete working file; None where it is absent, incomplete or not what the mark says."""
    try:
        told = json.loads((folder / MARK).read_text(encoding="utf-8"))
        mark = Mark(int(told["n_samples"]), str(told["media_kind"]), bool(told["damaged"]))
        whole = (folder / PCM).stat().st_size == mark.n_samples * BYTES_A_SAMPLE and (folder / PEAKS).exists()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return mark if whole else None


def read_blocks(folder: Path) -> Iterator[Samples]:
    """Gives the samples of a working file in blocks of some seconds."""
    with open(folder / PCM, "rb") as file:
        while data := file.read(_READ_SAMPLES * BYTES_A_SAMPLE):
            yield np.frombuffer(data, "<i2").astype(np.int16, copy=False)


def _open_to_overwrite(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)


def _write_all(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
