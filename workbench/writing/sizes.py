"""How much a model is given at once: small enough for its memory, its context, and for what may be lost. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engines.writing.counting import estimate
from workbench.errors import JobError
from workbench.writing.wish import LINE_BY_LINE, WriteRequest

THINKING_TOKENS = 2048
POINT_TOKENS, MINUTES_TOKENS, CHAPTER_TOKENS, TITLE_TOKENS, FREE_TOKENS, OVERVIEW_TOKENS = 640, 1100, 260, 64, 1400, 400
SUMMARY_TOKENS = {"short": 320, "medium": 800, "long": 1600}
"""The longest answers to each kind of question."""
GROWTH = {"standard": 1.8, "formal": 2.6, "casual": 2.6, "concise": 1.6, "detailed": 4.0}
TRANSLATED_GROWTH = 3.0
"""So many times as long as its source a text that comes back line by line may be."""
LINE_TOKENS, LINES_TOKENS = 12, 48
"""Room besides for each line of an answer, and for all of them."""
_TASK_TOKENS = 600
"""What a model is told besides the material, at most, without a template or the person's own words."""
_SHARE = 0.85
"""Of the room that is left: names of speakers stand before sentences and are not counted with them."""
_LEAST_TEXT, _LEAST_LINES = 250, 120


@dataclass(frozen=True, slots=True)
class Sizes:
    """Limits of one question: tokens of lines that come back one by one, of text that is read, and lines of the first.

    Small, because a small model forgets the middle of a long text, and because so much is lost when a server dies.
    """

    lines: int = 420
    text: int = 1400
    most_lines: int = 12


SIZES = {False: Sizes(), True: Sizes(lines=900, text=3200, most_lines=24)}
"""By whether the model is a careful one."""


TRANSLATED_LINES = 2
"""Divides the lines of a question where they are translated: from the seventh on with 0.5B, and the thirteenth with
1.5B, one was seen to be left out and those behind it to move."""


def sizes_for(request: WriteRequest) -> Sizes:
    """Returns the sizes for a request; less than usual where the model's context has no room for more."""
    usual = SIZES[request.quality == "careful"]
    if request.into is not None:
        usual = replace(usual, most_lines=usual.most_lines // TRANSLATED_LINES)
    text, lines = _rooms(request, usual.most_lines)
    return Sizes(min(usual.lines, max(lines, _LEAST_LINES)), min(usual.text, max(text, _LEAST_TEXT)), usual.most_lines)


def check_room(request: WriteRequest, title: str) -> None:
    """Raises JobError ``text_too_long_for_model`` where a model has no room for even a small part of a text."""
    text, lines = _rooms(request, 4)
    short = _LEAST_LINES - lines if request.kind in LINE_BY_LINE else _LEAST_TEXT - text
    if short > 0:
        answer = _answer(request) + _thought(request)
        values = {"model": title, "text": _told(request) + _LEAST_TEXT, "answer": answer, "most": request.context}
        raise JobError("text_too_long_for_model", status=413, **values)


def growth(request: WriteRequest) -> float:
    """Returns how many times as long as its source a text may become that comes back line by line."""
    return GROWTH[request.style] if request.kind == "polish" else TRANSLATED_GROWTH


def _rooms(request: WriteRequest, most_lines: int) -> tuple[int, int]:
    """Returns how many tokens of text that is read, and of lines that come back, a question has room for."""
    room = request.context - _told(request) - _thought(request)
    lines = (room - LINES_TOKENS - LINE_TOKENS * most_lines) / (1 + growth(request))
    return int((room - _answer(request)) * _SHARE), int(lines * _SHARE)


def _told(request: WriteRequest) -> int:
    return _TASK_TOKENS + estimate(request.template if request.kind == "template" else request.instruction)


def _thought(request: WriteRequest) -> int:
    return THINKING_TOKENS if request.thinking else 0


def _answer(request: WriteRequest) -> int:
    kind = request.kind
    if kind == "minutes":
        return MINUTES_TOKENS
    if kind == "chapters":
        return CHAPTER_TOKENS
    if kind == "summary":
        return max(POINT_TOKENS, SUMMARY_TOKENS[request.length])
    return POINT_TOKENS if kind == "title" else FREE_TOKENS
