"""Decisions of the Whisper engine that need no model."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engines.requests import TranscribeItem
from engines.whisper.checks import compression_ratio, is_heard, is_silence, loop_start
from engines.whisper.decode import Take, choose_language, first_window, is_quiet, next_window
from engines.whisper.features import LogMel
from engines.whisper.lines import Line, starts_after, to_lines, without_late_loop
from engines.whisper.net import Aligned, nearest_precision
from engines.whisper.plan import HEARD_S, ROOM_S, groups, heard_frames, token_limit, window_frames
from engines.whisper.times import Timeline
from engines.whisper.words import heard_words, split_words, words_of_lines

T = 1000
"""The first time token of these tests; a second is 50 of them."""


def at(seconds: float) -> int:
    return T + round(seconds / 0.02)


@given(st.floats(0, 30))
def test_a_window_leaves_room_after_the_sound_and_is_never_longer_than_thirty_seconds(sound_s: float) -> None:
    frames = window_frames(sound_s)
    assert frames % 2 == 0 and frames <= 3000
    assert frames == 3000 or frames >= (sound_s + ROOM_S) * 100 - 1


@given(st.floats(0, 26))
def test_all_of_the_sound_is_computed_and_little_of_the_room_after_it(sound_s: float) -> None:
    frames = heard_frames(sound_s)
    assert frames % 2 == 0 and sound_s * 100 < frames <= (sound_s + HEARD_S) * 100 + 50
    assert frames <= window_frames(sound_s)


def test_dense_scripts_may_take_more_tokens() -> None:
    assert token_limit(5.0, "en") == 42
    assert token_limit(5.0, "zh") == 72
    assert token_limit(30.0, "zh") == 224


@given(st.lists(st.integers(0, 4), max_size=30), st.integers(1, 5))
def test_groups_hold_every_item_once_and_share_a_key(keys: list[int], most: int) -> None:
    found = groups(keys, most)
    assert sorted(position for group in found for position in group) == list(range(len(keys)))
    assert all(len(group) <= most and len({keys[position] for position in group}) == 1 for group in found)


def test_a_sentence_said_twice_is_a_loop_from_its_second_time() -> None:
    sentence = [5, 9, 2, 7, 1, 8, 3, 6]
    assert loop_start([4, *sentence, *sentence]) == 9


def test_a_short_run_is_a_loop_only_when_it_goes_on() -> None:
    assert loop_start([7, 7, 7, 1, 2]) is None
    assert loop_start([3, *[7, 8] * 10]) == 3


def test_the_comma_after_the_third_time_may_be_missing() -> None:
    phrase, comma = [1, 2, 3, 4, 5, 6], 9
    assert loop_start([*phrase, comma, *phrase, comma, *phrase]) == 7
    assert loop_start([*phrase, comma, *phrase]) is None


def test_different_words_are_no_loop() -> None:
    assert loop_start(list(range(100))) is None


def test_repeated_text_compresses_well() -> None:
    assert (
        compression_ratio("thank you very much " * 20)
        > 2.4
        > compression_ratio("Nobody says the same thing twice here.")
    )
    assert compression_ratio("") == 0


def test_silence_needs_both_signs() -> None:
    assert is_silence(0.7, -1.2)
    assert not is_silence(0.7, -0.5)
    assert not is_silence(0.5, -1.2)


def test_lines_lie_between_their_times_and_inside_the_sound() -> None:
    found = to_lines([at(0.0), 1, 2, at(2.0), at(2.0), 3, at(9.0)], T, 5.0)
    assert [(line.tokens, line.start, line.end) for line in found.lines] == [([1, 2], 0.0, 2.0), ([3], 2.0, 5.0)]
    assert found.resume_s is None


def test_two_times_at_the_end_mean_that_speech_goes_on() -> None:
    tokens = [at(0.0), 1, at(2.0), at(2.0)]
    assert to_lines(tokens, T, 10.0).resume_s == 2.0
    assert to_lines(tokens, T, 2.5).resume_s is None


def test_a_last_line_without_an_end_is_kept() -> None:
    assert to_lines([at(0.0), 1, at(2.0), at(2.0), 2], T, 4.0).lines[-1] == Line([2], 2.0, 4.0)


@given(st.lists(st.integers(0, T + 1500), max_size=40), st.floats(0.1, 30))
def test_line_times_never_go_back_nor_past_the_sound(tokens: list[int], sound_s: float) -> None:
    lines = to_lines(tokens, T, sound_s).lines
    assert all(0 <= line.start <= line.end <= sound_s for line in lines)
    assert all(a.end <= b.start for a, b in pairwise(lines))


def test_a_line_that_starts_past_the_speech_is_seen_and_one_that_only_ends_there_is_not() -> None:
    assert starts_after([at(0.0), 1, at(3.0), at(3.0), 1, at(5.0)], T, 2.9)
    assert not starts_after([at(0.0), 1, at(5.0)], T, 2.9)


def test_times_of_a_chunk_are_mapped_back_to_their_pieces() -> None:
    timeline = Timeline([(10.0, 12.0), (20.0, 23.0)], 22.5)
    assert timeline.sound_s == 5.0
    assert timeline.span(0.5, 2.0) == (10.5, 12.0)
    assert timeline.span(2.0, 3.0) == (20.0, 21.0)
    assert timeline.span(1.0, 5.0) == (11.0, 22.5)
    assert timeline.word_span(1.8, 2.1) == (11.8, 12.0)


pieces = st.lists(st.tuples(st.floats(0.1, 5), st.floats(0.05, 8)), min_size=1, max_size=6)


@given(pieces, st.lists(st.floats(0, 50), min_size=2, max_size=10))
def test_mapped_times_are_in_order_and_inside_the_recording(
    gaps: list[tuple[float, float]], times: list[float]
) -> None:
    spans, now = [], 0.0
    for gap, length in gaps:
        spans.append((now + gap, now + gap + length))
        now = spans[-1][1]
    timeline = Timeline(spans, now)
    times.sort()
    last = 0.0
    for start, end in pairwise(times):
        first, second = timeline.span(start, end)
        assert last <= first + 1e-5 and first <= second <= now
        last = first


def test_the_language_is_the_best_of_those_allowed() -> None:
    heard = {"zh": 0.5, "en": 0.3, "ru": 0.2}
    assert choose_language(heard, ()) == ("zh", 0.5)
    assert choose_language(heard, ("en", "ru")) == ("en", 0.6)
    assert choose_language(heard, ("xx",)) == ("zh", 0.5)


def test_a_failed_window_is_tried_in_full_then_longer_then_for_the_last_time() -> None:
    take = Take(0, TranscribeItem("x", ()), np.zeros(16000 * 6, np.float32), "en")
    windows = [first_window(take)]
    while not windows[-1].last:
        windows.append(next_window(windows[-1]))
    assert [window.n_frames for window in windows] == [1600, 3000, 2400, 3000]


def test_only_sound_below_hearing_counts_as_quiet() -> None:
    assert is_quiet(np.zeros(0, np.float32)) and is_quiet(np.full(100, 1e-4, np.float32))
    assert not is_quiet(np.full(100, 0.01, np.float32))


def test_a_precision_that_the_device_lacks_becomes_the_nearest() -> None:
    assert nearest_precision("float16", {"float32", "int8"}) == "float32"
    assert nearest_precision("int8_float16", {"float32", "int8", "int8_float32"}) == "int8_float32"
    assert nearest_precision("int8", {"float32", "int8"}) == "int8"


WORDS = {1: " Hello", 2: ",", 3: " wor", 4: "ld", 5: ".", 6: "你", 7: "好"}


def decode(tokens: object) -> str:
    return "".join(WORDS[token] for token in tokens)  # type: ignore[attr-defined]


def test_words_are_split_at_spaces_and_chinese_at_signs() -> None:
    assert split_words([1, 2, 3, 4, 5], decode, "en") == [(" Hello", 1), (",", 1), (" world", 2), (".", 1)]
    assert split_words([6, 7], decode, "zh") == [("你", 1), ("好", 1)]


def test_words_take_the_time_of_their_first_token_and_carry_their_marks() -> None:
    path = [(0, 0), (0, 10), (1, 20), (2, 25), (3, 40), (4, 60), (5, 65)]
    heard = heard_words(split_words([1, 2, 3, 4, 5], decode, "en"), Aligned(path, [0.9, 0.5, 0.8, 0.6, 0.5]))
    assert [(word.text, word.n_tokens) for word in heard] == [(" Hello,", 2), (" world.", 3)]
    assert (heard[0].start, heard[0].end) == (0.0, 0.4)
    assert heard[1].start == 0.5 and abs(heard[1].probability - 0.7) < 1e-9
    lines = [Line([1, 2], 0.0, 0.5), Line([3, 4, 5], 0.5, 1.3)]
    assert [[word.text for word in words] for words in words_of_lines(lines, heard)] == [[" Hello,"], [" world."]]


def test_the_log_mel_picture_has_the_asked_shape_and_empty_room() -> None:
    picture = LogMel(80)(np.random.default_rng(1).normal(0, 0.1, 16000).astype(np.float32), 400)
    assert picture.shape == (80, 400) and picture.dtype == np.float32
    assert picture[:, :100].std() > 0 and not picture[:, 100:].any()
    assert LogMel(128)(np.zeros(0, np.float32), 300).shape == (128, 300)
    assert LogMel(80)(np.zeros(50, np.float32), 300).shape == (80, 300)


def test_words_count_as_heard_only_when_the_sound_makes_them_likelier() -> None:
    assert is_heard([0.9, 0.8], [0.01, 0.02])
    assert not is_heard([0.9, 0.8], [0.8, 0.7])
    assert not is_heard([], [])


def test_a_loop_that_begins_where_the_speech_ends_is_left_out_and_the_lines_before_it_stand() -> None:
    said = [at(0.0), 1, 2, 3, at(6.6)]
    assert without_late_loop([*said, at(6.8), *[7] * 40], T, 6.94) == said
    assert without_late_loop([*said, at(6.8), *[7] * 40, at(9.0)], T, 6.94) == said


def test_words_at_the_end_and_loops_within_the_speech_are_left_as_they_are() -> None:
    for tokens in (
        [at(0.0), 1, 2, at(6.8), at(6.8), 3, 4, at(6.94)],
        [at(0.0), 1, 2, at(3.0), at(3.0), *[7] * 40, at(6.9)],
        [at(0.0), *[7] * 40],
        [],
    ):
        assert without_late_loop(tokens, T, 6.94) == tokens
