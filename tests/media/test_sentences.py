"""A text is cut where it is read, and nothing of it is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.sentences import CLAUSE_S, PARAGRAPH_S, SENTENCE_S, cut, has_words, pause_after

SIGNS = st.text(alphabet="你好会议一 。！？；，、“”ab cD1.,!?;:\n'()…—", max_size=400)


@given(text=SIGNS, most=st.integers(0, 400))
def test_the_pieces_are_the_whole_text_in_order(text: str, most: int) -> None:
    pieces = cut(text, most)
    if not has_words(text):
        assert pieces == []
        return
    assert "".join(text[piece.start : piece.end] for piece in pieces) == text
    assert all(has_words(text[piece.start : piece.end]) for piece in pieces)


@given(text=st.text(alphabet="你好会议ab1，,", min_size=1, max_size=900), most=st.integers(20, 400))
def test_no_piece_has_more_signs_than_wanted(text: str, most: int) -> None:
    # Signs that cannot be said may hang on to a piece beyond that.
    for piece in cut(text, most):
        said = text[piece.start : piece.end].strip("，,")
        assert len(said) <= most


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "今天下午三点开会。请大家准时参加！你能准时来吗？",
            ["今天下午三点开会。", "请大家准时参加！", "你能准时来吗？"],
        ),
        (
            "Dr. Smith paid $3.50. He left at 5 p.m. on Monday.",
            ["Dr. Smith paid $3.50. ", "He left at 5 p.m. on Monday."],
        ),
        ("See www.example.com for more. Then call us.", ["See www.example.com for more. ", "Then call us."]),
        ("他说：“我们明天再讨论吧。”然后就离开了会议室。", ["他说：“我们明天再讨论吧。”", "然后就离开了会议室。"]),
        ("第一部分的标题\n第二部分的标题", ["第一部分的标题\n", "第二部分的标题"]),
    ],
)
def test_sentences_end_where_a_reader_ends_them(text: str, expected: list[str]) -> None:
    found = [text[piece.start : piece.end] for piece in cut(text, 200)]
    assert found[: len(expected)] == expected


def test_a_long_sentence_is_cut_at_a_comma_before_a_space_before_anywhere() -> None:
    commas = "一二三四五六七八九十，" * 5
    assert [len(commas[p.start : p.end]) for p in cut(commas, 24)] == [22, 22, 11]
    words = "word " * 30
    assert all(words[p.start : p.end].endswith(" ") for p in cut(words, 48))
    assert [p.end - p.start for p in cut("长" * 450, 200)] == [200, 200, 50]


def test_a_very_short_sentence_is_said_with_its_neighbour() -> None:
    text = "是。我们明天下午三点在会议室见面。好的！"
    assert [text[p.start : p.end] for p in cut(text, 200)] == [text]


def test_the_pause_is_longer_after_a_paragraph_than_after_a_sentence_than_inside_one() -> None:
    text = "今天我们讨论三个问题。第一个问题，" + "问" * 200 + "。\n\n第二个问题是什么呢？"
    pauses = [pause_after(text, piece) for piece in cut(text, 150)]
    assert pauses[0] == SENTENCE_S and CLAUSE_S in pauses and pauses[-1] == PARAGRAPH_S
    assert PARAGRAPH_S in pauses[:-1]
