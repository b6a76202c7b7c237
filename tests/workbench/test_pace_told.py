"""How fast an engine says it makes pictures is believed once it has got going."""

from __future__ import annotations

import pytest

from workbench.running.pace import speed_told


@pytest.mark.parametrize(
    ("told", "anew", "speed"),
    [
        ({"share": 0.5, "took_s": 4.0, "frames_a_second": 2.0}, False, 2.0),
        ({"took_s": 8.0, "frames_a_second": 2.0}, False, 2.0),
        ({"share": 0.1, "took_s": 1.0, "frames_a_second": 2.0}, True, None),
        ({"share": 0.1, "took_s": 20.0, "frames_a_second": 0.1}, True, 0.08),
        ({"share": 0.1, "took_s": 20.0, "frames_a_second": 0.1}, False, None),
        ({"share": 0.5, "took_s": 4.0}, True, None),
    ],
)
def test_a_speed_is_told_when_it_is_sure(told: dict[str, float], anew: bool, speed: float | None) -> None:
    assert speed_told(told, 16.0, anew) == (pytest.approx(speed) if speed else None)
