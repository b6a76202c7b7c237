from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import pytest
from docx import Document
from hypothesis import given, settings
from hypothesis import strategies as st

from media.documents import EXPORTS, clock, paragraphs, to_docx, to_json, to_txt
from media.transcript import Segment, Transcript, Word

MEETING = Transcript(
    (
        Segment(0.0, 3.0, " Good morning.", (Word(0.0, 1.0, " Good", 0.9), Word(1.0, 3.0, " morning.", 0.8)), "en"),
        Segment(3.2, 5.0, " Shall we begin?"),
        Segment(9.0, 12.0, " Yes."),
        Segment(60.0, 75.0, "", flags=("failed",)),
    ),
    duration=3675.0,
    language="en",
    title="Weekly <meeting> & 会议",
)


def test_text_has_paragraphs_at_pauses_and_marks_what_was_lost() -> None:
    assert to_txt(MEETING) == "Good morning. Shall we begin?\n\nYes.\n\n[1:00–1:15 …]\n"


def test_chinese_is_joined_without_spaces() -> None:
    assert to_txt(Transcript((Segment(0, 1, "你好，"), Segment(1, 2, "世界。")), 2.0)) == "你好，世界。\n"
    assert to_txt(Transcript((Segment(0, 1, "안녕하세요"), Segment(1, 2, "여러분")), 2.0)) == "안녕하세요 여러분\n"


def test_chinese_without_punctuation_keeps_its_lines_apart() -> None:
    said = Transcript((Segment(0, 2, "我们订火车票"), Segment(2, 4, "帮我收一下，"), Segment(4, 6, "谢谢")), 6.0, "zh")
    assert to_txt(said) == "我们订火车票 帮我收一下，谢谢\n"
    day = Transcript(tuple(Segment(n, n + 1, "大料传统生产企业开始吹出电商") for n in range(200)), 200.0, "zh")
    assert max(len(part) for part in to_txt(day).split("\n\n")) < 500


def test_another_speaker_begins_a_paragraph() -> None:
    talk = Transcript(
        (Segment(0, 1, "Hi.", speaker="A"), Segment(1, 2, "Ho.", speaker="A"), Segment(2, 3, "No.", speaker="B")), 3.0
    )
    assert to_txt(talk) == "A: Hi. Ho.\n\nB: No.\n"


def test_a_long_paragraph_ends_with_a_sentence() -> None:
    talk = Transcript(tuple(Segment(n, n + 1, "These are some words, one after another.") for n in range(100)), 100.0)
    parts = paragraphs(talk)
    assert len(parts) > 3
    assert all(part.text.endswith(".") and len(part.text) < 700 for part in parts)


def test_json_has_the_names_of_openai() -> None:
    told = json.loads(to_json(MEETING))
    assert told["language"] == "en"
    assert told["duration"] == 3675.0
    assert told["segments"][0]["id"] == 0
    assert told["segments"][0]["words"][0] == {"word": " Good", "start": 0.0, "end": 1.0, "probability": 0.9}
    assert told["segments"][3]["flags"] == ["failed"]
    assert json.loads(to_json(replace(MEETING, segments=())))["segments"] == []


def test_word_files_hold_the_title_and_every_paragraph_with_its_time() -> None:
    document = Document(io.BytesIO(to_docx(MEETING)))
    lines = [line.text for line in document.paragraphs]
    assert lines[0] == "Weekly <meeting> & 会议"
    assert lines[1] == "1:01:15"
    assert lines[2] == "0:00  Good morning. Shall we begin?"
    assert lines[4] == "1:00  [1:00–1:15 …]"
    assert document.core_properties.title == "Weekly <meeting> & 会议"


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=80), st.text(max_size=80))
def test_any_text_makes_every_kind_of_file(title: str, text: str) -> None:
    transcript = Transcript((Segment(0.0, 1.0, text),), 1.0, None, title)
    for export in EXPORTS.values():
        assert isinstance(export.write(transcript), bytes)
    assert zipfile.ZipFile(io.BytesIO(to_docx(transcript))).testzip() is None


def test_every_kind_of_file_has_its_type_and_ending() -> None:
    assert set(EXPORTS) == {"txt", "srt", "vtt", "json", "docx", "rttm"}
    assert all(export.suffix == f".{name}" for name, export in EXPORTS.items())


@pytest.mark.parametrize(("seconds", "said"), [(0.0, "0:00"), (59.9, "0:59"), (187.0, "3:07"), (3787.2, "1:03:07")])
def test_times_are_written_as_people_write_them(seconds: float, said: str) -> None:
    assert clock(seconds) == said
