"""Takes the repetitions out of a text that a model fell into."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from media.transcript import Segment, Word

SHORT_UNIT_REPEATS = 8
"""A unit of one or two words ("no, no, no") is a loop only from so many repetitions on."""
LONG_UNIT_REPEATS = 3
LONGEST_UNIT = 40
SAME_LINES = 3
"""So many equal lines in a row are a loop; two can be speech."""


def cut_loops(segments: Sequence[Segment]) -> list[Segment]:
    """Returns the segments with loops inside a line and over lines reduced to their first round, marked ``loop``.

    Lines marked ``repeated`` were recognised utterance by utterance: they, and equal ones beside them, are no loop.
    """
    kept: list[Segment] = []
    for run in _runs_of_equal_text([_cut_inside(segment) for segment in segments]):
        if len(run) >= SAME_LINES and run[0].text and not any(map(_was_said, run)):
            kept.append(_mark(run[0]))
        else:
            kept.extend(run)
    return kept


def loop_end(words: Sequence[str]) -> int | None:
    """Returns how many words remain when a loop at the end of a line is cut to its first round, None without a loop."""
    plain = [_plain(word) for word in words]
    for unit in range(1, min(LONGEST_UNIT, len(plain) // 2) + 1):
        repeats = 1
        while _same(plain, unit, repeats):
            repeats += 1
        needed = SHORT_UNIT_REPEATS if unit <= 2 else LONG_UNIT_REPEATS
        if repeats >= needed and any(plain[-unit:]):
            return len(plain) - unit * (repeats - 1)
    return None


def _same(plain: Sequence[str], unit: int, repeats: int) -> bool:
    end = len(plain) - unit * repeats
    return end >= unit and plain[end - unit : end] == plain[len(plain) - unit :]


def _was_said(segment: Segment) -> bool:
    return "repeated" in segment.flags


def _cut_inside(segment: Segment) -> Segment:
    if _was_said(segment):
        return segment
    tokens = [word.text for word in segment.words] or split_words(segment.text)
    kept = loop_end(tokens)
    if kept is None:
        return segment
    words: tuple[Word, ...] = segment.words[:kept]
    end = words[-1].end if words else segment.end
    return _mark(replace(segment, text="".join(tokens[:kept]).strip(), words=words, end=end))


def split_words(text: str) -> list[str]:
    """Splits a text so that joining gives it back: words with the space before, each wide sign alone."""
    tokens: list[str] = []
    for sign in text:
        new_word = sign == " " or _stands_alone(sign) or (tokens and _stands_alone(tokens[-1][-1]))
        if new_word or not tokens:
            tokens.append(sign)
        else:
            tokens[-1] += sign
    return tokens


def _stands_alone(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in ("W", "F")


def _runs_of_equal_text(segments: Sequence[Segment]) -> list[list[Segment]]:
    runs: list[list[Segment]] = []
    for segment in segments:
        if runs and _plain(runs[-1][0].text) == _plain(segment.text):
            runs[-1].append(segment)
        else:
            runs.append([segment])
    return runs


def _plain(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())


def _mark(segment: Segment) -> Segment:
    return segment if "loop" in segment.flags else replace(segment, flags=(*segment.flags, "loop"))
