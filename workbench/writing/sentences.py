"""Cuts a document into sentences with numbers; no sign is lost, and no sentence reaches over a line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.writing.document import Document, Line

LONGEST = 160
"""Signs of a sentence; what has no end by then, as speech without punctuation, is cut at a comma or space."""
_ABBREVIATIONS = frozenset(re.findall(r"\S+", "mr mrs ms dr prof sr jr st vs etc e.g i.e no inc ltd co approx fig"))
_CLOSING = "\"'”’）)」』】》〉]"
_WIDE_ENDS = "。！？；…"
_NARROW_ENDS = ".!?"
_CLAUSE_ENDS = "，,、：:;—"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence; ``id`` counts from 1 through the document, ``line`` is the number of its line."""

    id: int
    line: int
    text: str
    start: float | None = None
    end: float | None = None
    speaker: str | None = None


def sentences_of(document: Document, longest: int = LONGEST) -> list[Sentence]:
    """Returns the sentences of a document; joined, those of a line are its text, but for spaces between them."""
    found: list[Sentence] = []
    for line in document.lines:
        for first, last in _cuts(line.text, longest):
            start, end = _times(line, first, last)
            found.append(Sentence(len(found) + 1, line.number, line.text[first:last], start, end, line.speaker))
    return found


def pieces_of(text: str, longest: int = LONGEST) -> list[str]:
    """Returns the sentences of one line as texts."""
    return [text[first:last] for first, last in _cuts(text, longest)]


def whole_lines(document: Document) -> list[Sentence]:
    """Returns each line as one sentence: subtitles keep their lines."""
    return [
        Sentence(number, line.number, line.text, line.start, line.end, line.speaker)
        for number, line in enumerate(document.lines, start=1)
    ]


def _cuts(text: str, longest: int) -> Iterator[tuple[int, int]]:
    first = 0
    for last in [*_ends(text), len(text)]:
        for begin, end in _shortened(text, first, last, longest):
            while begin < end and text[begin].isspace():
                begin += 1
            while end > begin and text[end - 1].isspace():
                end -= 1
            if begin < end:
                yield begin, end
        first = last


def _ends(text: str) -> Iterator[int]:
    """Yields the places behind the ends of sentences."""
    place = 0
    while place < len(text):
        sign = text[place]
        place += 1
        if sign not in _WIDE_ENDS and sign not in _NARROW_ENDS:
            continue
        begin = place - 1
        while place < len(text) and (text[place] in _WIDE_ENDS or text[place] in _NARROW_ENDS):
            place += 1
        while place < len(text) and text[place] in _CLOSING:
            place += 1
        if sign in _WIDE_ENDS or _ends_there(text, begin, place):
            yield place


def _ends_there(text: str, begin: int, place: int) -> bool:
    """Tells whether a full stop ends a sentence: not inside 3.5 or a.b, nor behind Mr or an initial."""
    if place < len(text) and not text[place].isspace() and not _is_wide(text[place]):
        return False
    if text[begin] != ".":
        return True
    word = re.search(r"[\w.]*$", text[:begin])
    before = word.group().lower() if word else ""
    if before in _ABBREVIATIONS or (len(before) == 1 and before.isalpha() and before.isascii()):
        return False
    following = text[place:].lstrip()
    return not following or not following[0].islower()


def _shortened(text: str, first: int, last: int, longest: int) -> Iterator[tuple[int, int]]:
    while last - first > longest:
        window = text[first : first + longest]
        third = longest // 3
        clause = max((window.rfind(sign, third) for sign in _CLAUSE_ENDS), default=-1)
        place = clause if clause >= 0 else window.rfind(" ", third)
        cut = first + (place + 1 if place >= 0 else longest)
        yield first, cut
        first = cut
    yield first, last


def _times(line: Line, first: int, last: int) -> tuple[float | None, float | None]:
    """Returns the times of a stretch of a line, its time shared out by length."""
    if line.start is None or line.end is None:
        return None, None
    length, spoken = max(1, len(line.text)), line.end - line.start
    return round(line.start + spoken * first / length, 3), round(line.start + spoken * last / length, 3)


def _is_wide(sign: str) -> bool:
    return "\u2e80" <= sign <= "\u9fff" or "\uff00" <= sign <= "\uffef" or "\u3000" <= sign <= "\u303f"
