"""Whether a line that came back belongs to its number: small models leave a line out and go on with the next. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.writing.figures import Figure, figures_of
from workbench.writing.languages import script_of, signs_of
from workbench.writing.support import words_of

QUOTES = (('"', '"'), ("“", "”"), ("「", "」"), ("'", "'"))
OPENINGS = frozenset(opening for opening, _ in QUOTES)
_WIDE = 2.2
"""So many letters of an alphabet a Chinese, Japanese or Korean sign stands for."""
_LEAST, _MOST, _MOST_SHORT = 0.3, 4.0, 24.0
"""A translation is at least and at most so many times as long as its source; a short one may be so much longer."""
_ENOUGH = 8
_WIDE_SCRIPTS = frozenset({"han", "kana", "hangul"})
_NEAR = 2
_FEW, _MUCH = 4, 0.7
"""Words from which on lines are compared by them, and the share of them that makes a line another one's."""
_SIGN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")


def translates(before: str, after: str, *, whole: bool) -> bool:
    """Tells whether a text can be the translation of another by its length; ``whole``: and holds none of its script."""
    length, source = _length(after), _length(before)
    if length > _MOST * source + _MOST_SHORT or (len(before) >= _ENOUGH and length < _LEAST * source):
        return False
    script = script_of(before)
    if not whole or script in (None, "latin") or script == script_of(after) or before == after:
        return True
    return not signs_of(after, str(script))


def shifted(lines: Sequence[tuple[str, str]]) -> bool:
    """Tells whether answers stand one or two lines beside their sources.

    A number, a date, or a name in letters is missing here and new there.
    """
    missing: dict[int, set[tuple[str, str]]] = {}
    added: dict[int, set[tuple[str, str]]] = {}
    for number, (before, after) in enumerate(lines):
        if after:
            source, result = figures_of(before), figures_of(after)
            missing[number] = _only(source, result)
            added[number] = _only(result, source)
    return any(
        missing[number] & added[other]
        for number in missing
        for other in added
        if 0 < abs(number - other) <= _NEAR
    )  # fmt: skip


def moved(lines: Sequence[tuple[str, str]]) -> bool:
    """Tells whether a line in the words of its source has those of a line close by instead."""
    sources = [_words(before) for before, _ in lines]
    for number, (_, after) in enumerate(lines):
        said = _words(after)
        if len(said) < _FEW:
            continue
        own = len(said & sources[number]) / len(said)
        near = sources[max(0, number - _NEAR) : number] + sources[number + 1 : number + _NEAR + 1]
        if any(len(said & other) / len(said) > max(_MUCH, 2 * own) for other in near):
            return True
    return False


def doubled(lines: Sequence[tuple[str, str]]) -> bool:
    """Tells whether two lines close by say nearly the same where their sources do not: one fills the numbers up."""
    sources, said = [_words(before) for before, _ in lines], [_words(after) for _, after in lines]
    return any(
        min(len(said[one]), len(said[other])) >= _FEW
        and _alike(said[one], said[other]) >= _MUCH
        and _alike(sources[one], sources[other]) < _MUCH / 2
        for one in range(len(lines))
        for other in range(one + 1, min(len(lines), one + _NEAR + 1))
    )


def _alike(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / max(1, len(one | other))


def shares_words(before: str, after: str) -> bool:
    """Tells whether a line holds anything of its source; short ones may be said quite differently."""
    first, second = _words(before), _words(after)
    return len(first) < _FEW or len(second) < _FEW or bool(first & second)


def _words(text: str) -> frozenset[str]:
    """Returns words in letters by their beginnings, and single signs of scripts without spaces."""
    return frozenset({*(word for word in words_of(text) if not _SIGN.search(word)), *_SIGN.findall(text)})


def _only(here: Sequence[Figure], there: Sequence[Figure]) -> set[tuple[str, str]]:
    values = {one.value for one in there}
    return {(one.kind, one.value) for one in here if not one.weak and one.value not in values}


def _length(text: str) -> float:
    n_wide = sum(signs_of(text, script) for script in _WIDE_SCRIPTS)
    return len(text) + (_WIDE - 1) * n_wide
