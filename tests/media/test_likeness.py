"""Scores, limits and answers about two voices, on made embeddings."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.clarity import clearness_db
from media.likeness import (
    DIFFERENT,
    SAME,
    Heard,
    Rule,
    answer,
    calibrated,
    distinct,
    loss,
    mean,
    named,
    score,
    table,
)

Floats = npt.NDArray[np.float32]
NOBODY = np.zeros((0, 192), np.float32)


def at(cosine: float, n: int = 0) -> Floats:
    """A voice whose cosine to the first axis is this; ``n`` says in which direction the rest of it lies."""
    made = np.zeros(192, np.float32)
    made[0], made[1 + n] = cosine, np.sqrt(1 - cosine**2)
    return made


FIRST = at(1.0)


def heard(cosine: float, speech_s: float = 20.0, clear_db: float | None = 30.0, n: int = 0) -> Heard:
    return Heard(at(cosine, n), speech_s, clear_db)


def strangers(centre: float, spread: float, n: int) -> Floats:
    """People whose cosines to the first axis and to ``at(0.45)`` lie so, and who are nothing like each other else."""
    rng = np.random.default_rng(7)
    rest = rng.standard_normal((n, 192)).astype(np.float32)
    rest[:, :2] = 0
    rest /= np.linalg.norm(rest, axis=1, keepdims=True)
    to_first, to_other = rng.normal(centre, spread, (2, n)).astype(np.float32)
    made = np.zeros((n, 192), np.float32)
    made[:, 0], made[:, 1] = to_first, (to_other - 0.45 * to_first) / np.sqrt(1 - 0.45**2)
    left = 1 - (made**2).sum(axis=1, keepdims=True)
    return np.asarray(made + np.sqrt(left) * rest, np.float32)


def test_without_anybody_else_the_score_is_the_cosine() -> None:
    assert score(FIRST, at(0.6), NOBODY) == pytest.approx(0.6, abs=1e-6)


def test_a_voice_that_is_like_everybody_here_scores_less() -> None:
    alike = score(FIRST, at(0.45), strangers(0.35, 0.05, 50))
    assert alike < 0.40 < score(FIRST, at(0.45), NOBODY)


def test_few_strangers_change_little() -> None:
    many, few = (score(FIRST, at(0.45), strangers(0.35, 0.05, n)) for n in (50, 2))
    assert many < few < 0.45 and few > Rule().same_from() - 0.15


def test_strangers_who_may_be_the_same_person_do_not_count() -> None:
    assert score(FIRST, at(0.8), np.stack([at(0.9, 3), at(0.85, 4)])) == pytest.approx(0.8, abs=1e-5)


def test_the_nearest_of_many_give_the_spread_of_all() -> None:
    few, many = strangers(0.1, 0.1, 59), strangers(0.1, 0.1, 600)
    assert score(FIRST, at(0.45), many) == pytest.approx(score(FIRST, at(0.45), few), abs=0.05)


def test_a_voice_that_is_like_nobody_is_not_made_like_everybody() -> None:
    apart = strangers(0.0, 0.005, 300)
    assert score(FIRST, at(0.45), apart) < Rule().same_from() + 0.25


def test_a_table_of_scores_is_the_same_both_ways() -> None:
    embeddings = np.stack([FIRST, at(0.3), at(0.7, 2)])
    found = table(embeddings, strangers(0.1, 0.1, 30))
    assert np.allclose(found, found.T, atol=1e-5)
    assert found[0, 2] == pytest.approx(score(FIRST, at(0.7, 2), strangers(0.1, 0.1, 30)), abs=1e-5)


def test_the_default_limit_lies_between_what_was_measured_of_different_people_and_of_one() -> None:
    assert 0.434 < Rule().same_from() < 0.583


def test_a_stricter_rate_and_more_candidates_raise_the_limit() -> None:
    assert Rule(wrong_share=0.01).same_from() < Rule().same_from() < Rule(wrong_share=0.0001).same_from()
    assert Rule().same_from(20) > Rule().same_from(1)


def test_the_limit_of_a_place_comes_to_its_own_pairs_as_they_grow_in_number() -> None:
    rng = np.random.default_rng(3)
    pairs = list(rng.normal(0.25, 0.05, 2000))
    few, many = calibrated(pairs[:5], [], 0.001), calibrated(pairs, [], 0.001)
    assert not few.local and many.local
    assert many.different.mean == pytest.approx(0.25, abs=0.02)
    assert many.same_from() == pytest.approx(0.25 + 3.1 * 0.05, abs=0.05)


def test_no_pair_of_two_people_that_was_seen_here_passes() -> None:
    assert calibrated([0.1, 0.2, 0.63], [], 0.001).same_from() > 0.63


def test_a_place_without_pairs_has_the_default() -> None:
    rule = calibrated([], [], 0.001)
    assert (rule.different, rule.same, rule.same_from()) == (DIFFERENT, SAME, Rule().same_from())


@pytest.mark.parametrize(("cosine", "says"), [(0.8, "same"), (0.1, "different"), (0.46, "unsure")])
def test_two_clear_voices_are_the_same_or_different_or_in_between(cosine: float, says: str) -> None:
    found = answer(heard(1.0), heard(cosine), NOBODY, Rule())
    assert found.says == says
    assert [one.code for one in found.reasons] == [{"same": "above", "different": "below", "unsure": "between"}[says]]


def test_little_speech_is_told_with_its_clip_and_length() -> None:
    found = answer(heard(1.0), heard(0.35, speech_s=2.0), NOBODY, Rule())
    assert found.says == "unsure"
    assert [(one.code, one.clip, one.value) for one in found.reasons] == [("short", 2, 2.0)]


def test_of_a_word_nothing_is_said_however_like_it_is() -> None:
    assert answer(heard(1.0, speech_s=1.0), heard(0.95), NOBODY, Rule()).says == "unsure"


def test_noise_is_told_and_makes_different_harder_to_say() -> None:
    found = answer(heard(1.0, clear_db=2.0), heard(0.35), NOBODY, Rule())
    assert found.says == "unsure" and [(one.code, one.clip) for one in found.reasons] == [("noisy", 1)]


@given(st.floats(0.5, 60), st.floats(0.5, 60), st.floats(-5, 50), st.floats(-5, 50))
def test_more_and_clearer_speech_never_costs_more(short: float, long: float, dull: float, clear: float) -> None:
    short, long, dull, clear = min(short, long), max(short, long), min(dull, clear), max(dull, clear)
    assert loss(heard(1.0, long, clear)) <= loss(heard(1.0, short, dull))


def test_who_is_known_is_named_and_a_stranger_never_the_nearest() -> None:
    known = [[heard(1.0)], [Heard(at(0.0, 5), 20.0)]]
    found = named([heard(0.8, n=2), heard(0.45, n=3)], known, NOBODY, Rule())
    assert found[0] is not None and found[0][0] == 0 and found[1] is None


def test_one_name_is_given_once_in_a_recording() -> None:
    found = named([heard(0.7, n=2), heard(0.9, n=3)], [[heard(1.0)]], NOBODY, Rule())
    assert found[0] is None and found[1] is not None


def test_who_is_like_two_people_is_not_named() -> None:
    twins = [[heard(1.0)], [heard(0.99, n=4)]]
    assert named([heard(0.9, n=2)], twins, NOBODY, Rule()) == [None]


def test_who_hardly_speaks_is_not_named() -> None:
    assert named([heard(0.9, speech_s=2.0)], [[heard(1.0)]], NOBODY, Rule()) == [None]


def test_several_recordings_are_one_voice_by_how_long_each_is() -> None:
    whole = mean([Heard(at(1.0), 30.0, 10.0), Heard(at(0.0), 10.0, 20.0)])
    assert whole.speech_s == 40.0 and whole.clear_db == 20.0
    assert whole.embedding[0] == pytest.approx(3 * whole.embedding[1], abs=1e-5)
    with pytest.raises(ValueError):
        mean([])


def test_a_person_who_was_heard_often_is_one_stranger() -> None:
    again = np.stack([at(1.0), at(0.9), at(0.85, 2), at(0.0, 7), at(0.05, 7)])
    assert len(distinct(again)) == 2
    assert distinct(NOBODY).shape == (0, 192)


@pytest.mark.parametrize("db", [0, 10, 20])
def test_clearness_is_the_noise_under_speech_with_pauses(db: int) -> None:
    rng = np.random.default_rng(1)
    words = np.repeat(np.tile([1.0, 0.0], 20), 4000).astype(np.float32)
    sound = words * rng.standard_normal(len(words)).astype(np.float32)
    noise = rng.standard_normal(len(words)).astype(np.float32)
    noisy = sound + noise * np.float32(np.sqrt((sound**2).mean() / 10 ** (db / 10)))
    assert clearness_db(noisy) == pytest.approx(db, abs=1.0)


def test_half_a_second_is_too_short_to_hear_noise_and_silence_is_no_speech() -> None:
    assert clearness_db(np.ones(4000, np.float32)) is None
    told = clearness_db(np.zeros(32_000, np.float32))
    assert told is not None and told <= 0
