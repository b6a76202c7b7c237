"""Where one scene ends and the next begins, from small grey pictures; and how scenes are cut into runs of frames."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

SMALL = (64, 36)
"""Width and height of the pictures that are compared."""
_LEAST_CHANGE = 14.0
_TIMES_USUAL = 3.0
_LEAST_MOVED = 0.28
_REMEMBERED = 6
_BINS = 16

Grey = npt.NDArray[np.uint8]


class SceneFinder:
    """Tells of each picture, in order, whether a new scene begins with it.

    Within a scene a picture resembles the one before it, or changes as much as the ones before did. A cut changes both
    the places (mean difference) and the amount (histogram) of light; fast movement changes the places only, and a flash
    is over at once but counts as a cut, which costs nothing but a little sharpness.
    """

    def __init__(self) -> None:
        self._before: npt.NDArray[np.float32] | None = None
        self._shares: npt.NDArray[np.float64] = np.zeros(_BINS)
        self._changes: deque[float] = deque(maxlen=_REMEMBERED)

    def feed(self, grey: Grey) -> bool:
        """Takes the next picture ``(36, 64)``; the first one begins a scene."""
        picture = grey.astype(np.float32)
        shares = np.histogram(grey, bins=_BINS, range=(0, 256))[0] / grey.size
        before, before_shares = self._before, self._shares
        self._before, self._shares = picture, shares
        if before is None:
            return True
        change = float(np.abs(picture - before).mean())
        usual = max(self._changes, default=0.0)
        moved = float(np.abs(shares - before_shares).sum()) / 2
        found = change > _LEAST_CHANGE and change > _TIMES_USUAL * usual and moved > _LEAST_MOVED
        if found:
            self._changes.clear()
        else:
            self._changes.append(change)
        return found


def runs_of(starts: Sequence[int], n_frames: int, length: int) -> list[tuple[int, int]]:
    """Returns runs ``(first, end)`` of about ``length`` frames, at most one and a half, none across a scene's start."""
    found: list[tuple[int, int]] = []
    for first, end in zip(starts, [*starts[1:], n_frames], strict=True):
        n_runs = max(1, round((end - first) / length))
        edges = [first + (end - first) * n // n_runs for n in range(n_runs + 1)]
        found += [(a, b) for a, b in zip(edges, edges[1:], strict=False) if b > a]
    return found


def run_length(width: int, height: int) -> int:
    """Returns how many frames a run has: few large ones, so that little is lost when a server dies."""
    return int(min(48, max(16, 1_000_000 // (width * height))))
