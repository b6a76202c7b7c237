"""One spoken sentence made ready to stand beside others: no silence around it, an even loudness, soft ends."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from media.loudness import LevelMeter
from media.spoken import RATE

Floats = npt.NDArray[np.float32]

TARGET_LUFS = -19.0
MOST_GAIN_DB = 9.0
PEAK = 0.9
_QUIET_DB = -46.0
"""Sound so far below the loudest is taken for silence at both ends; a breath or a soft s is louder."""
_BEFORE_S, _AFTER_S, _FADE_S = 0.04, 0.1, 0.008
_FRAME = 240
_SHORT_S = 0.5


def trimmed(sound: Floats, rate: int = RATE) -> Floats:
    """Returns ``(n,)`` without the silence at its ends; a sound of nothing else becomes empty."""
    n_frames = len(sound) // _FRAME
    if not n_frames:
        return sound[:0]
    peaks = np.abs(sound[: n_frames * _FRAME]).reshape(n_frames, _FRAME).max(axis=1)
    loud = np.flatnonzero(peaks > max(1e-4, peaks.max() * 10 ** (_QUIET_DB / 20)))
    if not len(loud):
        return sound[:0]
    first = max(0, loud[0] * _FRAME - round(_BEFORE_S * rate))
    last = min(len(sound), (loud[-1] + 1) * _FRAME + round(_AFTER_S * rate))
    return sound[first:last]


def levelled(sound: Floats, rate: int = RATE) -> tuple[Floats, float | None]:
    """Returns a sentence at the usual loudness, never clipped, and the loudness in LUFS that it has then."""
    measured = loudness(sound, rate)
    if measured is None:
        return sound, None
    gain_db = float(np.clip(TARGET_LUFS - measured, -MOST_GAIN_DB, MOST_GAIN_DB))
    peak = float(np.abs(sound).max())
    gain = min(10 ** (gain_db / 20), PEAK / peak if peak else 1.0)
    return np.asarray(sound * gain, np.float32), measured + float(20 * np.log10(gain))


def loudness(sound: Floats, rate: int = RATE) -> float | None:
    """Returns the loudness in LUFS; None for silence. What is shorter than the standard needs is heard twice."""
    if not len(sound):
        return None
    n_times = max(1, -(-round(_SHORT_S * rate) // len(sound)))
    meter = LevelMeter(rate, 1)
    meter.feed(np.tile(sound, n_times).reshape(-1, 1))
    return meter.level().loudness


def softened(sound: Floats, rate: int = RATE) -> Floats:
    """Returns a sound that rises from nothing and falls to nothing within 8 ms, so that no seam clicks."""
    n_fade = min(round(_FADE_S * rate), len(sound) // 2)
    if not n_fade:
        return sound
    ramp = (0.5 - 0.5 * np.cos(np.linspace(0, np.pi, n_fade))).astype(np.float32)
    faded = sound.copy()
    faded[:n_fade] *= ramp
    faded[-n_fade:] *= ramp[::-1]
    return faded


def silence(seconds: float, rate: int = RATE) -> Floats:
    """Returns so much of nothing."""
    return np.zeros(max(0, round(seconds * rate)), np.float32)
