"""What the time left is reckoned from."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace

import pytest

from engines.requests import SpeakersRequest, TranscribeRequest
from workbench.machine.learning import Batch
from workbench.running.board import Board
from workbench.running.pace import Effort, blended, effort_of


def test_fast_and_best_on_one_model_are_different_efforts() -> None:
    asked = [TranscribeRequest("fast"), TranscribeRequest("best"), TranscribeRequest("fast", beam_size=3)]
    assert [effort_of("base", request).beam for request in asked] == [1, 5, 3]
    assert effort_of("campplus", SpeakersRequest()) == Effort("campplus", 0)


def test_a_machine_that_becomes_busy_is_believed_soon() -> None:
    """From nine times as fast as speech to half as fast: after two batches the time told is two thirds of the true."""
    speed = 9.0
    for _ in range(2):
        speed = blended(speed, 0.5)
    assert 0.5 < speed < 0.8


def test_one_slow_batch_is_soon_forgotten() -> None:
    speed = blended(9.0, 0.5)
    for _ in range(8):
        speed = blended(speed, 9.0)
    assert speed == pytest.approx(9.0, rel=0.2)


def test_the_first_batch_is_weighed_against_what_was_expected() -> None:
    ticks = count()
    board = Board(lambda: float(next(ticks)))
    board.expected_speeds[Effort("base", 5)] = 4.0
    board.measured(Effort("base", 5), 4.0)
    board.measured(Effort("base", 1), 8.0)
    assert board.speeds == pytest.approx({Effort("base", 5): 4.0, Effort("base", 1): 8.0})


def test_a_batch_of_several_beams_tells_the_speed_of_none() -> None:
    one, five, none = (SimpleNamespace(beam_size=beam) for beam in (1, 5, 5))
    assert Batch([five, none], 20.0, 5.0).beam == 5
    assert Batch([one, five], 20.0, 5.0).beam is None
    assert Batch([SimpleNamespace()], 20.0, 5.0).beam == 0
