"""A text in pieces that can be spoken one after another: nothing of it is dropped, and every piece holds a word."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_END = re.compile(r"[。！？；!?;…]+[”’」』）)\]\"']*|\.+[”’」』）)\]\"']*(?=\s|$|[\u3400-\u9fff“「『])|\n+")
_CLAUSE = re.compile(r"[，、,：:—]+[”’」』）)\]\"']*\s*|\s+")
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\[“\"])(?:[A-Za-z]|Dr|Mr|Mrs|Ms|Prof|St|No|Nos|vs|etc|Inc|Ltd|Co|Corp|Jr|Sr|Fig|Eq|Vol|pp|approx|al"
    r"|e\.g|i\.e|U\.S|U\.K|a\.m|p\.m|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)$"
)
_FEW = 5
"""A sentence of less than two words or five Chinese signs is said with its neighbour: alone it sounds clipped."""
_NEIGHBOURS = 60

PARAGRAPH_S, SENTENCE_S, CLAUSE_S = 0.75, 0.4, 0.15


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of a text, ``text[start:end]``; pieces follow each other without a gap."""

    start: int
    end: int


def cut(text: str, most: int) -> list[Piece]:
    """Cuts a text at the ends of sentences and lines, and where one has more than ``most`` signs (0: any number) at the
    best place inside; returns nothing where the text holds no word.

    The pieces together are the whole text.
    """
    whole = [part for span in _sentences(text) for part in _limited(text, span, most)]
    return _with_words(text, _joined(text, whole, most))


def pause_after(text: str, piece: Piece) -> float:
    """Returns the seconds of silence that follow a piece, by what it ends with."""
    said = text[piece.start : piece.end]
    bare = said.rstrip()
    if "\n" in said[len(bare) :] or piece.end >= len(text):
        return PARAGRAPH_S
    return SENTENCE_S if _END.search(bare[-4:] + " ") else CLAUSE_S


def has_words(text: str) -> bool:
    """Tells whether a text holds anything that can be said."""
    return any(sign.isalnum() for sign in text)


def _sentences(text: str) -> Iterator[Piece]:
    start = 0
    for found in _END.finditer(text):
        end = found.end()
        if found.group().startswith(".") and _goes_on(text, found.start(), end):
            continue
        while end < len(text) and text[end].isspace():
            end += 1
        if end > start:
            yield Piece(start, end)
            start = end
    if start < len(text):
        yield Piece(start, len(text))


def _goes_on(text: str, dot: int, end: int) -> bool:
    """Tells whether a full stop belongs to an abbreviation, or to a number at the beginning of a line."""
    following = text[end:].lstrip(" ")[:1]
    before = text[max(0, dot - 12) : dot]
    if following.islower():
        return True
    return _ABBREVIATION.search(before) is not None and following not in ("", "\n")


def _limited(text: str, span: Piece, most: int) -> Iterator[Piece]:
    """Halves a piece that is too long where it hurts least: at a comma, else at a space, else anywhere."""
    start = span.start
    while most and span.end - start > most:
        at = _best_place(text, start, start + most)
        yield Piece(start, at)
        start = at
    yield Piece(start, span.end)


def _best_place(text: str, start: int, limit: int) -> int:
    """Returns where to cut at the latest: the last comma of the second half, else the last space, else the limit."""
    window, half = text[start:limit], (limit - start) // 2
    commas = [found.end() for found in _CLAUSE.finditer(window) if not found.group().isspace()]
    spaces = [found.end() for found in _CLAUSE.finditer(window) if found.group().isspace()]
    for places in (commas, spaces):
        good = [place for place in places if place > half]
        if good:
            return start + good[-1]
    return limit


def _weight(text: str) -> int:
    """Returns about how much there is to say: Chinese signs count one, words two."""
    wide = sum("\u3040" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af" for sign in text)
    return wide + 2 * len(re.findall(r"[A-Za-z0-9\u00c0-\u024f]+", text))


def _joined(text: str, pieces: list[Piece], most: int) -> list[Piece]:
    """Puts very short sentences of one paragraph together."""
    found: list[Piece] = []
    for piece in pieces:
        before = found[-1] if found else None
        if before is not None and _belong(text, before, piece, most):
            found[-1] = Piece(before.start, piece.end)
        else:
            found.append(piece)
    return found


def _belong(text: str, before: Piece, piece: Piece, most: int) -> bool:
    first, second = text[before.start : before.end], text[piece.start : piece.end]
    if "\n" in first[len(first.rstrip()) :] or piece.end - before.start > min(most or _NEIGHBOURS, _NEIGHBOURS):
        return False
    return min(_weight(first), _weight(second)) < _FEW


def _with_words(text: str, pieces: list[Piece]) -> list[Piece]:
    """Gives pieces without a word to the one before, at the beginning of a text to the one after."""
    found: list[Piece] = []
    start = 0
    for piece in pieces:
        if has_words(text[piece.start : piece.end]):
            found.append(Piece(start, piece.end))
        elif found:
            found[-1] = Piece(found[-1].start, piece.end)
        else:
            continue
        start = piece.end
    return found
