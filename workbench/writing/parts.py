"""Puts sentences together to parts that fit a model, cut at speakers and sentences; nothing is left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from workbench.writing.sentences import Sentence

Count = Callable[[str], int]
"""About how many tokens a text is."""
GOOD_SHARE = 0.7
"""From this share of the budget on, a part ends where another person begins to speak."""


@dataclass(frozen=True, slots=True)
class Part:
    """Sentences that a model is given together."""

    sentences: tuple[Sentence, ...]

    @property
    def ids(self) -> tuple[int, ...]:
        """The numbers of its sentences."""
        return tuple(sentence.id for sentence in self.sentences)

    @property
    def signs(self) -> int:
        """How many signs of text it holds."""
        return sum(len(sentence.text) for sentence in self.sentences)

    @property
    def span(self) -> tuple[float, float] | None:
        """Its time in seconds, None for a plain text."""
        starts = [one.start for one in self.sentences if one.start is not None]
        ends = [one.end for one in self.sentences if one.end is not None]
        return (min(starts), max(ends)) if starts and ends else None


def parts_of(sentences: Sequence[Sentence], budget: int, count: Count, most: int | None = None) -> list[Part]:
    """Returns parts of at most ``budget`` tokens and ``most`` sentences; a sentence that is longer is a part alone."""
    parts: list[Part] = []
    open_: list[Sentence] = []
    used = 0
    for sentence in sentences:
        size = count(sentence.text) + 4
        turns = bool(open_) and sentence.speaker != open_[-1].speaker and used >= budget * GOOD_SHARE
        full = used + size > budget or (most is not None and len(open_) >= most)
        if open_ and (turns or full):
            parts.append(Part(tuple(open_)))
            open_, used = [], 0
        open_.append(sentence)
        used += size
    return [*parts, Part(tuple(open_))] if open_ else parts


def packed(sizes: Sequence[int], budget: int) -> list[tuple[int, int]]:
    """Returns stretches ``(from, to)`` of items whose sizes fit the budget, each with two items at least.

    Two, because a round that puts nothing together would never end.
    """
    stretches: list[tuple[int, int]] = []
    first = used = 0
    for number, size in enumerate(sizes):
        if number - first >= 2 and used + size > budget:
            stretches.append((first, number))
            first, used = number, 0
        used += size
    if first < len(sizes):
        stretches.append((first, len(sizes)))
    if len(stretches) > 1 and stretches[-1][1] - stretches[-1][0] == 1:
        stretches[-2:] = [(stretches[-2][0], stretches[-1][1])]
    return stretches
