from __future__ import annotations

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.diarization_error import MOST_PEOPLE, errors, most_shared

TRUTH = [(0.0, 4.0, "a"), (4.0, 8.0, "b")]


def test_the_same_turns_under_other_names_are_right() -> None:
    assert errors([(0.0, 4.0, "2"), (4.0, 8.0, "1")], TRUTH, 10.0).rate == 0.0


def test_each_kind_of_error_is_counted_for_itself() -> None:
    told = [(1.0, 4.0, "1"), (4.0, 5.0, "1"), (5.0, 9.0, "2")]
    found = errors(told, TRUTH, 10.0)
    assert (found.speech_s, found.missed_s, found.invented_s, found.mistaken_s) == pytest.approx((8, 1, 1, 1))
    assert found.rate == pytest.approx(3 / 8)
    assert (found + found).speech_s == pytest.approx(16)


def test_nothing_is_counted_within_the_collar_of_a_true_border() -> None:
    told = [(0.2, 4.2, "1"), (4.2, 8.2, "2")]
    assert errors(told, TRUTH, 10.0).rate > 0.05
    assert errors(told, TRUTH, 10.0, collar_s=0.25).rate == 0.0


def test_of_two_who_speak_at_once_each_counts() -> None:
    found = errors([(0.0, 4.0, "1")], [(0.0, 4.0, "a"), (2.0, 4.0, "b")], 4.0)
    assert (found.speech_s, found.missed_s) == pytest.approx((6, 2))


def test_an_empty_answer_misses_all_and_an_answer_to_silence_is_invented() -> None:
    assert errors([], TRUTH, 10.0).rate == pytest.approx(1.0)
    assert errors(TRUTH, [], 10.0).invented_s == pytest.approx(8.0)


@given(st.integers(1, 4), st.integers(1, 5), st.randoms(use_true_random=False))
def test_people_are_matched_as_well_as_they_can_be(n_rows, n_columns, dice) -> None:
    table = np.array([[float(dice.randrange(9)) for _ in range(n_columns)] for _ in range(n_rows)])
    wide = table if n_rows <= n_columns else table.T
    ways = permutations(range(wide.shape[1]), wide.shape[0])
    assert most_shared(table) == max(sum(wide[row, column] for row, column in enumerate(way)) for way in ways)


def test_too_many_people_are_refused() -> None:
    with pytest.raises(ValueError, match="people"):
        most_shared(np.ones((MOST_PEOPLE + 1, MOST_PEOPLE + 1)))
