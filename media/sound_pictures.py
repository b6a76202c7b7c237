"""What a sound looks like: its waveform and its spectrogram, in as many columns as a screen shows."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import numpy.typing as npt

from media.sound_file import Sound

COLUMNS = 600
BANDS = 64
_FFT = 2048
_LOWEST_HZ, _HIGHEST_HZ = 60.0, 20_000.0
_DARK_DB, _BRIGHT_DB = -110.0, -30.0
_FRAMES_A_COLUMN = 6


class Picture:
    """Draws a sound of ``n_samples`` at ``rate`` that is fed in blocks; memory does not grow with it."""

    def __init__(self, rate: int, n_samples: int) -> None:
        self._per_column = max(1.0, n_samples / COLUMNS)
        self._at = 0
        self._peaks = np.zeros(COLUMNS)
        self._powers = np.zeros((COLUMNS, BANDS))
        self._n_frames = np.zeros(COLUMNS)
        self._bands = _bands(rate)
        self._window = np.hanning(_FFT)

    def feed(self, sound: Sound) -> None:
        """Takes the next block ``(n, n_channels)``."""
        at = 0
        while at < len(sound):
            column = min(COLUMNS - 1, int((self._at + at) / self._per_column))
            end = len(sound) if column == COLUMNS - 1 else round((column + 1) * self._per_column) - self._at
            end = min(len(sound), max(at + 1, end))
            self._draw(column, sound[at:end])
            at = end
        self._at += len(sound)

    def told(self) -> dict[str, Any]:
        """Returns ``{"peaks", "bands"}``: bytes 0 to 255 in base64, the bands of each column from low to high."""
        mean = self._powers / np.maximum(self._n_frames, 1)[:, None]
        db = 10 * np.log10(np.maximum(mean, 1e-20))
        shades = np.clip((db - _DARK_DB) / (_BRIGHT_DB - _DARK_DB), 0, 1)
        return {"peaks": _packed(np.minimum(1, self._peaks)), "bands": _packed(shades)}

    def _draw(self, column: int, sound: Sound) -> None:
        self._peaks[column] = max(self._peaks[column], float(np.abs(sound).max()))
        mono = sound.mean(axis=1)
        starts = np.unique(np.linspace(0, max(0, len(mono) - _FFT), _FRAMES_A_COLUMN).astype(int))
        for start in starts[: max(1, len(mono) // _FFT)]:
            frame = np.zeros(_FFT)
            part = mono[start : start + _FFT]
            frame[: len(part)] = part
            power = np.abs(np.fft.rfft(frame * self._window)) ** 2 / (_FFT / 4) ** 2
            self._powers[column] += np.maximum.reduceat(power, self._bands)[:BANDS]
            self._n_frames[column] += 1


def _bands(rate: int) -> npt.NDArray[np.int64]:
    """Returns where the bands begin in a spectrum: as wide as the ear hears them (mel), each at least one bin."""
    low, high = (2595 * np.log10(1 + hz / 700) for hz in (_LOWEST_HZ, min(_HIGHEST_HZ, rate / 2.2)))
    hz = 700 * (10 ** (np.linspace(low, high, BANDS + 1) / 2595) - 1)
    bins = np.round(hz / rate * _FFT).astype(np.int64)
    return np.maximum.accumulate(np.maximum(bins, np.arange(BANDS + 1) + bins[0]))


def _packed(shares: npt.NDArray[np.float64]) -> str:
    return base64.b64encode((shares * 255).astype(np.uint8).tobytes()).decode()
