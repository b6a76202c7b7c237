"""The sound of a live session on disk: written as it comes, whole up to the last position that was made safe."""

from __future__ import annotations

import errno
import os
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from media.audio import BYTES_A_SAMPLE, SAMPLE_RATE, Samples, wav_header
from media.working_file import WorkingFile
from workbench.uploads import Upload, Uploads, disk_full

PCM, POSITION = "audio.pcm", "position"
_POSITION = struct.Struct("<QQ")
_BLOCK_SAMPLES = 4 * SAMPLE_RATE
_FULL = (errno.ENOSPC, errno.EDQUOT)


class LiveSound:
    """A working file that grows packet by packet; used by one thread, save for ``path``.

    Beside it lies the number of the next packet with the length of the sound before it. After a crash the sound is cut
    back to that length, and the browser sends the rest again. Raises OSError, and UploadError ``disk_full``.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.path = folder / PCM
        self._pcm = os.open(self.path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        self._position = os.open(folder / POSITION, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
        told = os.pread(self._position, _POSITION.size, 0)
        n_whole = os.fstat(self._pcm).st_size // BYTES_A_SAMPLE
        self.next_packet, self.n_samples = _POSITION.unpack(told) if len(told) == _POSITION.size else (0, 0)
        if self.n_samples > n_whole:
            raise OSError(errno.EIO, "the sound is shorter than its position says", str(self.path))
        os.ftruncate(self._pcm, self.n_samples * BYTES_A_SAMPLE)
        self.kept = self.next_packet

    @property
    def heard_s(self) -> float:
        """Seconds of sound."""
        return self.n_samples / SAMPLE_RATE

    @property
    def unsafe(self) -> bool:
        """True when something was written since the last ``keep``."""
        return self.kept != self.next_packet

    def write(self, samples: bytes) -> None:
        """Adds the samples of the next packet; on an error it is as if the packet had not come."""
        try:
            at, view = self.n_samples * BYTES_A_SAMPLE, memoryview(samples)
            while view:
                n_written = os.pwrite(self._pcm, view, at)
                at, view = at + n_written, view[n_written:]
        except OSError as error:
            raise _told(error, self.folder) from error
        self.n_samples += len(samples) // BYTES_A_SAMPLE
        self.next_packet += 1

    def keep(self) -> None:
        """Makes everything up to here safe on disk."""
        if not self.unsafe:
            return
        try:
            os.fsync(self._pcm)
            os.pwrite(self._position, _POSITION.pack(self.next_packet, self.n_samples), 0)
            os.fsync(self._position)
        except OSError as error:
            raise _told(error, self.folder) from error
        self.kept = self.next_packet

    def blocks(self, from_s: float = 0.0) -> Iterator[Samples]:
        """Gives the sound from a place on, in blocks of some seconds."""
        at = round(from_s * SAMPLE_RATE)
        while at < self.n_samples:
            n_samples = min(_BLOCK_SAMPLES, self.n_samples - at)
            data = os.pread(self._pcm, n_samples * BYTES_A_SAMPLE, at * BYTES_A_SAMPLE)
            if not data:
                return
            yield np.frombuffer(data, "<i2").astype(np.int16, copy=False)
            at += len(data) // BYTES_A_SAMPLE

    def close(self) -> None:
        """Closes the files; the folder stays."""
        os.close(self._pcm)
        os.close(self._position)


def to_recording(sound: LiveSound, uploads: Uploads, name: str) -> Upload | None:
    """Makes a recording of the sound like any upload: a WAV file under its hash, with its working file beside it.

    None where nothing was heard. Doing it again gives the same. Raises UploadError and OSError.
    """
    if not sound.n_samples:
        return None
    header = wav_header(sound.n_samples)
    upload = uploads.receive(name, _wav(header, sound), len(header) + sound.n_samples * BYTES_A_SAMPLE)
    try:
        with WorkingFile(uploads.folder(upload.sha256)) as file:
            for block in sound.blocks():
                file.write(block)
            file.finish("audio", False)
    except OSError as error:
        raise _told(error, sound.folder) from error
    return upload


def remove(folder: Path) -> None:
    """Deletes the folder of a session whose sound is a recording now."""
    shutil.rmtree(folder, ignore_errors=True)


def _wav(header: bytes, sound: LiveSound) -> Iterator[bytes]:
    yield header
    for block in sound.blocks():
        yield block.astype("<i2", copy=False).tobytes()


def _told(error: OSError, folder: Path) -> Exception:
    return disk_full(shutil.disk_usage(folder).free) if error.errno in _FULL else error
