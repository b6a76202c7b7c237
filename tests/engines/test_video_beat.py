"""What an engine tells while it makes frames is sparse, grows, and ends with the truth."""

from __future__ import annotations

from typing import Any

from engines.video.beat import Beat


def test_a_beat_is_told_once_a_second_with_how_far_and_how_fast() -> None:
    now, told = [0.0], list[dict[str, Any]]()
    beat = Beat(told.append, n_frames=10, work=40, clock=lambda: now[0])
    for _ in range(40):
        beat.step()
        now[0] += 0.25
    assert [one["share"] for one in told] == [n / 10 for n in range(1, 10)]
    assert {one["frames_a_second"] for one in told} == {1.0}
    assert beat.ended() == {"took_s": 10.0, "frames_a_second": 1.0}


def test_before_anything_is_done_no_speed_is_told() -> None:
    now, told = [0.0], list[dict[str, Any]]()
    beat = Beat(told.append, n_frames=10, work=40, clock=lambda: now[0])
    now[0] = 5.0
    beat.step()
    assert told == [{"partial": 0, "share": 0.0, "took_s": 5.0, "frames_a_second": None}]
