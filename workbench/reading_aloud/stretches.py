"""Where one person is heard for long enough in a transcript to speak with their voice: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.history.rows import SegmentRow

LEAST_S, GOOD_S, MOST_S = 3.0, 10.0, 20.0
"""Qwen3-TTS needs three seconds; ten give it the manner of speaking, more cost time with every sentence."""
MOST_SHOWN = 6
_PAUSE_S, _BREATH_S = 1.2, 0.2
_ENDS = tuple(".!?。！？")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of a recording in which one person says ``text``."""

    start: float
    end: float
    text: str
    speaker: str | None

    @property
    def length_s(self) -> float:
        """Its length in seconds."""
        return self.end - self.start


def stretches(lines: Sequence[SegmentRow], most: int = MOST_SHOWN) -> list[Stretch]:
    """Returns the best stretches that do not overlap, the best first.

    Whole lines that follow each other without a long pause, of one speaker where speakers were told apart; about ten
    seconds long, and of words that the recogniser was sure of.
    """
    parts = [part for line in lines for part in _parts(line)]
    found = [one for at in range(len(parts)) for one in _from(parts, at)]
    found.sort(key=lambda pair: (-pair[0], pair[1].start))
    chosen: list[Stretch] = []
    for _, one in found:
        if all(one.end <= other.start or one.start >= other.end for other in chosen):
            chosen.append(one)
        if len(chosen) == most:
            break
    return chosen


def _parts(line: SegmentRow) -> list[SegmentRow]:
    """Cuts a line that is too long by itself where somebody breathes or a sentence ends; an edited one has no words."""
    if line.end - line.start <= GOOD_S or line.edited:
        return [line]
    found: list[SegmentRow] = []
    held: list[tuple[float, float, str, float]] = []
    for number, word in enumerate(line.words):
        held.append(word)
        following = line.words[number + 1] if number + 1 < len(line.words) else None
        breath = following is None or following[0] - word[1] >= _BREATH_S or word[2].rstrip()[-1:] in _ENDS
        if breath and word[1] - held[0][0] >= LEAST_S:
            text = "".join(one[2] for one in held).strip()
            found.append(replace(line, start=held[0][0], end=word[1], text=text, words=()))
            held = []
    return found or [line]


def _from(lines: Sequence[SegmentRow], at: int) -> list[tuple[float, Stretch]]:
    first = lines[at]
    found, texts, sure = [], [], []
    for number in range(at, len(lines)):
        line = lines[number]
        before = lines[number - 1]
        if number > at and (line.speaker != first.speaker or line.start - before.end > _PAUSE_S):
            break
        if line.end - first.start > MOST_S:
            break
        texts.append(line.text.strip())
        sure.append(line.avg_logprob if line.avg_logprob is not None else -0.5)
        one = Stretch(first.start, line.end, " ".join(text for text in texts if text), first.speaker)
        if one.length_s >= LEAST_S and one.text:
            found.append((sum(sure) / len(sure) - abs(one.length_s - GOOD_S) / GOOD_S, one))
    return found
