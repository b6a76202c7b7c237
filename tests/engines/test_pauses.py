from __future__ import annotations

import numpy as np

from engines.speakers.pauses import PAUSE_S, without_pauses
from media.voices import FRAME_S, FRAME_SAMPLES, FRAMES_A_WINDOW, WINDOW_SAMPLES, runs


def sound(level: float, pause: tuple[float, float], pause_level: float) -> np.ndarray:
    made = np.random.default_rng(1).normal(0, level, WINDOW_SAMPLES).astype(np.float32)
    made[round(pause[0] * 16000) : round(pause[1] * 16000)] *= pause_level / level
    return made


def active(*voices: tuple[float, float]) -> np.ndarray:
    found = np.zeros((FRAMES_A_WINDOW, 3), bool)
    for number, (start, end) in enumerate(voices):
        found[round(start / FRAME_S) : round(end / FRAME_S), number] = True
    return found


def test_a_silent_second_inside_of_a_turn_is_no_speech() -> None:
    (first, second) = runs(without_pauses(sound(0.1, (4.0, 5.0), 1e-4), active((1.0, 8.0)))[:, 0])
    assert abs(first[1] * FRAME_S - 4.0) < 0.06 and abs(second[0] * FRAME_S - 5.0) < 0.06
    assert first[0] == round(1.0 / FRAME_S) and second[1] == round(8.0 / FRAME_S)


def test_a_short_pause_and_one_in_noise_stay() -> None:
    for made in (sound(0.1, (4.0, 4.0 + PAUSE_S - 0.1), 1e-4), sound(0.1, (4.0, 6.0), 0.004)):
        assert np.array_equal(without_pauses(made, active((1.0, 8.0))), active((1.0, 8.0)))


def test_a_quiet_person_is_measured_by_his_own_loud_places() -> None:
    made = sound(0.2, (5.0, 10.0), 0.001)
    told = active((0.0, 5.0), (5.1, 9.9))
    assert np.array_equal(without_pauses(made, told), told)


def test_the_end_of_a_recording_is_shorter_than_a_window() -> None:
    made = sound(0.1, (4.0, 5.0), 1e-4)[: 70 * FRAME_SAMPLES]
    found = without_pauses(made, active((0.0, 9.9)))
    assert found[:65, 0].all() and not found[72:, 0].any()
