"""Numbered lines: how a model is given sentences, and how what it writes is read back."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

_LINE = re.compile(
    r"^\s*(?:[-*•]\s*)?(?:[\[【(（]{1,2}\s*(?P<framed>\d{1,5})\s*[\]】)）]{1,2}|(?P<bare>\d{1,5})\s*[.:：、)](?!\d))\s*(?P<text>.*)$"
)
_MARK = re.compile(
    r"\s*[\[【［]\s*((?:第|#|句)?\s*\d+(?:\s*(?:[-–~,，、;；]|至|到|和|and)\s*(?:第|#|句)?\s*\d+)*)\s*(?:句)?\s*[\]】］]"
)
_PLACEHOLDER = re.compile(r"\s*[\[【［]\s*(?:编号|序号|句号|numbers?|n)\s*[\]】］]", re.IGNORECASE)
"""Small models copy the word where a number belongs."""
_LEADING = re.compile(r"^\s*(?:[-*•·]+|\d{1,3}[.、)）])\s*")
_LONGEST_RANGE = 40


class Said(NamedTuple):
    """A sentence of a result without its marks, and the numbers that it named as its source."""

    text: str
    numbers: tuple[int, ...]


def numbered(texts: Iterable[str], first: int = 1) -> str:
    """Returns each text on a line of its own behind its number."""
    return "\n".join(f"[{number}] {' '.join(text.split())}" for number, text in enumerate(texts, first))


def read_numbered(written: str, wanted: Sequence[int]) -> dict[int, str]:
    """Returns what a model wrote for each number; the first of two lines with one number counts.

    A line without a number goes on with the line before it; numbers that nobody asked for are left out.
    """
    found: dict[int, str] = {}
    known = frozenset(wanted)
    open_: int | None = None
    for line in written.splitlines():
        match = _LINE.match(line)
        if match:
            number = int(match["framed"] or match["bare"])
            open_ = number if number in known and number not in found else None
            if open_ is not None:
                found[open_] = _closed(match["text"].strip())
        elif open_ is not None and line.strip() and not line.lstrip().startswith(("```", "<")):
            found[open_] = f"{found[open_]} {line.strip()}".strip()
    return {number: text for number, text in found.items() if text}


def unnumbered(line: str) -> str:
    """Returns a line without a number before it."""
    match = _LINE.match(line)
    return _closed(match["text"].strip()) if match else line


def _closed(text: str) -> str:
    """Takes away a bracket at the end that was opened before the number, as in ``[[1] so]``."""
    for opening, closing in ("[]", "【】"):
        if text.endswith(closing) and opening not in text:
            text = text[:-1].rstrip()
    return text


def read_marks(text: str) -> Said:
    """Returns a text without marks such as [3] or [2, 5-7], and the numbers in them."""
    numbers: dict[int, None] = {}
    for match in _MARK.finditer(text):
        for number in _listed(match.group(1)):
            numbers[number] = None
    return Said(_tidied(_PLACEHOLDER.sub("", _MARK.sub("", text))), tuple(numbers))


def read_point(line: str) -> Said:
    """Returns a line of a list without its sign and its marks."""
    return read_marks(_LEADING.sub("", line)) if not _MARK.match(line) else read_marks(line)


def marked(text: str, numbers: Sequence[int]) -> str:
    """Returns a text with its marks behind it."""
    return f"{text} [{','.join(str(number) for number in numbers)}]" if numbers else text


def resolved(numbers: Iterable[int], sources: Mapping[int, Sequence[int]]) -> tuple[int, ...]:
    """Returns what numbers of points mean in numbers of sentences, in order, each once."""
    return tuple(sorted({one for number in numbers for one in sources.get(number, ())}))


def _listed(text: str) -> list[int]:
    found: list[int] = []
    for piece in re.split(r"[,，、;；]|和|and", text):
        ends = [int(number) for number in re.findall(r"\d+", piece)]
        if len(ends) == 2 and 0 <= ends[1] - ends[0] <= _LONGEST_RANGE:
            found += range(ends[0], ends[1] + 1)
        else:
            found += ends
    return found


def _tidied(text: str) -> str:
    text = re.sub(r"\s+([。！？；，、,.!?;:])", r"\1", text)
    return re.sub(r"[ \t]{2,}", " ", text).strip()
