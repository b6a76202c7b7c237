from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media.grouping import Grouping, group
from media.voices import FRAME_S, FRAMES_A_WINDOW, HOP_S, Voice, Window, tell_apart


def people(n: int, seed: int = 1) -> np.ndarray:
    """Directions that are far apart, as voices of different people are."""
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(192, n)))[0].T.astype(np.float32)


def heard(person: np.ndarray, rng: np.random.Generator, spread: float = 0.04) -> np.ndarray:
    told = person + rng.normal(0, spread, person.shape).astype(np.float32)
    return told / np.linalg.norm(told)


def conversation(n_people: int, minutes: float, seed: int = 3) -> tuple[list[Window], list[tuple[float, float, int]]]:
    """Windows over people who speak four seconds each, one after the other."""
    rng, voices = np.random.default_rng(seed), people(n_people)
    duration = minutes * 60
    turns = [(at, at + 4.0, int(at // 4) % n_people) for at in np.arange(0.0, duration, 4.0)]
    windows = []
    for start in np.arange(0.0, duration - HOP_S, HOP_S):
        times = start + np.arange(FRAMES_A_WINDOW) * FRAME_S
        inside = (times // 4).astype(int) % n_people
        found = []
        # The network hears three at the most: those who speak longest.
        for who in sorted(set(inside.tolist()), key=lambda one: -(inside == one).sum())[:3]:
            active = (inside == who) & (times < duration)
            found.append(Voice(active, heard(voices[who], rng), float(active.sum() * FRAME_S)))
        windows.append(Window(float(start), tuple(found)))
    return windows, turns


@pytest.mark.parametrize("n_people", [1, 2, 3, 5])
def test_people_are_counted_and_get_their_turns(n_people: int) -> None:
    windows, turns = conversation(n_people, 2.0)
    found = tell_apart(windows, 120.0, Grouping())
    assert len(found.speech_s) == n_people
    for start, end, who in turns:
        inside = [turn for turn in found.turns if turn.start < (start + end) / 2 < turn.end]
        assert [turn.speaker for turn in inside] == [who]


def test_a_given_number_of_people_is_kept() -> None:
    windows, _ = conversation(4, 2.0)
    assert len(tell_apart(windows, 120.0, Grouping(2, 2)).speech_s) == 2
    assert len(tell_apart(windows, 120.0, Grouping(1, 3)).speech_s) <= 3


def test_two_voices_of_one_window_are_two_people_however_alike_they_are() -> None:
    one, other = people(2)
    rng = np.random.default_rng(0)
    first = np.zeros(FRAMES_A_WINDOW, bool)
    first[:290] = True
    together = Window(0.0, (Voice(first, heard(one, rng), 4.9), Voice(~first, heard(one, rng), 5.0)))
    later = Window(10.0, (Voice(first, heard(other, rng), 4.9),))
    found = tell_apart([together, later], 20.0, Grouping(2, 2))
    before, after = ({turn.speaker for turn in found.turns if a <= turn.start < b} for a, b in ((0, 4), (4, 9)))
    assert len(before) == len(after) == 1 and before != after


def test_two_parts_of_one_voice_may_be_the_same_person() -> None:
    one, other = people(2)
    rng = np.random.default_rng(0)
    first = np.zeros(FRAMES_A_WINDOW, bool)
    first[:290] = True
    parts = [Voice(first, heard(one, rng), 4.9, of=0), Voice(~first, heard(one, rng), 5.0, of=0)]
    told = json.loads(json.dumps(Window(0.0, tuple(parts)).to_dict()))
    later = Window(10.0, (Voice(first, heard(other, rng), 4.9, of=0),))
    found = tell_apart([Window.from_dict(told), later], 20.0, Grouping())
    assert [turn.speaker for turn in found.turns] == [0, 1]


def test_where_two_windows_differ_the_one_is_believed_in_whose_middle_it_is() -> None:
    one, other = people(2)
    rng = np.random.default_rng(0)
    whole, none = np.ones(FRAMES_A_WINDOW, bool), np.zeros(FRAMES_A_WINDOW, bool)
    late = none.copy()
    late[-60:] = True
    told = [
        Window(0.0, (Voice(whole ^ late, heard(one, rng), 9.0), Voice(late, heard(other, rng), 1.0))),
        Window(5.0, (Voice(whole, heard(one, rng), 10.0),)),
    ]
    found = tell_apart(told, 15.0, Grouping(2, 2))
    assert {turn.speaker for turn in found.turns if turn.start < 9.4 < turn.end} == {0}


@pytest.mark.parametrize(("pause_s", "n_turns"), [(0.2, 1), (1.0, 2)])
def test_a_pause_ends_a_turn_although_the_voice_was_thought_to_be_there(pause_s: float, n_turns: int) -> None:
    speech = np.ones(FRAMES_A_WINDOW, np.float32)
    speech[300 : 300 + round(pause_s / FRAME_S)] = 0.3
    voice = Voice(np.ones(FRAMES_A_WINDOW, bool), people(1)[0], 9.0)
    window = Window.from_dict(json.loads(json.dumps(Window(0.0, (voice,), speech).to_dict())))
    assert len(tell_apart([window], 10.0, Grouping()).turns) == n_turns


def test_nobody_is_heard_in_silence() -> None:
    found = tell_apart([Window(0.0, ())], 10.0, Grouping())
    assert found.turns == () and found.speech_s == ()


def test_windows_survive_being_stored() -> None:
    windows, _ = conversation(2, 0.5)
    again = [Window.from_dict(json.loads(json.dumps(window.to_dict()))) for window in windows]
    assert tell_apart(again, 30.0, Grouping()).turns == tell_apart(windows, 30.0, Grouping()).turns


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 4), st.floats(0.2, 1.5), st.integers(0, 1000))
def test_turns_lie_inside_the_recording_in_order(n_people: int, minutes: float, seed: int) -> None:
    windows, _ = conversation(n_people, minutes, seed)
    duration = minutes * 60
    found = tell_apart(windows, duration, Grouping())
    assert all(0 <= turn.start < turn.end <= duration + 1e-6 for turn in found.turns)
    assert all(a.start <= b.start for a, b in pairwise(found.turns))
    assert [turn.speaker for turn in found.turns[:1]] in ([], [0])


def test_many_voices_are_grouped_as_few_are() -> None:
    rng, voices = np.random.default_rng(5), people(6)
    embeddings = np.stack([heard(voices[number % 6], rng) for number in range(900)])
    seconds = np.full(900, 4.0, np.float32)
    few = group(embeddings, seconds, Grouping())
    many = group(embeddings, seconds, Grouping(most_at_once=200))
    assert len(few) == len(many) == 6
    assert np.allclose(np.sort((few @ many.T).max(axis=1)), 1.0, atol=0.01)


def test_a_cough_is_no_person() -> None:
    rng, voices = np.random.default_rng(5), people(3)
    embeddings = np.stack([heard(voices[number % 2], rng) for number in range(40)] + [voices[2]])
    seconds = np.array([4.0] * 40 + [1.1], np.float32)
    assert len(group(embeddings, seconds, Grouping())) == 2
