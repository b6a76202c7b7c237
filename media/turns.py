"""Gives the words of a transcript to those who spoke them."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from media.transcript import Segment, Word
from media.voices import Turn

NEAR_S = 1.0
"""A word outside of all turns belongs to the nearest one within this distance."""
OVERLAP_SHARE = 0.3
"""A line is marked as spoken over another when somebody else is heard for this part of it."""
STRAY_S = 0.4
"""Fewer seconds than this between words of one speaker, and no pause around, are a slip of the clock, not a remark."""


@dataclass(frozen=True, slots=True)
class Part:
    """A line of a transcript, or a part of one, with its speaker (None where nobody was heard)."""

    index: int
    segment: Segment
    speaker: int | None


class Floor:
    """Who has the floor when; built once for a recording."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self._turns = sorted(turns, key=lambda turn: (turn.start, turn.end))
        self._starts = [turn.start for turn in self._turns]
        self._longest = max((turn.end - turn.start for turn in self._turns), default=0.0)

    def seconds(self, start: float, end: float) -> dict[int, float]:
        """Returns for how many seconds of a stretch each speaker is heard."""
        found: dict[int, float] = {}
        for turn in self._near(start, end):
            shared = min(end, turn.end) - max(start, turn.start)
            if shared > 0:
                found[turn.speaker] = found.get(turn.speaker, 0.0) + shared
        return found

    def speaker(self, start: float, end: float) -> int | None:
        """Returns who speaks in a stretch: who is heard longest, else who is heard nearest."""
        heard = self.seconds(start, end)
        if heard:
            return max(heard, key=lambda who: (heard[who], -who))
        near = [
            (max(turn.start - end, start - turn.end), turn.speaker) for turn in self._near(start - NEAR_S, end + NEAR_S)
        ]
        return min(near)[1] if near else None

    def _near(self, start: float, end: float) -> Sequence[Turn]:
        first = bisect_left(self._starts, start - self._longest)
        last = bisect_left(self._starts, end)
        return [turn for turn in self._turns[first:last] if turn.end > start]


Stretch = tuple[float, float, str | None]
"""A line that is given to somebody else: its start and end in seconds, and whose it was."""


def given(
    turns: Sequence[tuple[float, float, str]], stretches: Sequence[Stretch], key: str
) -> list[tuple[float, float, str]]:
    """Returns turns ``(start, end, key)``, as they are when lines are given to the speaker ``key``.

    What is heard in a stretch of the one whose line it was is heard of the other; where that one was not heard, the
    whole stretch is.
    """
    ordered = sorted(stretches, key=lambda stretch: stretch[:2])
    starts = [start for start, _, _ in ordered]
    ends = list(accumulate((end for _, end, _ in ordered), max))
    heard: set[int] = set()
    found: list[tuple[float, float, str]] = []
    for start, end, who in turns:
        at = start
        for n in range(bisect_right(ends, start), bisect_left(starts, end)):
            first, last = max(at, ordered[n][0]), min(end, ordered[n][1])
            if ordered[n][2] != who or last <= first:
                continue
            found += [(at, first, who)] if first > at else []
            found.append((first, last, key))
            heard.add(n)
            at = last
        found += [(at, end, who)] if end > at else []
    found += [(start, end, key) for n, (start, end, _) in enumerate(ordered) if n not in heard and end > start]
    return sorted(found)


def share_out(segments: Sequence[Segment], turns: Sequence[Turn]) -> list[Part]:
    """Returns the lines with their speakers, cut where the speaker changes within one.

    A line whose words no longer say what it says (somebody edited it) stays whole and goes to whom most of it belongs.
    """
    floor = Floor(turns)
    parts: list[Part] = []
    for index, segment in enumerate(segments):
        if segment.words and _said(segment.words) == segment.text.strip():
            parts += _cut(index, segment, floor)
        else:
            parts.append(Part(index, _marked(segment, floor), floor.speaker(segment.start, segment.end)))
    return parts


def _cut(index: int, segment: Segment, floor: Floor) -> list[Part]:
    speakers = _smoothed(segment.words, [floor.speaker(word.start, word.end) for word in segment.words])
    parts: list[Part] = []
    first = 0
    for at in range(1, len(speakers) + 1):
        if at < len(speakers) and speakers[at] == speakers[first]:
            continue
        words = segment.words[first:at]
        start = segment.start if first == 0 else words[0].start
        end = segment.end if at == len(speakers) else words[-1].end
        part = replace(segment, start=start, end=max(start, end), text=_said(words), words=words)
        parts.append(Part(index, _marked(part, floor), speakers[first]))
        first = at
    return parts


def _smoothed(words: Sequence[Word], speakers: Sequence[int | None]) -> list[int | None]:
    """Takes away changes that are too short to be a remark, and gives words without a speaker to their neighbours."""
    found = list(speakers)
    for at, speaker in enumerate(found):
        if speaker is None and at:
            found[at] = found[at - 1]
    for at in range(len(found) - 2, -1, -1):
        if found[at] is None:
            found[at] = found[at + 1]
    first = 0
    while first < len(found):
        last = first
        while last + 1 < len(found) and found[last + 1] == found[first]:
            last += 1
        inside = first > 0 and last + 1 < len(found) and found[first - 1] == found[last + 1]
        if inside and words[last].end - words[first].start < STRAY_S:
            found[first : last + 1] = [found[first - 1]] * (last + 1 - first)
        first = last + 1
    return found


def _marked(segment: Segment, floor: Floor) -> Segment:
    heard = floor.seconds(segment.start, segment.end)
    length = segment.end - segment.start
    twice = sum(heard.values()) - length
    flags = tuple(flag for flag in segment.flags if flag != "overlap")
    if length > 0 and twice / length >= OVERLAP_SHARE:
        flags += ("overlap",)
    return replace(segment, flags=flags)


def _said(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words).strip()
