"""One voice of a window that is two people: told by what its stretches sound like."""

from __future__ import annotations

from typing import Any, cast

import numpy as np

from engines.speakers.campplus import Campplus
from engines.speakers.parting import parted, stretches
from media.voices import FRAME_SAMPLES, FRAMES_A_WINDOW, WINDOW_SAMPLES

Flags = np.ndarray


class ByLoudness:
    """Embeds by loudness: loud sounds are one person's, quiet ones another's."""

    def __init__(self) -> None:
        self.seconds: list[float] = []

    def embed(self, sounds: list[Any]) -> Any:
        self.seconds += [len(sound) / 16_000 for sound in sounds]
        loud = [float(np.abs(sound).mean()) > 0.2 for sound in sounds]
        return np.array([[1.0, 0.0] if one else [0.0, 1.0] for one in loud], np.float32)


def frames(*spans: tuple[int, int]) -> Flags:
    found = np.zeros(FRAMES_A_WINDOW, bool)
    for first, last in spans:
        found[first:last] = True
    return found


def sound(*spans: tuple[int, int, float]) -> Flags:
    found = np.zeros(WINDOW_SAMPLES, np.float32)
    for first, last, level in spans:
        found[first * FRAME_SAMPLES : last * FRAME_SAMPLES] = level
    return found


def test_short_pauses_part_no_stretches_and_short_ones_are_left_out() -> None:
    assert stretches(frames((0, 100), (110, 200), (260, 290), (400, 500))) == [(0, 200), (400, 500)]


def test_two_who_follow_each_other_are_parted() -> None:
    mine, network = frames((0, 200), (240, 260), (300, 450)), ByLoudness()
    told = sound((0, 200, 0.5), (240, 260, 0.1), (300, 450, 0.1))
    first, second = parted(told, mine, mine, 2, cast(Campplus, network))
    assert (first.active | second.active == mine).all() and not (first.active & second.active).any()
    assert first.active[:200].all() and second.active[300:450].all() and first.of == second.of == 2
    assert np.allclose(first.embedding, [1, 0]) and np.allclose(second.embedding, [0, 1])
    assert max(network.seconds) <= 2.0 and all(length % 0.25 == 0 for length in network.seconds)


def test_one_person_stays_whole() -> None:
    mine = frames((0, 200), (300, 450))
    told = sound((0, 200, 0.5), (300, 450, 0.5))
    assert parted(told, mine, mine, 0, cast(Campplus, ByLoudness())) == []
    assert parted(told, frames((0, 200)), frames((0, 200)), 0, cast(Campplus, ByLoudness())) == []
