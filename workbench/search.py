"""Words of texts and of queries: pure, the same for writing the index, asking it, and marking what was found.

A token is a folded word (compatibility forms, case and accents folded); a symbol such as ``%``, ``<`` or an emoji is
a token of its own; punctuation and spaces only divide. Scripts that are written without spaces become overlapping pairs
of signs and, at the end of each run, the last sign alone: any one sign then begins some token, and any longer stretch
is a phrase of pairs.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Literal, NamedTuple

MAX_QUERY_SIGNS = 400
"""More of a query than this is not looked at."""

_RANGES = (
    (0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1100, 0x11FF), (0x1780, 0x17FF), (0x2E80, 0x2FDF), (0x3005, 0x3007),
    (0x3021, 0x3029), (0x3031, 0x3035), (0x3040, 0x30FF), (0x3100, 0x31BF), (0x31F0, 0x31FF), (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF), (0xA000, 0xA4CF), (0xA960, 0xA97F), (0xAC00, 0xD7FF), (0xF900, 0xFAFF), (0xFF66, 0xFFDC),
    (0x1B000, 0x1B2FF), (0x20000, 0x3FFFF),
)  # fmt: skip
"""Thai, Lao, Burmese, Hangul, Khmer, Han, kana, bopomofo, Yi: written without spaces, or found inside of words."""
_SYMBOLS = frozenset("%&#@*")
"""Punctuation by Unicode, but part of what people mean: 50%, R&D, #3, @name."""
_WIDE = 0xFEE0
"""ASCII symbols are indexed as their wide forms, which the index takes for letters; folding never yields those."""
_JOINS = ((0x1160, 0x11FF), (0xFE00, 0xFE0F), (0xFF9E, 0xFF9F), (0xE0100, 0xE01EF))
"""Hangul vowels and ends, half-width voice marks, variation selectors: they belong to the sign before them."""
_ASCII_TOKEN = re.compile(r"[0-9A-Za-z]+|[$+<=>^`|~%&#@*]")
_PIECE = re.compile(r'"([^"]*)"|“([^”]*)”|„([^“”]*)[“”]|«([^»]*)»|「([^」]*)」|[^\s"“„«「]+')

Kind = Literal["word", "pair", "sign", "symbol", "divider"]


class Token(NamedTuple):
    """A token of a text and its place in characters; ``first_end`` is where its first sign ends."""

    text: str
    kind: Kind
    start: int
    end: int
    first_end: int


@dataclass(frozen=True, slots=True)
class Term:
    """Tokens that must follow each other; with ``prefix`` the last one may be the beginning of a longer one."""

    tokens: tuple[str, ...]
    prefix: bool


@dataclass(frozen=True, slots=True)
class Query:
    """What must all occur in a line; without terms nothing is found."""

    terms: tuple[Term, ...]


class _Sign(NamedTuple):
    text: str
    kind: Kind
    start: int
    end: int


def tokenize(text: str) -> list[Token]:
    """Returns the tokens of a text in order."""
    if text.isascii():
        return [_ascii_token(found) for found in _ASCII_TOKEN.finditer(text)]
    tokens: list[Token] = []
    for kind, group in groupby(_signs(text), key=_group_key):
        signs = list(group)
        if kind == "word":
            tokens.append(_joined(signs, "word"))
        elif kind == "sign":
            tokens.extend(_joined(signs[at : at + 2], "pair") for at in range(len(signs) - 1))
            tokens.append(_joined(signs[-1:], "sign"))
        elif kind == "symbol":
            tokens.extend(_joined([sign], "symbol") for sign in signs)
    return tokens


def index_text(text: str) -> str:
    """Returns the tokens of a text as the search index takes them, divided by spaces."""
    return " ".join(token.text for token in tokenize(text))


def parse(text: str, all_prefixes: bool = False) -> Query:
    """Reads what a person typed; nothing in it is an operator but quotation marks around words that belong together.

    The last word may be the beginning of one unless a space follows it; with ``all_prefixes`` every word may.
    """
    text = text[:MAX_QUERY_SIGNS]
    terms: dict[Term, None] = {}
    for piece in _PIECE.finditer(text):
        quoted = next((group for group in piece.groups() if group is not None), None)
        tokens = tokenize(piece.group() if quoted is None else quoted)
        if len(tokens) > 1 and tokens[-1].kind == "sign" and tokens[-2].end == tokens[-1].end:
            tokens.pop()
        if tokens:
            loose = quoted is None and (all_prefixes or piece.end() == len(text))
            prefix = tokens[-1].kind == "sign" or (tokens[-1].kind == "word" and loose)
            terms[Term(tuple(token.text for token in tokens), prefix)] = None
    return Query(tuple(terms))


def match_expression(query: Query) -> str:
    """Returns the query in FTS5's language; every token is quoted, so nothing in it can be read as syntax."""
    return " AND ".join(f'"{" ".join(term.tokens)}"{" *" if term.prefix else ""}' for term in query.terms)


def found_ranges(text: str, query: Query) -> tuple[tuple[int, int], ...]:
    """Returns the stretches of a text that a query means, in order, joined; empty if a term is missing."""
    tokens = tokenize(text)
    found: list[tuple[int, int]] = []
    for term in query.terms:
        here = [place for first in range(len(tokens)) if (place := _match_at(tokens, first, term))]
        if not here:
            return ()
        found.extend(here)
    return _merge(sorted(found))


def _match_at(tokens: Sequence[Token], first: int, term: Term) -> tuple[int, int] | None:
    last = first + len(term.tokens) - 1
    if last >= len(tokens):
        return None
    if any(tokens[first + at].text != text for at, text in enumerate(term.tokens[:-1])):
        return None
    wanted, token = term.tokens[-1], tokens[last]
    if token.text == wanted:
        return tokens[first].start, token.end
    if term.prefix and token.text.startswith(wanted):
        return tokens[first].start, token.first_end if token.kind == "pair" else token.end
    return None


def _merge(places: Sequence[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    merged: list[tuple[int, int]] = []
    for start, end in places:
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


def _ascii_token(found: re.Match[str]) -> Token:
    text, start, end = found.group(), found.start(), found.end()
    if text.isalnum():
        return Token(text.lower(), "word", start, end, start + 1)
    return Token(_wide(text), "symbol", start, end, end)


def _joined(signs: Sequence[_Sign], kind: Kind) -> Token:
    text = "".join(sign.text for sign in signs)
    return Token(text, kind, signs[0].start, signs[-1].end, signs[0].end)


def _group_key(sign: _Sign) -> Kind:
    return sign.kind


def _signs(text: str) -> Iterator[_Sign]:
    """Yields the folded signs of a text; marks that belong to the sign before them are folded with it."""
    start = 0
    for end in range(1, len(text) + 1):
        if end < len(text) and _joins(text[end]):
            continue
        for folded, kind in _folded(text[start:end]):
            yield _Sign(folded, kind, start, end)
        start = end


def _joins(sign: str) -> bool:
    if sign.isascii():
        return False
    code = ord(sign)
    if any(first <= code <= last for first, last in _JOINS):
        return True
    return unicodedata.combining(sign) != 0 or unicodedata.category(sign) == "Cf"


@lru_cache(maxsize=16_384)
def _folded(cluster: str) -> tuple[tuple[str, Kind], ...]:
    plain = unicodedata.normalize("NFKC", cluster).casefold()
    loose = unicodedata.normalize("NFKD", plain)
    kept = "".join(sign for sign in loose if not "\u0300" <= sign <= "\u036f" and not _is_ignored(sign))
    signs = unicodedata.normalize("NFC", kept)
    kinds = ((sign, _kind(sign)) for sign in signs)
    return tuple((_wide(sign) if kind == "symbol" else sign, kind) for sign, kind in kinds)


def _wide(symbol: str) -> str:
    return chr(ord(symbol) + _WIDE) if symbol.isascii() else symbol


def _is_ignored(sign: str) -> bool:
    return "\ufe00" <= sign <= "\ufe0f" or unicodedata.category(sign) == "Cf"


def _kind(sign: str) -> Kind:
    category = unicodedata.category(sign)
    if category[0] == "S" or sign in _SYMBOLS:
        return "symbol"
    if category[0] in "PZ" or category in ("Cc", "Cs"):
        return "divider"
    code = ord(sign)
    return "sign" if any(first <= code <= last for first, last in _RANGES) else "word"
