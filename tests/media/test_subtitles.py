from __future__ import annotations

import html
import re
from itertools import pairwise

import pysubs2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.line_breaking import columns
from media.subtitles import SubtitleStyle, cues, to_srt, to_vtt
from media.transcript import Segment, Transcript, Word

ENGLISH = (
    "And so, my fellow Americans, ask not what your country can do for you. Ask what you can do for your country, "
    "because this is what we came here for, and it will be remembered by those who come after us."
)
CHINESE = (
    "今天我们要讨论一下下个季度的销售计划，首先请张经理介绍一下目前的情况。"
    "另外我们使用iPhone 15和ChatGPT来做演示，谢谢！"
)


def one(text: str, start: float = 0.0, end: float = 12.0, **fields: object) -> Transcript:
    return Transcript((Segment(start, end, text, **fields),), duration=end)  # type: ignore[arg-type]


def spoken(text: str, start: float, end: float) -> tuple[Word, ...]:
    parts = re.findall(r"\s*\S+", text)
    step = (end - start) / len(parts)
    return tuple(Word(start + n * step, start + (n + 1) * step, part, 0.9) for n, part in enumerate(parts))


texts = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="天地玄黄宇宙洪荒，。！？「」abc 123", max_size=200),
    st.lists(
        st.sampled_from(["word", "another", "I", "extraordinarily,", "end.", "<b>", "-->", "&", "x" * 60]), max_size=60
    ).map(" ".join),
)
segments = st.builds(
    lambda start, length, text, timed: Segment(
        start, start + length, text, spoken(text, start, start + length) if timed and text.strip() else ()
    ),
    st.floats(0, 600, width=32), st.floats(0, 30, width=32), texts, st.booleans(),
)  # fmt: skip
transcripts = st.lists(segments, max_size=8).map(
    lambda found: Transcript(tuple(sorted(found, key=lambda segment: segment.start)), duration=630.0)
)


@given(transcripts)
def test_cues_follow_each_other_inside_the_recording_and_lose_no_sign(transcript: Transcript) -> None:
    shown = cues(transcript)
    for cue in shown:
        assert 0 <= cue.start < cue.end <= 630_000
        assert 1 <= len(cue.lines) <= 2
        assert all(line.strip() and columns(line) <= 42 for line in cue.lines)
    assert all(before.end <= after.start for before, after in pairwise(shown))
    told = re.sub(r"\s", "", "".join(line for cue in shown for line in cue.lines))
    wanted = re.sub(
        r"[\s\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", "", "".join(s.text for s in transcript.segments)
    )
    assert told == wanted


@given(transcripts)
def test_files_are_read_back_with_the_same_cues(transcript: Transcript) -> None:
    shown = cues(transcript)
    for text, form in ((to_srt(transcript), "srt"), (to_vtt(transcript), "vtt")):
        assert text.count(" --> ") >= len(shown)
        found = re.findall(r"^(?:\d\d:){2}\d\d[.,]\d{3} --> (?:\d\d:){2}\d\d[.,]\d{3}$", text, re.MULTILINE)
        assert len(found) == len(shown), form


def test_other_programs_read_the_subtitles() -> None:
    read = pysubs2.SSAFile.from_string(to_srt(one(ENGLISH)), format_="srt")
    assert " ".join(event.plaintext.replace("\n", " ") for event in read) == ENGLISH
    read = pysubs2.SSAFile.from_string(to_vtt(one(ENGLISH)), format_="vtt")
    assert " ".join(event.plaintext.replace("\n", " ") for event in read) == ENGLISH


def test_english_has_at_most_42_signs_a_line_and_ends_cues_with_sentences() -> None:
    shown = cues(one(ENGLISH))
    assert all(len(line) <= 42 for cue in shown for line in cue.lines)
    assert any(cue.lines[-1].endswith("for you.") for cue in shown)


def test_chinese_has_at_most_20_signs_a_line_and_keeps_punctuation_with_its_word() -> None:
    shown = cues(one(CHINESE, end=20.0))
    lines = [line for cue in shown for line in cue.lines]
    assert all(columns(line) <= 40 for line in lines)
    assert not any(line[0] in "，。！？" for line in lines)
    assert any("iPhone" in line for line in lines)
    assert any("ChatGPT" in line for line in lines)


def test_a_recognised_chinese_word_is_not_divided_where_another_break_is_as_good() -> None:
    words = tuple(Word(n * 0.4, n * 0.4 + 0.4, word, 0.9) for n, word in enumerate(["今天", "讨论", "预算"] * 5))
    segment = Segment(0.0, 6.0, "".join(word.text for word in words), words, "zh")
    (cue,) = cues(Transcript((segment,), 6.0, "zh"))
    assert [len(part) % 2 for part in cue.lines] == [0, 0]


def test_a_long_segment_is_divided_at_the_times_of_its_words() -> None:
    words = (
        Word(0.0, 1.0, "First", 1),
        Word(1.0, 2.0, " part", 1),
        Word(9.0, 10.0, " second", 1),
        Word(10.0, 11.0, " part", 1),
    )
    shown = cues(one("First part second part", end=12.0, words=words))
    assert [(cue.lines, cue.start) for cue in shown] == [(("First part",), 0), (("second part",), 9000)]
    assert shown[0].end == 2000


def test_an_edited_text_shares_out_the_time_of_its_segment() -> None:
    words = (Word(0.0, 1.0, "Wrong", 1), Word(1.0, 2.0, " words", 1))
    shown = cues(one(ENGLISH, end=14.0, words=words))
    assert len(shown) >= 3
    assert shown[-1].start > 8000


def test_a_short_cue_stays_long_enough_to_be_read_where_there_is_room() -> None:
    transcript = Transcript((Segment(1.0, 1.2, "Yes."), Segment(5.0, 5.2, "No."), Segment(5.5, 9.0, "Perhaps.")), 10.0)
    assert [(cue.start, cue.end) for cue in cues(transcript)] == [(1000, 2000), (5000, 5500), (5500, 9000)]


def test_no_cue_stays_longer_than_seven_seconds() -> None:
    assert cues(one("Hm.", end=25.0))[0].end == 7000


def test_times_that_overlap_or_pass_the_end_are_put_right() -> None:
    transcript = Transcript((Segment(1.0, 4.0, "a"), Segment(3.0, 3.5, "b"), Segment(9.9, 99.0, "c")), 10.0)
    shown = cues(transcript)
    assert all(before.end <= after.start for before, after in pairwise(shown))
    assert shown[-1].end == 10_000


def test_what_looks_like_markup_stays_text_in_vtt() -> None:
    text = to_vtt(one("<script>alert(1)</script> a --> b & c", end=5.0))
    assert "<script" not in text
    assert text.count("-->") == 1
    assert "<script>alert(1)</script> a --> b & c" in html.unescape(text).replace("\n", " ")


def test_no_text_can_begin_a_cue_of_its_own_in_srt() -> None:
    text = to_srt(one("a\n\n2\n00:00:01,000 --> 00:00:02,000\n<i>b</i>{\\an8}", end=5.0))
    assert text.count("-->") == 1
    assert "<i>" not in text
    assert "{\\" not in text


def test_who_speaks_is_told_when_it_changes() -> None:
    transcript = Transcript(
        (
            Segment(0, 2, "Hello.", speaker="Ann"),
            Segment(2, 4, "Yes.", speaker="Ann"),
            Segment(4, 6, "No.", speaker="Bob"),
        ),
        6.0,
    )
    assert [cue.lines for cue in cues(transcript)] == [("Ann: Hello.",), ("Yes.",), ("Bob: No.",)]


def test_lost_stretches_and_empty_transcripts_give_no_cue() -> None:
    assert cues(one("", flags=("failed",))) == []
    assert to_srt(Transcript((), 0.0)) == ""
    assert to_vtt(Transcript((), 0.0)) == "WEBVTT\n"


@pytest.mark.parametrize("widest", [10, 25, 60])
def test_the_style_decides_the_width(widest: int) -> None:
    shown = cues(one(ENGLISH), SubtitleStyle(widest=widest))
    assert all(columns(line) <= widest for cue in shown for line in cue.lines)
