"""Two texts of one recording beside each other: where their words differ, line by line of the first."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

AT_ONCE = 400
"""So many words are compared together: a comparison of all at once takes time that grows with their square."""
ANCHOR = 4
"""So many equal words in a row are taken for the same place in both."""
APART_S = 10.0
"""A line that only the other text has stands in a row of its own where it begins so long after the line before it."""
_WORD = re.compile(
    r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff][\u3000-\u303f\uff00-\uffef]*\s*"
    r"|[^\s\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+\s*"
)
_SIGNS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a text; ``start`` is in seconds."""

    start: float
    text: str


@dataclass(frozen=True, slots=True)
class Run:
    """Words in a row that are all the same in both texts, or all not."""

    text: str
    same: bool


@dataclass(slots=True)
class Row:
    """What both texts have at one place."""

    start: float
    one: list[Run] = field(default_factory=list)
    other: list[Run] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Differing:
    """Both texts in rows; ``n_words`` are those of the longer one, ``n_different`` those that are not in both."""

    rows: tuple[Row, ...]
    n_words: int
    n_different: int

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON: runs are ``[text, same]``."""
        rows = [
            {"start": row.start, **{name: [[run.text, run.same] for run in runs] for name, runs in _sides(row)}}
            for row in self.rows
        ]
        return {"rows": rows, "n_words": self.n_words, "n_different": self.n_different}


@dataclass(frozen=True, slots=True)
class _Word:
    line: int
    text: str
    key: str


def differing(one: Sequence[Line], other: Sequence[Line]) -> Differing:
    """Compares two texts word by word, Chinese and Japanese sign by sign; case and punctuation do not count."""
    ours, theirs = _words(one), _words(other)
    rows = [Row(line.start) for line in one]
    extra: dict[int, Row] = {}
    n_different, at = 0, 0
    for same, i1, i2, j1, j2 in _steps([word.key for word in ours], [word.key for word in theirs]):
        if not same:
            n_different += max(i2 - i1, j2 - j1)
        for word in ours[i1:i2]:
            _add(rows[word.line].one, word.text, same)
        for number, word in enumerate(theirs[j1:j2]):
            if i2 > i1:
                at = ours[i1 + number * (i2 - i1) // (j2 - j1)].line
                _add(rows[at].other, word.text, same)
                continue
            start = other[word.line].start
            alone = not one or start >= one[at].start + APART_S
            row = extra.setdefault(word.line, Row(start)) if alone else rows[at]
            _add(row.other, word.text, same)
        if i2 > i1:
            at = ours[i2 - 1].line
    filled = [row for row in [*rows, *extra.values()] if row.one or row.other]
    for row in filled:
        _trim(row.one)
        _trim(row.other)
    filled.sort(key=lambda row: row.start)
    return Differing(tuple(filled), max(len(ours), len(theirs)), n_different)


def _sides(row: Row) -> tuple[tuple[str, list[Run]], tuple[str, list[Run]]]:
    return ("one", row.one), ("other", row.other)


def _words(lines: Sequence[Line]) -> list[_Word]:
    found: list[_Word] = []
    for number, line in enumerate(lines):
        for text in _WORD.findall(_spaced(line.text.strip())):
            key = _SIGNS.sub("", text).casefold()
            if key or not found or found[-1].line != number:
                found.append(_Word(number, text, key))
            else:
                # A dash between spaces is no word.
                found[-1] = _Word(number, found[-1].text + text, found[-1].key)
    return found


def _spaced(text: str) -> str:
    """Returns a line so that another one may follow it in its row: words are apart, Chinese signs need not be."""
    return f"{text} " if text and text[-1] < "\u3000" else text


def _trim(runs: list[Run]) -> None:
    if runs:
        runs[-1] = Run(runs[-1].text.rstrip(), runs[-1].same)


def _add(runs: list[Run], text: str, same: bool) -> None:
    if runs and runs[-1].same == same:
        runs[-1] = Run(runs[-1].text + text, same)
    else:
        runs.append(Run(text, same))


def _steps(ours: Sequence[str], theirs: Sequence[str]) -> list[tuple[bool, int, int, int, int]]:
    """Returns ``(same, i1, i2, j1, j2)`` in order; together they cover both."""
    steps: list[tuple[bool, int, int, int, int]] = []
    i = j = 0
    while i < len(ours) or j < len(theirs):
        some, others = ours[i : i + AT_ONCE], theirs[j : j + AT_ONCE]
        last = i + AT_ONCE >= len(ours) and j + AT_ONCE >= len(theirs)
        codes = SequenceMatcher(None, some, others, autojunk=False).get_opcodes()
        i_to, j_to = (len(some), len(others)) if last else _place(codes, len(some), len(others))
        for tag, i1, i2, j1, j2 in codes:
            i2, j2 = min(i2, i_to), min(j2, j_to)
            if i1 < i2 or j1 < j2:
                steps.append((tag == "equal", i + i1, i + max(i1, i2), j + j1, j + max(j1, j2)))
        i, j = i + i_to, j + j_to
    return steps


def _place(codes: Sequence[tuple[str, int, int, int, int]], n_ours: int, n_theirs: int) -> tuple[int, int]:
    """Returns up to where a comparison may be trusted, though more words follow: the middle of its last anchor."""
    for tag, i1, i2, j1, _ in reversed(codes):
        if tag == "equal" and i2 - i1 >= ANCHOR and i2 >= n_ours // 4:
            return i1 + (i2 - i1) // 2, j1 + (i2 - i1) // 2
    return (n_ours // 2 or n_ours), (n_theirs // 2 or n_theirs)
