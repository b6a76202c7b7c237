"""Where lines and words of a chunk lie in the recording, when its stretches are far apart."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.requests import TranscribeItem
from engines.whisper.decode import Take, Window
from engines.whisper.lines import Line, breaks_off
from engines.whisper.net import Guess
from engines.whisper.segments import to_segments
from engines.whisper.times import NEAR_S, Timeline
from engines.whisper.words import Heard
from media.transcript import Segment

APART = ((0.0, 2.0), (60.0, 63.0), (120.0, 122.0))


def test_a_word_heard_a_little_before_its_stretch_goes_to_its_sentence() -> None:
    timeline = Timeline(APART)
    spans = [(1.0, 1.7), (1.85, 1.98), (2.0, 2.4), (2.4, 3.0)]
    assert timeline.places(spans, [True, False, False, True]) == [0, 1, 1, 1]


def test_a_word_heard_a_little_after_its_stretch_goes_to_its_sentence() -> None:
    timeline = Timeline(APART)
    spans = [(1.0, 1.7), (1.9, 2.3), (2.5, 3.0)]
    assert timeline.places(spans, [False, True, True]) == [0, 0, 1]


def test_words_far_from_the_joint_or_in_the_middle_of_a_sentence_stay_where_they_were_heard() -> None:
    timeline = Timeline(APART)
    assert timeline.places([(0.5, 0.9), (2.3, 2.9)], [False, True]) == [0, 1]
    assert timeline.places([(0.2, 0.9), (1.6, 1.9), (2.1, 2.5), (2.5, 3.0)], [False, False, False, True]) == [
        0,
        0,
        1,
        1,
    ]


def test_a_line_without_word_times_starts_at_the_joint_that_it_nearly_touches() -> None:
    timeline = Timeline(APART)
    assert timeline.span(1.9, 4.5) == (60.0, 62.5)
    assert timeline.span(2.5, 5.1) == (60.5, 63.0)
    assert timeline.span(1.0, 4.0) == (1.0, 62.0)


@given(st.lists(st.tuples(st.floats(0, 7), st.booleans()), max_size=12))
def test_words_never_go_back_to_an_earlier_stretch(heard: list[tuple[float, bool]]) -> None:
    times = sorted(time for time, _ in heard)
    spans = list(pairwise([*times, 7.0])) if times else []
    found = Timeline(APART).places(spans, [closing for _, closing in heard])
    assert all(before <= after for before, after in pairwise(found))
    assert NEAR_S < 1.0


@dataclass
class Letters:
    """A network whose tokens are letters."""

    end: int = 1000

    def decode(self, tokens: list[int]) -> str:
        return "".join(map(chr, tokens))


def segments(text: str, words: list[tuple[str, float, float]], word_times: bool = True) -> list[Segment]:
    item = TranscribeItem("x.pcm", APART, word_timestamps=word_times)
    take = Take(0, item, np.zeros(7 * 16000, np.float32), "en")
    line = Line([ord(sign) for sign in text], words[0][1], words[-1][2])
    heard = [Heard(word, len(word), start, end, 0.9) for word, start, end in words] if word_times else []
    net = Letters()
    return to_segments(net, Window(take, 0.0, 3000), Guess(line.tokens, -0.1, 0.0), [line], [heard])  # type: ignore[arg-type]


def test_a_line_over_a_long_pause_becomes_one_line_before_and_one_after_it() -> None:
    found = segments(" Yes. Later on.", [(" Yes.", 0.5, 1.8), (" Later", 2.2, 3.0), (" on.", 3.0, 3.5)])
    assert [(line.start, line.end, line.text) for line in found] == [(0.5, 1.8, "Yes."), (60.2, 61.5, "Later on.")]
    assert [len(line.words) for line in found] == [1, 2]


def test_a_line_within_one_stretch_keeps_its_text() -> None:
    found = segments(" Later on.", [(" Later", 1.95, 2.6), (" on.", 2.6, 3.5)])
    assert [(line.start, line.end, line.text) for line in found] == [(60.0, 61.5, "Later on.")]


def test_a_line_without_word_times_stays_whole() -> None:
    found = segments(" Yes. Later on.", [(" Yes.", 0.5, 1.8), (" on.", 3.0, 3.5)], word_times=False)
    assert [(line.start, line.end, line.text) for line in found] == [(0.5, 61.5, "Yes. Later on.")]


def test_a_last_line_without_an_end_breaks_off() -> None:
    assert breaks_off([1000, 5, 6], 1000)
    assert not breaks_off([1000, 5, 6, 1050], 1000)
    assert not breaks_off([], 1000)
