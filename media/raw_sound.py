"""Sound that comes as bare samples, piece by piece, becomes 16 kHz mono without loading a decoder."""

from __future__ import annotations

from math import gcd

import numpy as np

from media.audio import SAMPLE_RATE
from media.vad import Floats

FORMATS: dict[str, int] = {"pcm16": 24_000, "g711_ulaw": 8_000, "g711_alaw": 8_000}
"""Sample rates by the names that OpenAI gives the formats."""
_HALF = 24
_BETA = 8.0


class RawSound:
    """Takes bytes of one of ``FORMATS``, cut anywhere, and gives 16 kHz mono int16, little-endian."""

    def __init__(self, format: str) -> None:
        self.format = format
        self._rate = RateChange(FORMATS[format])
        self._rest = b""

    def feed(self, content: bytes) -> bytes:
        """Returns what follows; a few samples stay behind until more comes."""
        content = self._rest + content
        if self.format == "pcm16":
            n_whole = len(content) // 2 * 2
            content, self._rest = content[:n_whole], content[n_whole:]
            samples = np.frombuffer(content, "<i2").astype(np.float32)
        else:
            law = _ULAW if self.format == "g711_ulaw" else _ALAW
            samples = law[np.frombuffer(content, np.uint8)]
        changed = np.clip(np.rint(self._rate.feed(samples)), -32768, 32767)
        return changed.astype("<i2").tobytes()


class RateChange:
    """A polyphase filter with a Kaiser window (Oppenheim and Schafer, Discrete-Time Signal Processing, 4.6 and 7.5)."""

    def __init__(self, rate: int, wanted: int = SAMPLE_RATE) -> None:
        both = gcd(rate, wanted)
        self._up, self._down = wanted // both, rate // both
        cutoff = min(1.0, wanted / rate)
        at = [divmod(phase * self._down, self._up) for phase in range(self._up)]
        self._places = [whole for whole, _ in at]
        self._kernels = [_kernel(left / self._up, cutoff) for _, left in at]
        self._kept: Floats = np.zeros(_HALF - 1, np.float32)

    def feed(self, samples: Floats) -> Floats:
        """Returns samples at the wanted rate."""
        joined = np.concatenate((self._kept, samples))
        n_groups = max(0, (len(joined) - self._places[-1] - 2 * _HALF) // self._down + 1)
        if not n_groups:
            self._kept = joined
            return np.empty(0, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(joined, 2 * _HALF)
        made = np.empty((n_groups, self._up), np.float32)
        for phase, (place, kernel) in enumerate(zip(self._places, self._kernels, strict=True)):
            made[:, phase] = windows[place :: self._down][:n_groups] @ kernel
        self._kept = joined[n_groups * self._down :].copy()
        return made.reshape(-1)


def _kernel(offset: float, cutoff: float) -> Floats:
    """Returns the filter for a place ``offset`` of a sample behind the middle of its window."""
    at = np.arange(-_HALF + 1, _HALF + 1) - offset
    window = np.i0(_BETA * np.sqrt(np.clip(1 - (at / _HALF) ** 2, 0, 1))) / np.i0(_BETA)
    kernel = cutoff * np.sinc(cutoff * at) * window
    return np.asarray(kernel / kernel.sum(), np.float32)


def _ulaw() -> Floats:
    """ITU-T G.711, table 2a."""
    code = ~np.arange(256, dtype=np.uint8)
    exponent, mantissa = (code >> 4) & 7, code & 15
    size = (((mantissa.astype(np.int32) << 3) + 132) << exponent.astype(np.int32)) - 132
    return np.where(code & 128, -size, size).astype(np.float32)


def _alaw() -> Floats:
    """ITU-T G.711, table 1a."""
    code = np.arange(256, dtype=np.uint8) ^ 0x55
    exponent, mantissa = ((code >> 4) & 7).astype(np.int32), (code & 15).astype(np.int32)
    size = np.where(exponent == 0, (mantissa << 4) + 8, ((mantissa << 4) + 264) << np.maximum(exponent - 1, 0))
    return np.where(code & 128, size, -size).astype(np.float32)


_ULAW, _ALAW = _ulaw(), _alaw()
