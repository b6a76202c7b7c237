"""Leads a sentence of a result back to the sentences it came from, or finds that there are none."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from workbench.writing.figures import figures_of, invented
from workbench.writing.sentences import Sentence

State = Literal["found", "named", "unsupported"]
"""``found``: its words stand there. ``named``: the model named its source, whose words are of another language."""
ENOUGH_NAMED = 0.3
"""Share of its words, by weight, that the sentences which the model named must hold (with their neighbours)."""
ENOUGH_FOUND = 0.42
"""The same for sentences that were found by their words alone."""
MOST_SOURCES = 4
_LATIN = re.compile(r"[a-z0-9\u00c0-\u024f]+(?:['’][a-z]+)?")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")
_EMPTY = frozenset(
    re.findall(
        r"\S+",
        "the a an of and to in is that for it was on with as are be this have we will you not or at by from has they he"
        " she which their there been were also but our can would should about into than then its his her them",
    )
)
_EMPTY_SIGNS = frozenset("的了是在和与就也都而及或被把会要有个这那你我他她它们吗呢吧啊")


@dataclass(frozen=True, slots=True)
class Support:
    """Where a sentence came from: numbers of sentences, and how that is known."""

    ids: tuple[int, ...]
    state: State


class Source:
    """Sentences that can be looked up by their words; ``same_words`` is False where results are in another language."""

    def __init__(self, sentences: Sequence[Sentence], *, same_words: bool = True) -> None:
        self._sentences = {one.id: one for one in sentences}
        self._same_words = same_words
        self._words = {one.id: frozenset(words_of(one.text)) for one in sentences}
        counts = Counter(word for words in self._words.values() for word in words)
        self._weights = {word: math.log(1 + len(self._words) / n) for word, n in counts.items()}
        self._rare = math.log(1 + max(1, len(self._words)))

    def support(self, text: str, named: Iterable[int], within: Iterable[int] | None = None) -> Support:
        """Returns where a sentence of a result came from; ``named`` is what the model said, ``within`` what it saw."""
        ids = tuple(sorted({one for one in named if one in self._sentences}))
        pool = [one for one in (self._words if within is None else within) if one in self._words]
        if not self._same_words:
            return self._across(text, ids, pool)
        wanted = words_of(text)
        if ids and self._held(wanted, self._around(ids)) >= ENOUGH_NAMED and not self._odd(text, self._around(ids)):
            return Support(self._nearer(wanted, ids), "found")
        found = self._best(wanted, pool)
        if found and self._held(wanted, self._around(found)) >= ENOUGH_FOUND:
            return Support(found, "found")
        return Support((), "unsupported")

    def holds(self, words: str, within: Iterable[int]) -> bool:
        """Tells whether a person or a time is in these sentences or speaks them; True where words cannot be compared.

        What has numbers in it is compared by them: 3月15日 is 三月十五号.
        """
        if not self._same_words or any(one.kind != "name" and not one.weak for one in figures_of(words)):
            return True
        there = [self._sentences[one] for one in within if one in self._sentences]
        if _joined(words) in _joined(" ".join(f"{one.speaker or ''} {one.text}" for one in there)):
            return True
        return self._held(words_of(words), [one.id for one in there]) >= ENOUGH_FOUND

    def _nearer(self, wanted: Mapping[str, int], ids: tuple[int, ...]) -> tuple[int, ...]:
        """Returns the sentences close by that hold the words: small models are off by one or two in their counting."""
        near = self._best(wanted, self._around(ids, 2))
        return near if self._held(wanted, near) > 1.2 * self._held(wanted, ids) else ids

    def _across(self, text: str, ids: tuple[int, ...], pool: Sequence[int]) -> Support:
        """Words of two languages cannot be compared; numbers, dates and names in letters can."""
        if ids:
            return Support((), "unsupported") if self._odd(text, self._around(ids, 2)) else Support(ids, "named")
        wanted = {(one.kind, one.value) for one in figures_of(text) if not one.weak}
        hits = {one: len(wanted & {(f.kind, f.value) for f in figures_of(self._sentences[one].text)}) for one in pool}
        best = [one for one, n in sorted(hits.items(), key=lambda item: -item[1])[:MOST_SOURCES] if n]
        enough = wanted and sum(hits[one] for one in best) >= len(wanted)
        return Support(tuple(sorted(best)), "named") if enough else Support((), "unsupported")

    def _odd(self, text: str, ids: Iterable[int]) -> bool:
        """Tells whether a sentence has numbers or dates that its sources do not have."""
        return bool(invented(" \n".join(self._sentences[one].text for one in ids), text))

    def _held(self, wanted: Mapping[str, int], ids: Iterable[int]) -> float:
        """Returns the share of the words, by how rare they are, that these sentences hold."""
        held = frozenset().union(*(self._words[one] for one in ids))
        total = sum(self._weight(word) for word in wanted)
        return sum(self._weight(word) for word in wanted if word in held) / total if total else 0.0

    def _best(self, wanted: Mapping[str, int], pool: Iterable[int]) -> tuple[int, ...]:
        """Returns the few sentences that together hold most of the words."""
        left: set[str] = set(wanted)
        chosen: list[int] = []
        candidates = {one: self._words[one] & left for one in pool}
        while candidates and len(chosen) < MOST_SOURCES:
            best = max(candidates, key=lambda one: sum(self._weight(word) for word in candidates[one] & left))
            gain = sum(self._weight(word) for word in candidates.pop(best) & left)
            if gain <= 0 or (chosen and gain < 0.08 * sum(self._weight(word) for word in wanted)):
                break
            chosen.append(best)
            left -= self._words[best]
        return tuple(sorted(chosen))

    def _around(self, ids: Iterable[int], reach: int = 1) -> list[int]:
        """Returns these sentences and their neighbours: a thought seldom ends with a sentence of speech."""
        near = {one + step for one in ids for step in range(-reach, reach + 1)}
        return sorted(one for one in near if one in self._sentences)

    def _weight(self, word: str) -> float:
        return self._weights.get(word, self._rare)


def _joined(text: str) -> str:
    """Returns a text without spaces, in small letters."""
    return "".join(text.lower().split())


def words_of(text: str) -> dict[str, int]:
    """Returns what a text is compared by: beginnings of words in letters, pairs of signs where there are no spaces."""
    counts: Counter[str] = Counter()
    lower = text.lower()
    for match in _LATIN.finditer(lower):
        word = match.group()
        if word not in _EMPTY and (len(word) > 1 or word.isdecimal()):
            counts[word[:5]] += 1
    for match in _WIDE.finditer(lower):
        run = match.group()
        for at in range(len(run) - 1):
            pair = run[at : at + 2]
            if not (pair[0] in _EMPTY_SIGNS and pair[1] in _EMPTY_SIGNS):
                counts[pair] += 1
    return counts
