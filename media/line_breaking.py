"""Cuts text into lines that read well: units that stay whole, their times, and two balanced lines."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from media.transcript import Segment

_SENTENCE_END = frozenset(".!?。！？…؟।")
_CLAUSE_END = frozenset(",;:，；：、—،")
_NOT_AT_START = frozenset("，。！？、；：）」』】》〉”’…,.!?;:)]}%‰～ー々っゃゅょァィゥェォッャュョ")
_NOT_AT_END = frozenset("（「『【《〈“‘([{$¥#@")
_UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Unit:
    """A piece of text that no line break divides.

    ``spaced`` where a space stands before it; ``in_word`` where a break before it would divide a recognised word, such
    as 第一 of Chinese: allowed, but worse than others.
    """

    text: str
    start: float
    end: float
    spaced: bool
    in_word: bool = False

    @property
    def width(self) -> int:
        """Columns without the space before it."""
        return columns(self.text)

    @property
    def ending(self) -> int:
        """2 at the end of a sentence, 1 of a clause, else 0."""
        last = self.text.rstrip("\"'”’）)」』】》")[-1:] or self.text[-1:]
        return 2 if last in _SENTENCE_END else 1 if last in _CLAUSE_END else 0


def columns(text: str) -> int:
    """Returns the width of ``text`` in columns: Chinese, Japanese and Korean signs and emoji take two, marks none."""
    if text.isascii():
        return len(text)
    return sum(_columns(sign) for sign in text)


def plain(text: str) -> str:
    """Returns ``text`` on one line without signs that files or screens choke on."""
    return " ".join(_UNWANTED.sub(" ", text).split())


def units(segment: Segment, widest: int) -> list[Unit]:
    """Cuts a segment's text into units of at most ``widest`` columns, with the times of its words.

    A text that was edited no longer equals its words; then the segment's time is shared out by length.
    """
    text = plain(segment.text)
    pieces = _pieces(text, widest)
    clock = _Clock(segment, text)
    return [
        Unit(
            text[first:last],
            clock.start(first),
            clock.end(last),
            spaced=first > 0 and text[first - 1] == " ",
            in_word=clock.in_word(first),
        )
        for first, last in pieces
    ]


def joined(line: Sequence[Unit]) -> str:
    """Returns the text of a line."""
    return "".join((" " if unit.spaced and number else "") + unit.text for number, unit in enumerate(line))


def width(line: Sequence[Unit]) -> int:
    """Returns the columns of a line."""
    return sum(unit.width + (unit.spaced and number > 0) for number, unit in enumerate(line))


def two_lines(line: Sequence[Unit], widest: int) -> list[str] | None:
    """Returns ``line`` as one line, or two as equal as good breaks allow; None where two are not enough."""
    whole = width(line)
    if whole <= widest:
        return [joined(line)]
    best: tuple[float, int] | None = None
    above = 0
    for number in range(1, len(line)):
        unit = line[number - 1]
        above += unit.width + (unit.spaced and number > 1)
        below = whole - above - line[number].spaced
        if above <= widest and below <= widest:
            cost = abs(above - below) - 8 * unit.ending + 8 * line[number].in_word
            best = min(best, (cost, number)) if best else (cost, number)
    if best is None:
        return None
    return [joined(line[: best[1]]), joined(line[best[1] :])]


class _Clock:
    """Gives the time of each place in a text: linear inside a word, or inside the segment where there are no words."""

    def __init__(self, segment: Segment, text: str) -> None:
        self._firsts: list[int] = []
        self._stretches: list[tuple[int, int, float, float]] = []
        at = 0
        for word in segment.words:
            said = plain(word.text)
            found = text.find(said, at) if said else -1
            if not said:
                continue
            if found < 0 or text[at:found].strip():
                self._stretches = []
                break
            at = found + len(said)
            self._stretches.append((found, at, word.start, word.end))
        self._knows_words = bool(self._stretches) and not text[at:].strip()
        if not self._knows_words:
            self._stretches = [(0, max(1, len(text)), segment.start, segment.end)]
        self._firsts = [stretch[0] for stretch in self._stretches]

    def start(self, place: int) -> float:
        return self._at(place, place)

    def end(self, place: int) -> float:
        return self._at(place - 1, place)

    def in_word(self, place: int) -> bool:
        """Tells whether a word begins before ``place`` and ends behind it."""
        number = bisect_right(self._firsts, place) - 1
        if not self._knows_words or number < 0:
            return False
        first, last, _, _ = self._stretches[number]
        return first < place < last

    def _at(self, inside: int, place: int) -> float:
        number = max(0, bisect_right(self._firsts, inside) - 1)
        first, last, start, end = self._stretches[number]
        share = min(1.0, max(0.0, (place - first) / (last - first)))
        return start + share * (end - start)


def _columns(sign: str) -> int:
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(sign) in "WF" else 1


def _pieces(text: str, widest: int) -> list[tuple[int, int]]:
    """Returns where the units of ``text`` begin and end: spaced words, single wide signs, each with its punctuation."""
    pieces: list[tuple[int, int]] = []
    first = 0
    for place in range(1, len(text) + 1):
        if place < len(text) and not _may_break(text, first, place):
            continue
        last = place - 1 if place < len(text) and text[place - 1] == " " else place
        if last > first:
            pieces += _hard_cuts(text, first, last, widest)
        first = place
    return pieces


def _may_break(text: str, first: int, place: int) -> bool:
    before, after = text[place - 1], text[place]
    if before == " ":
        return True
    if after == " " or after in _NOT_AT_START or before in _NOT_AT_END or _columns(after) == 0:
        return False
    return _columns(before) == 2 or _columns(after) == 2 or (before in _NOT_AT_START and not before.isascii())


def _hard_cuts(text: str, first: int, last: int, widest: int) -> list[tuple[int, int]]:
    """Cuts a unit that is wider than a line, such as an address."""
    if columns(text[first:last]) <= widest:
        return [(first, last)]
    cuts, begin, used = [], first, 0
    for place in range(first, last):
        used += _columns(text[place])
        if used > widest:
            cuts.append((begin, place))
            begin, used = place, _columns(text[place])
    return [*cuts, (begin, last)]
