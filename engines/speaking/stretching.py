"""Speech made faster or slower at the same pitch, for networks that know no speed.

Overlapping pieces are put together where they fit (WSOLA, Verhelst and Roelands 1993).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]

_PIECE_S = 0.03
"""Long enough for two waves of a low voice, short enough that no sound is heard twice."""
_SEARCH_S = 0.01


def stretched(sound: Floats, speed: float, rate: int) -> Floats:
    """Returns ``(n / speed,)``; a speed of 1, and a sound shorter than a piece, come back as they are."""
    hop = round(_PIECE_S * rate) // 2
    size, search = 2 * hop, round(_SEARCH_S * rate)
    if abs(speed - 1.0) < 0.005 or len(sound) < size + search:
        return sound
    n_out = round(len(sound) / speed)
    window = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)).astype(np.float32)
    padded = np.concatenate([np.zeros(search, np.float32), sound, np.zeros(size + hop + search, np.float32)])
    made = np.zeros(n_out + size + hop, np.float32)
    made[:hop] = padded[search : search + hop] * window[hop:]
    wanted = padded[search : search + size]
    for at in range(0, n_out + hop, hop):
        near = min(round(at * speed), len(sound)) + search
        best = _best(padded, near, wanted, search)
        made[at : at + size] += padded[best : best + size] * window
        wanted = padded[best + hop : best + hop + size]
        if len(wanted) < size:
            break
    return made[:n_out]


def _best(sound: Floats, near: int, wanted: Floats, search: int) -> int:
    """Returns where, around a place, the sound goes on most like what was wanted."""
    first = max(0, near - search)
    last = min(len(sound) - len(wanted), near + search)
    if last <= first:
        return max(0, min(first, len(sound) - len(wanted)))
    stretch = sound[first : last + len(wanted)]
    likeness = np.correlate(stretch, wanted, "valid")
    power = np.cumsum(np.concatenate([[0.0], stretch.astype(np.float64) ** 2]))
    lengths = np.sqrt(np.maximum(power[len(wanted) :] - power[: -len(wanted)], 1e-9))
    return first + int(np.argmax(likeness / lengths))
