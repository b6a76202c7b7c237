"""The sound of one spoken sentence on disk: mono int16 samples at one rate, with the pause that follows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.sound_file import Sound, read_sound

RATE = 24_000
_BYTES = 2
_BLOCK_S = 10

Floats = npt.NDArray[np.float32]


def file_name(number: int) -> str:
    """Returns the file name of the sentence of that number."""
    return f"sentence-{number:07d}.pcm"


def length_s(path: Path) -> float:
    """Returns the seconds of a sentence's file; raises OSError."""
    return path.stat().st_size / _BYTES / RATE


def blocks(paths: Iterable[Path]) -> Iterator[Sound]:
    """Yields the sound of sentences in order, ``(n, 1)``, ten seconds at most at a time; raises OSError."""
    for path in paths:
        n_samples = path.stat().st_size // _BYTES
        for at in range(0, n_samples, _BLOCK_S * RATE):
            yield read_sound(path, 1, at, min(n_samples, at + _BLOCK_S * RATE))


def starts(lengths_s: Sequence[float]) -> list[float]:
    """Returns when each sentence begins, in seconds, where they follow each other."""
    found, at = [], 0.0
    for length in lengths_s:
        found.append(round(at, 3))
        at += length
    return found
