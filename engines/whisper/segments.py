"""Lines of a window become segments of the recording."""

from __future__ import annotations

from collections.abc import Sequence

from engines.whisper.decode import Take, Window
from engines.whisper.lines import Line
from engines.whisper.net import Guess, WhisperNet
from engines.whisper.times import Timeline
from engines.whisper.words import SENTENCE_ENDS, Heard
from media.transcript import Segment, Word

LONGEST_PAUSE_S = 2.0
"""Whisper sees the stretches of a chunk without the silence between them; over a longer one no line goes on."""

_DOUBTFUL_LOGPROB = -0.7
_DOUBTFUL_PROBABILITY = 0.5


def to_segments(
    net: WhisperNet, window: Window, guess: Guess, lines: Sequence[Line], words: Sequence[Sequence[Heard]]
) -> list[Segment]:
    """Returns the lines of a window with the times of the recording; ``words`` are those of each line, empty where no
    word times were asked for.
    """
    timeline = Timeline(window.take.item.pieces, window.take.item.duration_s)
    places = _places(timeline, window.offset_s, words)
    found: list[Segment] = []
    for line, heard in zip(lines, words, strict=True):
        mine, places = places[: len(heard)], places[len(heard) :]
        text = net.decode(line.tokens).strip()
        if not text or line.end <= line.start:
            continue
        if not heard:
            start, end = timeline.span(window.offset_s + line.start, window.offset_s + line.end)
            found.append(_segment(window.take, guess, text, (start, end), []))
            continue
        runs = _runs(timeline, mine)
        for first, after in runs:
            spoken = [_word(timeline, window.offset_s, heard[at], mine[at]) for at in range(first, after)]
            said = text if len(runs) == 1 else "".join(word.text for word in spoken).strip()
            end = max(spoken[-1].end, spoken[0].start)
            if not said:
                continue
            found.append(_segment(window.take, guess, said, (spoken[0].start, end), spoken))
    return found


def _places(timeline: Timeline, offset_s: float, words: Sequence[Sequence[Heard]]) -> list[int]:
    spans = [(offset_s + word.start, offset_s + word.end) for heard in words for word in heard]
    closing = [word is heard[-1] or word.text.strip()[-1:] in set(SENTENCE_ENDS) for heard in words for word in heard]
    return timeline.places(spans, closing)


def _runs(timeline: Timeline, places: Sequence[int]) -> list[tuple[int, int]]:
    """Returns the first word of each part of a line that has no long pause in it, and the word after its last."""
    cuts = [at for at in range(1, len(places)) if timeline.pause_s(places[at - 1], places[at]) > LONGEST_PAUSE_S]
    return list(zip([0, *cuts], [*cuts, len(places)], strict=True))


def _word(timeline: Timeline, offset_s: float, heard: Heard, place: int) -> Word:
    start, end = timeline.word_span(offset_s + heard.start, offset_s + heard.end, place)
    return Word(round(start, 3), round(end, 3), heard.text, round(heard.probability, 4))


def _segment(take: Take, guess: Guess, text: str, span: tuple[float, float], words: Sequence[Word]) -> Segment:
    return Segment(
        start=round(span[0], 3),
        end=round(span[1], 3),
        text=text,
        words=tuple(words),
        language=take.language,
        avg_logprob=round(guess.avg_logprob, 4),
        no_speech_prob=round(guess.no_speech_prob, 4),
        flags=_flags(guess, words, take),
    )


def _flags(guess: Guess, words: Sequence[Word], take: Take) -> tuple[str, ...]:
    flags = ["repeated"] if guess.in_pieces else sorted(take.flags)
    if words:
        doubtful = sum(word.probability for word in words) / len(words) < _DOUBTFUL_PROBABILITY
    else:
        doubtful = guess.avg_logprob < _DOUBTFUL_LOGPROB
    return tuple([*flags, "doubtful"] if doubtful else flags)
