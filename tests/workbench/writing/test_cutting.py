"""Documents, sentences and parts: nothing is lost on the way to a model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.transcript import Segment, Transcript
from tests.workbench.writing.scripted import count
from workbench.writing.document import Document, Line, of_text, of_transcript
from workbench.writing.parts import packed, parts_of
from workbench.writing.sentences import sentences_of, whole_lines

TEXTS = st.text(alphabet=st.sampled_from(list("会议三点。！？，；… .!?,'\"aBc3 Mr \u3000ж")), max_size=400)
LINES = st.lists(st.tuples(TEXTS, st.sampled_from([None, "李明", "Ann"])), max_size=12)


def document(lines: list[tuple[str, str | None]]) -> Document:
    return Document(
        tuple(Line(n, " ".join(text.split()), n * 5.0, n * 5.0 + 5, who) for n, (text, who) in enumerate(lines))
    )


@given(LINES)
def test_sentences_hold_every_sign_of_every_line(lines: list[tuple[str, str | None]]) -> None:
    given_ = document(lines)
    found = sentences_of(given_, longest=40)
    for line in given_.lines:
        whole = "".join(one.text for one in found if one.line == line.number)
        assert "".join(whole.split()) == "".join(line.text.split())
    assert [one.id for one in found] == list(range(1, len(found) + 1))
    assert all(len(one.text) <= 40 for one in found)


@given(LINES, st.integers(5, 200), st.one_of(st.none(), st.integers(1, 8)))
def test_parts_hold_every_sentence_once_and_in_order(
    lines: list[tuple[str, str | None]], budget: int, most: int | None
) -> None:
    sentences = sentences_of(document(lines))
    parts = parts_of(sentences, budget, count, most)
    assert [one.id for part in parts for one in part.sentences] == [one.id for one in sentences]
    for part in parts:
        used = sum(count(one.text) + 4 for one in part.sentences)
        assert used <= budget or len(part.sentences) == 1
        assert most is None or len(part.sentences) <= most


@given(st.lists(st.integers(1, 300), max_size=60), st.integers(1, 400))
def test_packed_stretches_hold_every_item_and_become_fewer(sizes: list[int], budget: int) -> None:
    stretches = packed(sizes, budget)
    assert [n for first, last in stretches for n in range(first, last)] == list(range(len(sizes)))
    assert len(stretches) <= max(1, len(sizes) // 2)


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("今天开会。张总来了吗？来了！", ["今天开会。", "张总来了吗？", "来了！"]),
        ("他说：“好的。”然后走了。", ["他说：“好的。”", "然后走了。"]),
        ("It costs 3.5 million. Mr. Li agreed.", ["It costs 3.5 million.", "Mr. Li agreed."]),
        ("See e.g. the report at a.b.com now", ["See e.g. the report at a.b.com now"]),
        ("What?! Really...", ["What?!", "Really..."]),
        ("J. Smith spoke. then stopped", ["J. Smith spoke. then stopped"]),
    ],
)
def test_sentences_end_where_people_end_them(text: str, sentences: list[str]) -> None:
    assert [one.text for one in sentences_of(of_text(text))] == sentences


def test_a_part_ends_where_another_person_begins_once_it_is_nearly_full() -> None:
    lines = [("一二三四五六七八九十", "甲")] * 4 + [("一二三四五六七八九十", "乙")] * 4
    parts = parts_of(sentences_of(document(lines)), 75, count)
    assert [one.speaker for one in parts[0].sentences] == ["甲"] * 4


def test_times_of_a_line_are_shared_out_to_its_sentences() -> None:
    found = sentences_of(Document((Line(0, "一二三四。五六七八。", 10.0, 20.0),)))
    assert [(one.start, one.end) for one in found] == [(10.0, 15.0), (15.0, 20.0)]


def test_a_transcript_becomes_a_document_and_comes_back_from_its_bytes() -> None:
    lines = (Segment(0.0, 1.0, " 你好 ", speaker="甲"), Segment(1.0, 2.0, " "), Segment(2.0, 3.0, "再见"))
    made = of_transcript(Transcript(lines, 3.0, "zh", "周会"), [0, 1, 2])
    assert [(line.number, line.text) for line in made.lines] == [(0, "你好"), (2, "再见")]
    assert made.spoken and Document.from_bytes(made.to_bytes()) == made
    assert [one.text for one in whole_lines(made)] == ["你好", "再见"]
    with pytest.raises(ValueError):
        Document.from_bytes(b"[]")
