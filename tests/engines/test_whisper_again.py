"""Which stretches are decoded again, and where they are cut."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.whisper.again import thin_stretches, to_tokens, utterances
from engines.whisper.lines import Line, to_lines

FIRST_TIME = 1000


def line(n_tokens: int, start: float, end: float) -> Line:
    return Line([7] * n_tokens, start, end)


def test_a_sentence_stretched_over_the_chunk_is_thin() -> None:
    assert thin_stretches([line(9, 0.0, 12.4)], 14.0) == [(0.0, 12.4)]


def test_a_thin_line_and_the_speech_without_a_line_after_it_are_one_stretch() -> None:
    assert thin_stretches([line(9, 0.0, 12.4)], 22.85) == [(0.0, 22.85)]


def test_ordinary_and_slow_lines_and_pauses_between_them_are_not_thin() -> None:
    assert thin_stretches([line(40, 0.0, 11.0), line(12, 12.5, 20.0)], 22.0) == []


def test_a_short_line_may_have_few_words() -> None:
    assert thin_stretches([line(2, 0.0, 3.9)], 5.0) == []


def test_a_long_stretch_before_the_first_line_is_thin() -> None:
    assert thin_stretches([line(20, 6.0, 11.0)], 11.0) == [(0.0, 6.0)]


def test_utterances_are_cut_in_their_pauses() -> None:
    rng = np.random.default_rng(0)
    said, pause = rng.normal(0, 0.1, 16000 * 5 // 2), rng.normal(0, 0.001, 16000 * 2 // 5)
    sound = np.concatenate([said, pause] * 4).astype(np.float32)
    spans = utterances(sound, (0.0, 11.6))
    assert len(spans) == 4
    for number, (_, end) in enumerate(spans[:-1]):
        assert 2.5 <= end - 2.9 * number <= 2.9


@given(st.floats(0, 3), st.floats(0, 28), st.integers(0, 9))
def test_utterances_follow_each_other_through_the_whole_stretch(start: float, length: float, seed: int) -> None:
    sound = np.random.default_rng(seed).normal(0, 0.1, 16000 * 30).astype(np.float32)
    spans = utterances(sound, (start, start + length))
    if length < 0.03:
        return
    # The sound ends after 30 s, and so does the last utterance.
    assert spans[0][0] == start and abs(spans[-1][1] - min(30.0, start + length)) < 0.03
    assert all(before[1] == after[0] for before, after in zip(spans, spans[1:], strict=False))
    assert all(1.4 <= end - begin <= 5.1 for begin, end in spans) or len(spans) == 1


def test_lines_become_tokens_and_lines_again() -> None:
    lines = [line(3, 0.0, 2.5), line(4, 3.0, 5.0), line(2, 5.0, 6.5)]
    found = to_lines(to_tokens(lines, FIRST_TIME), FIRST_TIME, 7.0)
    assert found.lines == lines and found.resume_s is None
