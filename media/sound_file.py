"""The sound of one recording as a job works on it: full rate, one or two channels, and the windows made of it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

SOUND, MARK = "sound.pcm", "sound.json"
OVERLAP_S = 0.5
"""So much of the next window every window holds too, for the cross-fade."""
_BYTES = 2
_FULL = np.float32(32768)

Samples = npt.NDArray[np.int16]
Sound = npt.NDArray[np.float32]
"""``(n_samples, n_channels)`` in -1 to 1."""


@dataclass(frozen=True, slots=True)
class SoundMark:
    """What is known of a complete sound: Hz, channels, samples of each, and whether a part could not be decoded."""

    rate: int
    n_channels: int
    n_samples: int
    damaged: bool = False

    @property
    def duration_s(self) -> float:
        """The length in seconds."""
        return self.n_samples / self.rate


class SoundWriter:
    """Writes ``sound.pcm`` of a folder, int16 with the channels side by side, and its mark; raises OSError."""

    def __init__(self, folder: Path, rate: int, n_channels: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / MARK).unlink(missing_ok=True)
        self._folder, self._rate, self._n_channels, self._n_bytes = folder, rate, n_channels, 0
        self._file = open(folder / SOUND, "wb")  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def write(self, samples: Samples) -> None:
        """Adds samples ``(n,)`` or ``(n, n_channels)`` at the end."""
        self._n_bytes += self._file.write(samples.astype("<i2", copy=False).tobytes())

    def finish(self, damaged: bool) -> SoundMark:
        """Makes the sound safe on disk, writes the mark, and returns it."""
        self._file.flush()
        os.fsync(self._file.fileno())
        n_samples = self._n_bytes // (_BYTES * self._n_channels)
        mark = SoundMark(self._rate, self._n_channels, n_samples, damaged)
        _write(self._folder / MARK, json.dumps(asdict(mark)).encode())
        return mark


def read_mark(folder: Path) -> SoundMark | None:
    """Returns the mark of a complete sound; None where it is absent or not what the mark says."""
    try:
        mark = SoundMark(**json.loads((folder / MARK).read_text(encoding="utf-8")))
        size = (folder / SOUND).stat().st_size
    except (OSError, ValueError, TypeError):
        return None
    return mark if size == mark.n_samples * mark.n_channels * _BYTES else None


def read_sound(path: Path, n_channels: int, start: int, end: int) -> Sound:
    """Returns samples ``start`` to ``end`` of a file; what lies outside of it is silence. Raises OSError."""
    found = np.zeros((max(0, end - start), n_channels), np.float32)
    first = max(0, start)
    if end <= first:
        return found
    with open(path, "rb") as file:
        file.seek(first * n_channels * _BYTES)
        data = file.read((end - first) * n_channels * _BYTES)
    samples = np.frombuffer(data[: len(data) // (n_channels * _BYTES) * n_channels * _BYTES], "<i2")
    found[first - start : first - start + len(samples) // n_channels] = samples.reshape(-1, n_channels) / _FULL
    return found


def window_name(number: int) -> str:
    """Returns the file name of a window."""
    return f"window-{number:06d}.pcm"


def write_window(path: Path, sound: Sound) -> None:
    """Writes one finished window so that it is there wholly or not at all; raises OSError."""
    _write(path, to_int16(sound).tobytes())


def to_int16(sound: Sound) -> Samples:
    """Returns sound as int16; what is too loud is clipped."""
    whole = np.clip(np.rint(np.nan_to_num(sound) * _FULL), -32768, 32767)
    return np.asarray(whole, dtype="<i2")


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    with open(part, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
