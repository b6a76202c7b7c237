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
_LEAST_ALIKE = 0.55
_FARTHEST = (8, 5)
"""A camera that is swung moves a picture by at most so many columns and rows of a small one from frame to frame."""
_REMEMBERED = 6
_BINS = 16

Grey = npt.NDArray[np.uint8]


class SceneFinder:
    """Tells of each picture, in order, whether a new scene begins with it.

    Within a scene a picture resembles the one before it, or changes as much as the ones before did. A cut changes the
    places of light (mean difference), and with them its amount (histogram), or what is seen: then the picture does not
    resemble the one before it however that is moved, as where a camera is swung. A flash is over at once but counts as
    a cut, which costs nothing but a little sharpness.
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
        found = change > _LEAST_CHANGE and change > _TIMES_USUAL * usual
        if found:
            moved = float(np.abs(shares - before_shares).sum()) / 2
            found = moved > _LEAST_MOVED or alike(before, picture) < _LEAST_ALIKE
        if found:
            self._changes.clear()
        else:
            self._changes.append(change)
        return found


def alike(one: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> float:
    """Returns how much two pictures have in common, -1 to 1, when one is moved over the other to where it fits best."""
    height, width = one.shape
    best = -1.0
    for down in range(-_FARTHEST[1], _FARTHEST[1] + 1):
        for right in range(-_FARTHEST[0], _FARTHEST[0] + 1):
            a = one[max(0, down) : height + min(0, down), max(0, right) : width + min(0, right)]
            b = other[max(0, -down) : height + min(0, -down), max(0, -right) : width + min(0, -right)]
            a, b = a - a.mean(), b - b.mean()
            size = float(np.sqrt((a * a).sum() * (b * b).sum()))
            # Two empty pictures are alike.
            best = max(best, float((a * b).sum()) / size if size > a.size else 1.0)
    return best


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
