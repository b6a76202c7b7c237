from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.requests import VadOptions
from media.vad import WINDOW, Span, SpeechFinder, cut_costs

WINDOW_S = WINDOW / 16_000
chances = st.lists(st.sampled_from([0.0, 0.1, 0.34, 0.36, 0.49, 0.5, 0.9, 1.0]), max_size=400)
options = st.builds(
    VadOptions,
    threshold=st.sampled_from([0.3, 0.5, 0.7]),
    min_speech_duration_ms=st.sampled_from([0, 100, 400]),
    min_silence_duration_ms=st.sampled_from([0, 64, 160, 500]),
    speech_pad_ms=st.sampled_from([0, 30, 200, 400]),
    max_speech_duration_s=st.sampled_from([1.0, 3.0, 28.0]),
)


def find(probabilities: list[float], limits: VadOptions, packets: list[int] | None = None) -> list[Span]:
    finder, spans, at = SpeechFinder(limits), [], 0
    for size in packets or [len(probabilities)]:
        spans += finder.feed(probabilities[at : at + size])
        at += size
    spans += finder.feed(probabilities[at:])
    return spans + finder.close()


def test_silence_has_no_speech() -> None:
    assert find([0.0] * 1000, VadOptions()) == []


def test_speech_is_padded_on_both_sides() -> None:
    spans = find([0.0] * 50 + [1.0] * 50 + [0.0] * 50, VadOptions(speech_pad_ms=200))
    assert [(span.start, span.end) for span in spans] == [
        (pytest.approx(50 * WINDOW_S - 0.2), pytest.approx(100 * WINDOW_S + 0.2))
    ]


def test_a_short_pause_does_not_end_speech() -> None:
    limits = VadOptions(min_silence_duration_ms=500)
    assert len(find([1.0] * 50 + [0.0] * 10 + [1.0] * 50, limits)) == 1
    assert len(find([1.0] * 50 + [0.0] * 20 + [1.0] * 50, limits)) == 2


def test_a_click_is_no_speech() -> None:
    assert find([0.0] * 50 + [1.0] * 2 + [0.0] * 50, VadOptions(min_speech_duration_ms=100)) == []


def test_two_paddings_that_meet_share_the_gap() -> None:
    spans = find([1.0] * 20 + [0.0] * 6 + [1.0] * 20, VadOptions(min_silence_duration_ms=100, speech_pad_ms=400))
    assert spans[0].end == spans[1].start == pytest.approx(23 * WINDOW_S)


def test_a_span_is_given_as_soon_as_it_is_certain() -> None:
    finder = SpeechFinder(VadOptions(min_silence_duration_ms=500))
    assert finder.feed([1.0] * 50 + [0.0] * 15) == []
    assert len(finder.feed([0.0] * 3)) == 1


def test_over_long_speech_is_cut_at_its_quietest_place() -> None:
    levels = [-20.0] * 1000
    levels[600:604] = [-60.0] * 4
    finder = SpeechFinder(VadOptions(max_speech_duration_s=28.0))
    spans = finder.feed([1.0] * 1000, levels) + finder.close()
    assert len(spans) == 2
    assert spans[0].end == spans[1].start
    assert 600 * WINDOW_S <= spans[0].end <= 604 * WINDOW_S


def test_every_second_of_speech_offers_a_place_to_cut() -> None:
    levels = [-20.0] * 300
    levels[150:154] = [-60.0] * 4
    finder = SpeechFinder(VadOptions())
    (span,) = finder.feed([1.0] * 300, levels) + finder.close()
    assert 7 <= len(span.cuts) <= 10
    best = min(span.cuts, key=lambda cut: cut.cost)
    assert 150 * WINDOW_S <= best.at <= 154 * WINDOW_S


def test_a_cut_costs_least_in_the_middle_of_a_pause() -> None:
    costs = cut_costs([1.0] * 10 + [0.0] * 6 + [1.0] * 10, [-20.0] * 10 + [-70.0] * 6 + [-20.0] * 10)
    assert len(costs) == 26
    assert 11 <= int(np.argmin(costs)) <= 14


@given(chances, options, st.lists(st.integers(0, 50), max_size=12))
def test_the_spans_do_not_depend_on_the_size_of_the_packets(
    probabilities: list[float], limits: VadOptions, packets: list[int]
) -> None:
    assert find(probabilities, limits, packets) == find(probabilities, limits)


@given(chances, options)
def test_spans_are_in_order_inside_the_recording_and_hold_all_certain_speech(
    probabilities: list[float], limits: VadOptions
) -> None:
    spans = find(probabilities, limits)
    length = len(probabilities) * WINDOW_S
    last = 0.0
    for span in spans:
        assert last <= span.start < span.end <= length + 1e-9
        assert (
            span.end - span.start <= max(limits.max_speech_duration_s, 8 * WINDOW_S) + 2 * limits.speech_pad_ms / 1000
        )
        assert all(span.start <= cut.at <= span.end for cut in span.cuts)
        assert [cut.at for cut in span.cuts] == sorted(cut.at for cut in span.cuts)
        last = span.end
    if limits.min_speech_duration_ms == 0:
        for number, chance in enumerate(probabilities):
            if chance >= limits.threshold:
                middle = (number + 0.5) * WINDOW_S
                assert any(span.start <= middle <= span.end for span in spans)
