"""Tokens become lines with times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engines.whisper.checks import loop_start

TIME_STEP_S = 0.02
_WORTH_S = 0.5
_LATE_S = 0.25
"""A last line that begins so shortly before the end of the speech holds one short word at most."""


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

    Times are clamped to ``sound_s`` and never go back. Two equal times at the end mean that speech goes on in a line
    that Whisper did not begin: ``resume_s`` is then where to decode again, if more than ``_WORTH_S`` is left. A last
    line without an end is kept to the end.
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
    if text:
        lines.append(Line(text, start, sound_s))
        return Lines(lines, None)
    ends_with_pair = len(tokens) > 1 and min(tokens[-2:]) >= first_time
    goes_on = bool(lines) and ends_with_pair and last > 0.0 and sound_s - last > _WORTH_S
    return Lines(lines, last if goes_on else None)


def starts_after(tokens: Sequence[int], first_time: int, time_s: float) -> bool:
    """Returns whether a line starts at ``time_s`` or later; past the end of the speech it is a repetition or invented.

    A line that only ends too late is right far more often than not, and its end is clamped.
    """
    started = 0.0
    for token in tokens:
        if token >= first_time:
            started = (token - first_time) * TIME_STEP_S
        elif started >= time_s:
            return True
    return False


def without_late_loop(tokens: Sequence[int], first_time: int, sound_s: float) -> list[int]:
    """Returns the tokens without a last line that goes round in circles from the end of the speech on.

    Such a line ("Bzzzz...") begins where the sound ends, so that nothing that was said is in it; the lines before it
    are right far more often than not, and need not be decoded again.
    """
    last = max(
        (at for at, token in enumerate(tokens) if token >= first_time and _opens(tokens, at, first_time)), default=0
    )
    text = [token for token in tokens[last + 1 :] if token < first_time]
    late = last > 0 and (tokens[last] - first_time) * TIME_STEP_S >= sound_s - _LATE_S
    return list(tokens[:last] if late and loop_start(text) is not None else tokens)


def _opens(tokens: Sequence[int], at: int, first_time: int) -> bool:
    return at + 1 < len(tokens) and tokens[at + 1] < first_time


def breaks_off(tokens: Sequence[int], first_time: int) -> bool:
    """Returns whether the last line has no end; in a window shorter than the full one, words are then often missing."""
    return bool(tokens) and tokens[-1] < first_time
