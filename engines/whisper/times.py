"""Seconds of the joined sound of a chunk become seconds of the recording."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

NEAR_S = 0.5
"""How far from a joint a word of the other side may be heard: alignment errs by this much around the pause there."""


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
        start, end = self._off_the_joints(start, end)
        mapped_start = self._map(start, min(bisect_right(self._starts, start + 1e-6) - 1, len(self._pieces) - 1))
        mapped_end = self._map(end, min(max(bisect_left(self._starts, end - 1e-6) - 1, 0), len(self._pieces) - 1))
        mapped_start = min(mapped_start, self._limit)
        return mapped_start, min(max(mapped_end, mapped_start), self._limit)

    def word_span(self, start: float, end: float, piece: int | None = None) -> tuple[float, float]:
        """Like ``span``, for something that cannot lie in two stretches: in that of number ``piece``, else in that of
        its middle.
        """
        if piece is None:
            piece = self._piece_of(start, end)
        low, high = self._starts[piece], self._starts[piece + 1]
        first = min(self._map(min(max(start, low), high), piece), self._limit)
        return first, min(max(self._map(min(max(end, low), high), piece), first), self._limit)

    def places(self, spans: Sequence[tuple[float, float]], closing: Sequence[bool]) -> list[int]:
        """Returns the number of the stretch in which each word lies; ``closing`` tells of each whether it ends a
        sentence.

        A word alone on the wrong side of a joint goes to its sentence, for the two stretches may lie an hour apart.
        """
        found = [self._piece_of(start, end) for start, end in spans]
        for at in range(len(found) - 1):
            if found[at] == found[at + 1] or closing[at]:
                continue
            joint_before, joint_after = self._starts[found[at] + 1], self._starts[found[at + 1]]
            begins = at == 0 or closing[at - 1]
            ends = closing[at + 1] and (at + 2 == len(found) or found[at + 2] >= found[at + 1])
            if begins and spans[at][0] >= joint_before - NEAR_S:
                found[at] = found[at + 1]
            elif ends and spans[at + 1][1] <= joint_after + NEAR_S:
                found[at + 1] = found[at]
        return found

    def pause_s(self, before: int, after: int) -> float:
        """Returns the seconds of the recording between the end of one stretch and the start of a later one."""
        return max(0.0, self._pieces[after][0] - self._pieces[before][1]) if after > before else 0.0

    def _piece_of(self, start: float, end: float) -> int:
        middle = min(max((start + end) / 2, 0.0), self.sound_s)
        return min(max(bisect_right(self._starts, middle) - 1, 0), len(self._pieces) - 1)

    def _off_the_joints(self, start: float, end: float) -> tuple[float, float]:
        """Moves an end that is just on the wrong side of a joint to the joint."""
        following = bisect_right(self._starts, start)
        if following < len(self._pieces) and self._starts[following] - start < NEAR_S:
            joint = self._starts[following]
            start = joint if end - joint > joint - start else start
        before = bisect_left(self._starts, end) - 1
        if before > 0 and end - self._starts[before] < NEAR_S:
            joint = self._starts[before]
            end = joint if joint - start > end - joint else end
        return start, end

    def _map(self, time: float, piece: int) -> float:
        return self._pieces[piece][0] + time - self._starts[piece]
