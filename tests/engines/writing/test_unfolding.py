"""Reasoning never reaches the text, however the pieces fall."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engines.writing.unfolding import Unfolding


def unfold(pieces: list[str], stop: tuple[str, ...] = ()) -> Unfolding:
    found = Unfolding(stop)
    for piece in pieces:
        if found.feed(piece):
            break
    found.close()
    return found


def cut(text: str, places: list[int]) -> list[str]:
    edges = [0, *sorted({place % (len(text) + 1) for place in places}), len(text)]
    return [text[start:end] for start, end in zip(edges, edges[1:], strict=False)]


places = st.lists(st.integers(0, 400), max_size=40)


@given(places)
def test_reasoning_is_kept_apart_wherever_the_pieces_are_cut(at: list[int]) -> None:
    found = unfold(cut("\n<think>\n好的，先看看 a < b。\n</think>\n\n会议在三点。<b>", at))
    assert (found.text, found.reasoning) == ("会议在三点。<b>", "好的，先看看 a < b。")


@given(places)
def test_no_moment_shows_a_mark_or_reasoning_as_text(at: list[int]) -> None:
    found = Unfolding()
    for piece in cut("<think>secret</think>The meeting is at three.", at):
        found.feed(piece)
        assert "The meeting is at three.".startswith(found.text)


@given(places)
def test_an_end_mark_alone_turns_what_was_before_it_into_reasoning(at: list[int]) -> None:
    found = unfold(cut("Let me see.\n</think>\nDone.", at))
    assert (found.text, found.reasoning) == ("Done.", "Let me see.")


@given(places)
def test_a_stop_string_ends_the_text_before_it_wherever_the_pieces_are_cut(at: list[int]) -> None:
    found = unfold(cut("one two END three", at), ("END", "three"))
    assert (found.text, found.stopped) == ("one two", True)


@given(places)
def test_a_stop_string_within_reasoning_stops_nothing(at: list[int]) -> None:
    found = unfold(cut("<think>the END is near</think>fine", at), ("END",))
    assert (found.text, found.reasoning, found.stopped) == ("fine", "the END is near", False)


def test_an_empty_thought_leaves_the_text_alone() -> None:
    found = unfold(["<think>", "\n\n", "</think>", "\n\n", "你好"])
    assert (found.text, found.reasoning) == ("你好", "")


def test_a_thought_that_was_cut_off_is_no_text() -> None:
    found = unfold(["<thi", "nk>I was just abo"])
    assert (found.text, found.reasoning) == ("", "I was just abo")


def test_the_word_think_later_in_a_text_is_text() -> None:
    assert unfold(["We say <think> here, ", "and <thi"]).text == "We say <think> here, and <thi"


def test_reasoning_that_comes_apart_is_reasoning() -> None:
    found = Unfolding()
    found.think("hm ")
    found.think("yes")
    found.feed("Done.")
    assert (found.text, found.reasoning) == ("Done.", "hm yes")


@given(st.text(max_size=60), places)
def test_a_text_without_marks_comes_out_as_it_went_in(text: str, at: list[int]) -> None:
    if "think>" in text:
        return
    assert unfold(cut(text, at)).text == text.strip()
