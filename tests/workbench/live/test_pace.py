from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.live.pace import FORSAKEN_S, is_forsaken, most_sessions, pace, smoothed


@pytest.mark.parametrize(
    ("took_s", "behind_s", "expected"),
    [(None, 0.0, "on"), (0.4, 3.0, "on"), (2.0, 0.0, "thin"), (0.4, 12.0, "thin"), (6.0, 0.0, "off"), (0.4, 25, "off")],
)
def test_provisional_text_thins_out_where_the_machine_is_slow(
    took_s: float | None, behind_s: float, expected: str
) -> None:
    assert pace(took_s, behind_s).partials == expected


@given(st.floats(0, 60), st.floats(0, 60), st.floats(0, 60))
def test_a_slower_machine_is_never_asked_more_often(took_s: float, slower_s: float, behind_s: float) -> None:
    first, second = sorted((took_s, slower_s))
    assert pace(first, behind_s).every_s <= pace(second, behind_s).every_s


def test_one_slow_pass_is_not_the_whole_truth() -> None:
    assert smoothed(None, 2.0) == 2.0 and 0.4 < smoothed(0.4, 2.0) < 2.0


@pytest.mark.parametrize(("speed", "places", "most"), [(0.5, 1, 1), (12.0, 1, 4), (60.0, 2, 48)])
def test_the_admitted_number_comes_from_the_speed(speed: float, places: int, most: int) -> None:
    assert most_sessions(speed, places) == most


def test_a_session_waits_a_quarter_of_an_hour_for_its_browser() -> None:
    assert not is_forsaken(None, 1e9) and not is_forsaken(100.0, 100.0 + FORSAKEN_S - 1)
    assert is_forsaken(100.0, 100.0 + FORSAKEN_S)
