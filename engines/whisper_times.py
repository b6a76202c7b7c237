"""Seconds of the joined sound of a chunk become seconds of the recording."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence


class Timeline:
    """The stretches of a chunk, laid end to end.

    A time that falls on a joint belongs to the stretch before it as the end of something, and to the one after it as a
    start.
    """

    def __init__(self, pieces: Sequence[tuple[float, float]], duration_s: float | None = None) -> None:
        self._pieces = list(pieces) or [(0.0, 0.0)]
        self._starts = [0.0]
        for start, end in self._pieces:
            self._starts.append(self._starts[-1] + max(0.0, end - start))
        self._limit = duration_s if duration_s is not None else self._pieces[-1][1]

    @property
    def sound_s(self) -> float:
        """Seconds of sound in all stretches together."""
        return self._starts[-1]

    def span(self, start: float, end: float) -> tuple[float, float]:
        """Returns the start and end in the recording of what lies between two times of the joined sound, clamped and in
        order.
        """
        start = min(max(start, 0.0), self.sound_s)
        end = min(max(end, start), self.sound_s)
        mapped_start = self._map(start, min(bisect_right(self._starts, start + 1e-6) - 1, len(self._pieces) - 1))
        mapped_end = self._map(end, min(max(bisect_left(self._starts, end - 1e-6) - 1, 0), len(self._pieces) - 1))
        mapped_start = min(mapped_start, self._limit)
        return mapped_start, min(max(mapped_end, mapped_start), self._limit)

    def word_span(self, start: float, end: float) -> tuple[float, float]:
        """Like ``span``, for something that cannot lie in two stretches: its middle decides in which it is."""
        middle = min(max((start + end) / 2, 0.0), self.sound_s)
        piece = min(max(bisect_right(self._starts, middle) - 1, 0), len(self._pieces) - 1)
        low, high = self._starts[piece], self._starts[piece + 1]
        first = min(self._map(min(max(start, low), high), piece), self._limit)
        return first, min(max(self._map(min(max(end, low), high), piece), first), self._limit)

    def _map(self, time: float, piece: int) -> float:
        return self._pieces[piece][0] + time - self._starts[piece]
