"""The working file: a recording as raw 16 kHz mono int16 samples, and its waveform."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

SAMPLE_RATE = 16_000
BYTES_A_SAMPLE = 2
PEAK_SAMPLES = SAMPLE_RATE // 10
"""Samples behind one byte of the waveform file: 0.1 s."""

Samples = npt.NDArray[np.int16]
FloatSamples = npt.NDArray[np.float32]


def duration_s(pcm: Path) -> float:
    """Returns the length of a working file in seconds; it grows while the recording is being decoded."""
    return pcm.stat().st_size // BYTES_A_SAMPLE / SAMPLE_RATE


def read_pieces(pcm: Path, pieces: Sequence[tuple[float, float]]) -> FloatSamples:
    """Returns the stretches ``(start, end)``, seconds, joined into one array ``(n_samples,)`` in -1 to 1.

    Only the asked stretches are read. What lies outside the file is left out. Raises OSError.
    """
    with open(pcm, "rb") as file:
        parts = [_read(file, start, end) for start, end in pieces]
    joined = np.concatenate(parts) if parts else np.empty(0, np.int16)
    return joined.astype(np.float32) / np.float32(32768)


def wav_header(n_samples: int, rate: int = SAMPLE_RATE) -> bytes:
    """Returns the 44 bytes that make ``n_samples`` raw samples, ``rate`` a second, a WAV file.

    A RIFF size is 32 bits wide: beyond 37 hours both sizes are the largest that fits, and players read to the end.
    """
    n_bytes = n_samples * BYTES_A_SAMPLE
    riff, data = min(n_bytes + 36, 0xFFFFFFFF), min(n_bytes, 0xFFFFFFFF - 36)
    form = struct.pack("<HHIIHH", 1, 1, rate, rate * BYTES_A_SAMPLE, BYTES_A_SAMPLE, 16)
    head = b"RIFF" + struct.pack("<I", riff) + b"WAVEfmt " + struct.pack("<I", 16) + form
    return head + b"data" + struct.pack("<I", data)


class PeakMeter:
    """Turns samples, in packets of any size, into the waveform: a byte 0 to 255 for the loudest of each 0.1 s."""

    def __init__(self) -> None:
        self._rest: Samples = np.empty(0, np.int16)

    def feed(self, samples: Samples) -> bytes:
        """Returns the bytes of all tenths of a second that are complete."""
        joined = np.concatenate((self._rest, samples)) if len(self._rest) else samples
        whole = len(joined) // PEAK_SAMPLES * PEAK_SAMPLES
        self._rest = joined[whole:].copy()
        return _loudest(joined[:whole].reshape(-1, PEAK_SAMPLES))

    def close(self) -> bytes:
        """Returns the byte of the last, shorter stretch, if there is one."""
        rest, self._rest = self._rest, np.empty(0, np.int16)
        return _loudest(rest.reshape(1, -1)) if len(rest) else b""


def read_peaks(path: Path, width: int) -> list[int]:
    """Returns at most ``width`` values 0 to 255, each the loudest of its share of the recording; [] for no sound."""
    peaks = np.fromfile(path, np.uint8)
    if width < 1 or not len(peaks):
        return []
    if len(peaks) <= width:
        return [int(value) for value in peaks]
    borders = np.linspace(0, len(peaks), width, endpoint=False).astype(np.int64)
    return [int(value) for value in np.maximum.reduceat(peaks, borders)]


def _loudest(rows: Samples) -> bytes:
    if not rows.size:
        return b""
    loudest = np.maximum(rows.max(axis=1).astype(np.int32), -rows.min(axis=1).astype(np.int32))
    return bytes(np.minimum(loudest >> 7, 255).astype(np.uint8))


def _read(file: BinaryIO, start: float, end: float) -> Samples:
    first, last = max(0, round(start * SAMPLE_RATE)), round(end * SAMPLE_RATE)
    if last <= first:
        return np.empty(0, np.int16)
    file.seek(first * BYTES_A_SAMPLE)
    data = file.read((last - first) * BYTES_A_SAMPLE)
    return np.frombuffer(data[: len(data) // BYTES_A_SAMPLE * BYTES_A_SAMPLE], "<i2").astype(np.int16, copy=False)
