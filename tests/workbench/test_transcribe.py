from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines.requests import TranscribeRequest
from media.transcript import Segment, Word
from workbench.jobs import fingerprint
from workbench.tasks.transcribe import Done, clamp, decide_language, is_undecided, item_of, join


class PlainRewriter:
    """Marks what it was asked to do."""

    def to_script(self, text: str, script: str) -> str:
        return text.replace("體", "体")

    def to_digits(self, text: str, language: str) -> str:
        return text.replace("twenty three", "23").replace("二十三", "23")


def line(start: float, end: float, text: str, **more: Any) -> dict[str, Any]:
    return Segment(start, end, text, **more).to_dict()


def result(*lines: dict[str, Any], language: str = "en", probability: float = 0.9) -> dict[str, Any]:
    return {
        "language": language,
        "language_probability": probability,
        "segments": list(lines),
        "audio_s": 10.0,
        "redone": 0,
    }


def joined(done: list[Done], request: TranscribeRequest | None = None, duration_s: float = 100.0) -> list[Segment]:
    return join(done, request or TranscribeRequest(), PlainRewriter(), duration_s).segments


def test_chunks_are_joined_in_order_whatever_order_they_ended_in() -> None:
    done = [Done(1, 10, 20, result(line(10, 12, "two"))), Done(0, 0, 10, result(line(0, 2, " one ")))]
    assert [segment.text for segment in joined(done)] == ["one", "two"]


def test_a_failed_chunk_is_marked_with_its_time_and_the_rest_arrives() -> None:
    done = [
        Done(0, 0, 10, result(line(0, 2, "one"))),
        Done(1, 31, 58, None),
        Done(2, 60, 70, result(line(60, 61, "three"))),
    ]
    ended = join(done, TranscribeRequest(), PlainRewriter(), 100.0)
    assert [(segment.text, segment.flags) for segment in ended.segments] == [
        ("one", ()),
        ("", ("failed",)),
        ("three", ()),
    ]
    assert ended.notes == [{"code": "stretches_failed", "values": {"n": 1, "stretches": [{"start": 31, "end": 58}]}}]


def test_a_recording_without_words_says_so() -> None:
    assert join([], TranscribeRequest(), PlainRewriter(), 5.0).notes == [{"code": "no_speech", "values": {}}]
    assert join([Done(0, 0, 5, result())], TranscribeRequest(), PlainRewriter(), 5.0).notes[0]["code"] == "no_speech"


def test_chinese_is_written_in_the_chosen_script_with_its_word_times() -> None:
    words = (Word(0, 1, "整", 0.9), Word(1, 2, "體", 0.9))
    done = [Done(0, 0, 5, result(line(0, 2, "整體", words=words), language="zh"))]
    segment = joined(done)[0]
    assert segment.text == "整体" and [word.text for word in segment.words] == ["整", "体"]
    assert joined(done, TranscribeRequest(script=None))[0].text == "整體"
    assert joined([Done(0, 0, 5, result(line(0, 2, "整體"), language="ja"))])[0].text == "整體"


def test_numbers_become_digits_and_the_words_behind_them_one() -> None:
    words = (Word(0, 1, " all", 0.9), Word(1, 2, " twenty", 0.8), Word(2, 3, " three", 0.7), Word(3, 4, " men", 0.9))
    segment = joined(
        [Done(0, 0, 5, result(line(0, 4, "all twenty three men", words=words)))], TranscribeRequest(itn=True)
    )[0]
    assert segment.text == "all 23 men"
    assert [(word.text, word.start, word.end, word.probability) for word in segment.words] == [
        (" all", 0, 1, 0.9), (" 23", 1, 3, 0.7), (" men", 3, 4, 0.9),
    ]  # fmt: skip


def test_a_line_of_unsure_words_is_marked() -> None:
    words = (Word(0, 1, "maybe", 0.2),)
    lines = [line(0, 1, "maybe", words=words), line(2, 3, "sure", avg_logprob=-0.1), line(4, 5, "hm", avg_logprob=-2.0)]
    assert [segment.flags for segment in joined([Done(0, 0, 5, result(*lines))])] == [("doubtful",), (), ("doubtful",)]


def test_a_line_that_comes_over_and_over_is_kept_once() -> None:
    lines = [line(n, n + 1, "Thanks for watching!") for n in range(5)] + [line(5, 6, "Bye.")]
    found = joined([Done(0, 0, 6, result(*lines))])
    assert [(segment.text, segment.flags) for segment in found] == [("Thanks for watching!", ("loop",)), ("Bye.", ())]


def test_lines_that_were_recognised_one_by_one_are_kept_as_often_as_they_were_said() -> None:
    lines = [line(2 * n, 2 * n + 2, "Mind the gap.", flags=("repeated",) if n else ()) for n in range(5)]
    assert len(joined([Done(0, 0, 10, result(*lines))])) == 5
    three = line(0, 9, "mind the gap please " * 3, flags=("repeated",))
    assert joined([Done(0, 0, 9, result(three))])[0].text.count("gap") == 3


def test_two_equal_lines_are_speech() -> None:
    found = joined([Done(0, 0, 6, result(line(0, 1, "Yes."), line(1, 2, "Yes.")))])
    assert [segment.text for segment in found] == ["Yes.", "Yes."]


def test_a_loop_inside_a_line_is_cut_to_its_first_round() -> None:
    text = "so we go " + "and then we go home " * 6
    found = joined([Done(0, 0, 6, result(line(0, 5, text)))])[0]
    assert found.text == "so we go and then we go home" and found.flags == ("loop",)


def test_no_no_no_is_not_a_loop() -> None:
    assert joined([Done(0, 0, 6, result(line(0, 5, "no no no no no")))])[0].flags == ()


@pytest.mark.parametrize(
    ("request_", "known", "expected"),
    [
        (TranscribeRequest(), None, (None, ())),
        (TranscribeRequest(), "zh", ("zh", ())),
        (TranscribeRequest(language="ru"), "zh", ("ru", ())),
        (TranscribeRequest(languages=("de",)), None, ("de", ())),
        (TranscribeRequest(languages=("de", "en")), "de", (None, ("de", "en"))),
    ],
)
def test_an_item_has_the_language_that_is_known(
    request_: TranscribeRequest, known: str | None, expected: tuple[str | None, tuple[str, ...]]
) -> None:
    item = item_of(request_, Path("a.pcm"), [(0.0, 2.0)], known, None)
    assert (item.language, item.languages) == expected


def test_only_an_automatic_language_is_undecided() -> None:
    assert is_undecided(TranscribeRequest(), None)
    assert not is_undecided(TranscribeRequest(), "en")
    assert not is_undecided(TranscribeRequest(language="en"), None)
    assert not is_undecided(TranscribeRequest(languages=("en", "zh")), None)


def test_a_sure_chunk_decides_the_language_and_unsure_ones_vote() -> None:
    said = line(0, 1, "x")
    assert decide_language([result(said, language="de", probability=0.9)]) == "de"
    unsure = [result(said, language=name, probability=0.5) for name in ("de", "en", "de")]
    assert decide_language(unsure[:2]) is None
    assert decide_language(unsure) == "de"


def test_a_chunk_without_words_says_nothing_about_the_language() -> None:
    assert decide_language([result(language="cy", probability=0.99)] * 5) is None


times = st.floats(-5, 120, allow_nan=False)
segments_strategy = st.lists(
    st.builds(
        lambda start, end, words: Segment(start, end, "x", tuple(Word(a, b, "x", 0.5) for a, b in words)),
        times, times, st.lists(st.tuples(times, times), max_size=4),
    ),
    max_size=12,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(segments_strategy, st.floats(0, 100))
def test_joined_times_are_monotonic_and_inside_the_recording(segments: list[Segment], duration_s: float) -> None:
    reached = 0.0
    for segment in clamp(segments, 0.0, duration_s):
        assert reached <= segment.start <= segment.end <= duration_s
        reached = segment.end
        inner = segment.start
        for word in segment.words:
            assert inner <= word.start <= word.end <= segment.end
            inner = word.start


@pytest.mark.parametrize(
    ("quality", "set_by_hand", "beam"), [("fast", None, 1), ("balanced", None, 5), ("best", None, 5), ("fast", 3, 3)]
)
def test_fast_follows_one_candidate_unless_the_person_set_the_number(
    quality: str, set_by_hand: int | None, beam: int
) -> None:
    asked = TranscribeRequest(quality=quality, beam_size=set_by_hand)
    assert item_of(asked, Path("a.pcm"), [(0.0, 2.0)], "en", None).beam_size == beam


def test_equal_work_is_known_whatever_it_was_called() -> None:
    def mark(**asked: Any) -> str:
        return fingerprint("0" * 64, TranscribeRequest(**asked), "base")

    assert mark(quality="balanced") == mark(quality="best") == mark(quality="balanced", beam_size=5)
    assert mark(quality="fast") == mark(quality="balanced", beam_size=1) != mark(quality="balanced")
