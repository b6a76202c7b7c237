"""How loud a sound is by EBU R128 (ITU-R BS.1770-4), how much noise is under it, and how high it reaches."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.sound_file import Sound

SILENT_LUFS = -70.0
"""Below this nothing counts as sound, by the standard."""
_STEP_S = 0.1
_BLOCK_STEPS = 4
_RELATIVE_LU = -10.0
_TAPS = 4096
"""The filters ring for less: the last of these is 180 dB below the first."""
_FFT = 32_768
_SPECTRUM = 4096
_AUDIBLE_DB = -65.0
"""A band counts as there when its power is at most so far below the strongest one."""
_FLOOR_DB = -100.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Level:
    """What was measured: loudness in LUFS (None for silence), noise and peak in dB of full scale, bandwidth in Hz."""

    loudness: float | None
    noise_db: float
    peak_db: float
    bandwidth_hz: float


class LevelMeter:
    """Measures a sound fed in blocks of any size ``(n_samples, n_channels)``; keeps eight bytes for each 0.1 s."""

    def __init__(self, rate: int, n_channels: int) -> None:
        self._rate = rate
        self._step = round(rate * _STEP_S)
        self._filter = np.fft.rfft(k_weighting(rate), _FFT)
        self._history = np.zeros((_TAPS - 1, n_channels))
        self._rest = np.zeros((0, n_channels))
        self._weighted = array("f")
        self._plain = array("f")
        self._peak = 0.0
        self._bands = np.zeros(_SPECTRUM // 2 + 1)

    def feed(self, sound: Sound) -> None:
        """Takes the next block."""
        if not len(sound):
            return
        self._peak = max(self._peak, float(np.abs(sound).max()))
        fresh = np.concatenate([self._rest, sound.astype(np.float64)])
        n_whole = len(fresh) // self._step * self._step
        whole, self._rest = fresh[:n_whole], fresh[n_whole:]
        if n_whole:
            steps = whole.reshape(-1, self._step, whole.shape[1])
            self._plain.frombytes((steps**2).mean(axis=1).max(axis=1).astype(np.float32).tobytes())
            self._spectrum(steps[::2, :_SPECTRUM, 0] if self._step >= _SPECTRUM else None)
            weighted = self._weigh(whole).reshape(steps.shape)
            self._weighted.frombytes((weighted**2).mean(axis=1).sum(axis=1).astype(np.float32).tobytes())

    def level(self) -> Level:
        """Returns what was measured so far."""
        powers = np.asarray(self._plain or [0.0], np.float64)
        heard = powers[powers > 1e-10]
        noise = float(np.percentile(heard, 10)) if len(heard) else 0.0
        return Level(integrated(self._weighted), _db(noise), _db(self._peak**2), self._bandwidth())

    def _weigh(self, sound: Floats) -> Floats:
        length = _FFT - _TAPS + 1
        found = np.empty_like(sound)
        for at in range(0, len(sound), length):
            piece = np.concatenate([self._history, sound[at : at + length]])
            for channel in range(sound.shape[1]):
                weighted = np.fft.irfft(np.fft.rfft(piece[:, channel], _FFT) * self._filter, _FFT)
                found[at : at + length, channel] = weighted[_TAPS - 1 : len(piece)]
            self._history = piece[len(piece) - _TAPS + 1 :]
        return found

    def _spectrum(self, steps: Floats | None) -> None:
        if steps is not None:
            window = np.hanning(_SPECTRUM)
            self._bands += (np.abs(np.fft.rfft(steps * window, axis=1)) ** 2).sum(axis=0)

    def _bandwidth(self) -> float:
        strongest = float(self._bands.max())
        if strongest <= 0:
            return 0.0
        there = np.flatnonzero(self._bands > strongest * 10 ** (_AUDIBLE_DB / 10))
        return float(there[-1]) * self._rate / _SPECTRUM


def integrated(steps: Sequence[float]) -> float | None:
    """Returns the integrated loudness in LUFS of weighted powers of 0.1 s each, None where all is silence."""
    powers = np.asarray(steps, np.float64)
    if len(powers) < _BLOCK_STEPS:
        blocks = powers.mean(keepdims=True) if len(powers) else np.zeros(1)
    else:
        blocks = np.convolve(powers, np.ones(_BLOCK_STEPS) / _BLOCK_STEPS, "valid")
    blocks = blocks[_lufs(blocks) > SILENT_LUFS]
    if not len(blocks):
        return None
    blocks = blocks[_lufs(blocks) > float(_lufs(blocks.mean(keepdims=True))[0]) + _RELATIVE_LU]
    return float(_lufs(blocks.mean(keepdims=True))[0]) if len(blocks) else None


def k_weighting(rate: int) -> Floats:
    """Returns the impulse response ``(4096,)`` of the two filters of BS.1770 at any rate.

    The analogue prototypes behind the standard's table for 48 kHz (a shelf at 1682 Hz, a high-pass at 38 Hz), by the
    bilinear transform.
    """
    z = np.exp(-2j * np.pi * np.arange(_FFT // 2 + 1) / _FFT)
    response = _shelf(rate, z) * _high_pass(rate, z)
    return np.asarray(np.fft.irfft(response, _FFT)[:_TAPS], np.float64)


def _shelf(rate: int, z: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    k, q, gain = np.tan(np.pi * 1681.974450955533 / rate), 0.7071752369554196, 10 ** (3.999843853973347 / 20)
    root = gain**0.4996667741545416
    below = 1 + k / q + k * k
    top = (gain + root * k / q + k * k) + 2 * (k * k - gain) * z + (gain - root * k / q + k * k) * z**2
    return np.asarray(top / (below + 2 * (k * k - 1) * z + (1 - k / q + k * k) * z**2))


def _high_pass(rate: int, z: npt.NDArray[np.complex128]) -> npt.NDArray[np.complex128]:
    k, q = np.tan(np.pi * 38.13547087602444 / rate), 0.5003270373238773
    below = 1 + k / q + k * k
    return np.asarray((1 - 2 * z + z**2) / (1 + 2 * (k * k - 1) / below * z + (1 - k / q + k * k) / below * z**2))


def _lufs(powers: Floats) -> Floats:
    return np.asarray(-0.691 + 10 * np.log10(np.maximum(powers, 1e-20)))


def _db(power: float) -> float:
    return max(_FLOOR_DB, 10 * float(np.log10(max(power, 1e-20))))
