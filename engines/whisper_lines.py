"""Tokens become lines with times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

TIME_STEP_S = 0.02


@dataclass(slots=True)
class Line:
    """Text tokens of one line; ``start`` and ``end`` are seconds from the start of the window."""

    tokens: list[int]
    start: float
    end: float


@dataclass(frozen=True, slots=True)
class Lines:
    """The lines of one window. ``resume_s`` is where speech goes on that was not written, None when all of it was."""

    lines: list[Line]
    resume_s: float | None


def to_lines(tokens: Sequence[int], first_time: int, sound_s: float) -> Lines:
    """Cuts a window's tokens at its time tokens, which are ``first_time`` and above.

    Times are clamped to ``sound_s`` and never go back. Whisper marks a line that the window broke off by two equal
    times, or by leaving out its end: what follows is then dropped, to be decoded again from ``resume_s``, if it is more
    than a second.
    """
    lines: list[Line] = []
    start, text, last = 0.0, [], 0.0
    for token in tokens:
        if token < first_time:
            text.append(token)
            continue
        time = min(max((token - first_time) * TIME_STEP_S, last), sound_s)
        if text:
            lines.append(Line(text, start, time))
            text = []
        start = last = time
    ends_with_pair = len(tokens) > 1 and min(tokens[-2:]) >= first_time
    broken_off = bool(lines) and (bool(text) or ends_with_pair)
    if broken_off and sound_s - last > 1.0 and last > 0.0:
        return Lines(lines, last)
    if text:
        lines.append(Line(text, start, sound_s))
    return Lines(lines, None)


def last_time(tokens: Sequence[int], first_time: int) -> float:
    """Returns the latest time among the tokens in seconds, 0 without one."""
    return max((token - first_time for token in tokens if token >= first_time), default=0) * TIME_STEP_S
