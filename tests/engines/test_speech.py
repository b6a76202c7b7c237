"""Two judges of speech decide together who is active."""

from __future__ import annotations

import numpy as np

from engines.silero import Silero, weights_path
from engines.speakers.speech import MOST_SHARE, SETS, at_frames, chances_of, judged, share_of
from media.vad import WINDOW
from media.voices import FRAME_LATE_S, FRAME_S, FRAMES_A_WINDOW, runs
from workbench.machine.calibration_sound import made_voice


def heard(*stretches: tuple[float, float, int], sure: float = 0.9) -> np.ndarray:
    """What the segmentation thinks: each stretch (seconds) is of one of its classes, the rest of nobody."""
    found = np.full((FRAMES_A_WINDOW, len(SETS)), (1 - sure) / (len(SETS) - 1), np.float32)
    told = np.zeros(FRAMES_A_WINDOW, int)
    for start, end, kind in stretches:
        told[round((start - FRAME_LATE_S) / FRAME_S) : round((end - FRAME_LATE_S) / FRAME_S)] = kind
    found[np.arange(FRAMES_A_WINDOW), told] = sure
    return found


def chances(
    *stretches: tuple[float, float], value: float = 0.99, length_s: float = 10.0, start: float = 0.0
) -> np.ndarray:
    """What Silero thinks in the frames of a window that begins at ``start``."""
    found = np.full(round(length_s * 16_000 / WINDOW), 0.01, np.float32)
    for first, last in stretches:
        found[round(first * 16_000 / WINDOW) : round(last * 16_000 / WINDOW)] = value
    return at_frames(found, start, FRAMES_A_WINDOW)


def times(flags: np.ndarray) -> list[tuple[float, float]]:
    return [(first * FRAME_S + FRAME_LATE_S, last * FRAME_S + FRAME_LATE_S) for first, last in runs(flags)]


def test_a_silent_second_inside_of_a_turn_is_hardly_speech_but_the_voice_may_be_there() -> None:
    active, speech = judged(heard((1.0, 8.0, 1)), chances((1.0, 4.0), (5.0, 8.0)), 0.5)
    assert np.allclose(times(speech > 0.5), [(1.0, 4.0), (5.0, 8.0)], atol=0.05)
    assert np.allclose(times(active[:, 0]), [(1.0, 8.0)], atol=0.03) and not active[:, 1:].any()


def test_soft_speech_that_one_judge_doubts_is_heard_when_the_other_is_sure() -> None:
    assert (judged(heard((2.0, 3.0, 2)), chances((2.0, 3.0), value=0.2), 0.5)[1] > 0.5).any()
    doubtful = heard((2.0, 3.0, 2), sure=0.5)
    doubtful[:, 0] += 0.2
    active, speech = judged(doubtful, chances((2.0, 3.0)), 0.5)
    assert active[:, 1].any() and (speech > 0.5).any()
    assert not judged(heard(), chances((2.0, 3.0), value=0.4), 0.5)[0].any()


def test_silero_has_no_say_where_it_misses_what_the_segmentation_is_sure_of() -> None:
    told = heard((1.0, 8.0, 1), sure=0.95)
    assert share_of(told, chances((1.0, 8.0))) == share_of(heard(), chances()) == MOST_SHARE
    assert share_of(told, chances((1.0, 4.0))) == 0.0
    assert 0.5 < share_of(told, chances((1.0, 7.0))) < MOST_SHARE
    _, speech = judged(told, chances(), 0.0)
    assert np.allclose(times(speech > 0.5), [(1.0, 8.0)], atol=0.03)


def test_two_who_speak_at_once_stay_two() -> None:
    found, _ = judged(heard((1.0, 5.0, 1), (3.0, 4.0, SETS.index((0, 2)))), chances((1.0, 5.0)), 0.5)
    assert np.allclose(times(found[:, 2]), [(3.0, 4.0)], atol=0.03) and found[:, 0].sum() > found[:, 2].sum()


def test_windows_lie_in_a_longer_sound_and_reach_beyond_its_end() -> None:
    _, speech = judged(heard((2.0, 9.0, 3)), chances((12.0, 13.0), length_s=13.0, start=10.0), 0.5)
    assert np.allclose(times(speech > 0.5), [(2.0, 3.0)], atol=0.05)


def test_a_voice_has_more_chances_than_silence() -> None:
    voice = made_voice(4.0).astype(np.float32) / 32768
    told = chances_of(Silero(weights_path()), np.concatenate((np.zeros(32_000, np.float32), voice)))
    assert len(told) == round(-(-(32_000 + len(voice)) // WINDOW))
    assert told[:50].max() < 0.2 < told[70:].max()
