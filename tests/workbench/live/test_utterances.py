from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.live.utterances import WINDOW_S, CutLimits, Utterance, UtteranceCutter

runs = st.lists(
    st.tuples(st.sampled_from([0.0, 0.2, 0.4, 0.45, 0.6, 0.99]), st.integers(1, 400)), min_size=1, max_size=25
)
sizes = st.lists(st.integers(1, 60), min_size=1, max_size=20)


def heard(chances: list[float], packets: list[int], limits: CutLimits, origin_s: float = 0.0) -> list[Utterance]:
    cutter, at, found = UtteranceCutter(limits, origin_s), 0, []
    while at < len(chances):
        size = packets[at % len(packets)]
        part = chances[at : at + size]
        found += cutter.feed(part, [-40 * (1 - chance) - 20 for chance in part])
        at += size
    return found + cutter.close()


def windows(made: list[tuple[float, int]]) -> list[float]:
    return [chance for chance, n_windows in made for _ in range(n_windows)]


@given(runs, sizes, sizes, st.sampled_from([0.3, 0.6, 1.5]))
def test_the_cut_does_not_depend_on_the_size_of_packets(
    made: list[tuple[float, int]], some: list[int], others: list[int], pause_s: float
) -> None:
    limits = CutLimits(pause_s)
    assert heard(windows(made), some, limits) == heard(windows(made), others, limits)


@given(runs, st.sampled_from([0.3, 0.6, 1.5]), st.floats(0, 1000))
def test_utterances_are_in_order_apart_and_never_too_long(
    made: list[tuple[float, int]], pause_s: float, origin_s: float
) -> None:
    found = heard(windows(made), [7], CutLimits(pause_s), origin_s)
    reached = origin_s
    for utterance in found:
        assert utterance.start >= reached - 1e-3 and utterance.end > utterance.start
        assert utterance.end - utterance.start <= 30.0 + 1e-3
        reached = utterance.end
    assert reached <= origin_s + len(windows(made)) * WINDOW_S + 1e-3


@given(runs)
def test_no_speech_longer_than_a_click_is_outside_of_every_utterance(made: list[tuple[float, int]]) -> None:
    found = heard(windows(made), [5], CutLimits())
    at = 0
    for chance, n_windows in made:
        if chance >= 0.5 and n_windows * WINDOW_S > 0.1:
            for n in range(at, at + n_windows):
                middle = (n + 0.5) * WINDOW_S
                assert any(start - 1e-3 <= middle <= end + 1e-3 for start, end in found), (n, found)
        at += n_windows


def test_a_pause_closes_an_utterance_with_a_little_silence_on_both_sides() -> None:
    chances = [0.0] * 40 + [0.9] * 50 + [0.0] * 40
    cutter = UtteranceCutter(CutLimits(pause_s=0.6))
    assert cutter.feed(chances[:108], [-30.0] * 108) == []
    [closed] = cutter.feed(chances[108:109], [-30.0])
    assert closed == Utterance(pytest.approx(40 * WINDOW_S - 0.3), pytest.approx(90 * WINDOW_S + 0.3))
    assert cutter.open is None


def test_a_longer_pause_can_be_asked_for() -> None:
    chances = [0.9] * 30 + [0.0] * 30 + [0.9] * 30 + [0.0] * 60
    assert len(heard(chances, [3], CutLimits(pause_s=0.6))) == 2
    assert len(heard(chances, [3], CutLimits(pause_s=1.5))) == 1


def test_what_a_pause_will_close_is_known_before_it_is_over() -> None:
    cutter = UtteranceCutter(CutLimits(pause_s=0.6))
    cutter.feed([0.9] * 30 + [0.0] * 9, [-30.0] * 39)
    assert cutter.likely() is None
    cutter.feed([0.0], [-30.0])
    likely = cutter.likely()
    assert likely is not None and cutter.feed([0.0] * 10, [-60.0] * 10) == [likely]


def test_speech_without_a_pause_is_cut_at_its_quietest_place_and_goes_on() -> None:
    chances = [0.9] * 1500
    levels = [-20.0] * 1500
    levels[700:703] = [-60.0] * 3
    cutter = UtteranceCutter(CutLimits())
    first, *more = cutter.feed(chances, levels) + cutter.close()
    assert first.end == pytest.approx(701 * WINDOW_S, abs=0.1)
    assert more[0].start == first.end and more[-1].end == pytest.approx(1500 * WINDOW_S, abs=1e-3)


def test_a_click_is_no_utterance() -> None:
    assert heard([0.0] * 20 + [0.9] * 2 + [0.0] * 60, [4], CutLimits()) == []
