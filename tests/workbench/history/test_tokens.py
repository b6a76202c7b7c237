"""Tokens and queries: whatever stands in a line is found by typing it."""

from __future__ import annotations

import sqlite3
import unicodedata
from contextlib import closing

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.search import Query, Term, found_ranges, index_text, match_expression, parse, tokenize

HAN = st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF), min_size=1, max_size=12)
OTHERS = st.sampled_from(["，", " ", "。", "-", "3", "カナ", "한국", "é", "😀", "%"])
SPOKEN = st.lists(st.one_of(HAN, st.text("abcABC", min_size=1, max_size=4), OTHERS), max_size=12).map("".join)


def _fts_finds(text: str, query: Query) -> bool:
    with closing(sqlite3.connect(":memory:")) as db:
        db.execute("CREATE VIRTUAL TABLE t USING fts5 (tokens, content = '', prefix = '1 2', tokenize = 'ascii')")
        db.execute("INSERT INTO t (rowid, tokens) VALUES (1, ?)", (index_text(text),))
        return bool(db.execute("SELECT rowid FROM t WHERE t MATCH ?", (match_expression(query),)).fetchall())


def _words(text: str) -> list[str]:
    return [token.text for token in tokenize(text)]


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("Hello, World!", ["hello", "world"]),
        ("会议室", ["会议", "议室", "室"]),
        ("我", ["我"]),
        ("第3次会议", ["第", "3", "次会", "会议", "议"]),
        ("你好，世界", ["你好", "好", "世界", "界"]),
        ("Müller STRASSE Straße", ["muller", "strasse", "strasse"]),
        ("ＦＵＬＬ ﾊﾟﾝ", ["full", "パン", "ン"]),
        ("50% R&D C++ <b>", ["50", "％", "r", "＆", "d", "c", "＋", "＋", "＜", "b", "＞"]),
        ("don't under_score", ["don", "t", "under", "score"]),
        ("😀👍🏽", ["😀", "👍", "🏽"]),
        ("re\u00adcord", ["record"]),
        ("e\u0301te\u0301", ["ete"]),
        ("ประชุม", ["ปร", "ระ", "ะช", "ชุ", "ุม", "ม"]),
        ("हिन्दी", ["हिन्दी"]),
        ("", []),
        ("  ,;\n", []),
    ],
)
def test_a_line_becomes_these_tokens(text: str, tokens: list[str]) -> None:
    assert _words(text) == tokens


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("hello wor", [Term(("hello",), False), Term(("wor",), True)]),
        ("hello ", [Term(("hello",), False)]),
        ('"hello world" x', [Term(("hello", "world"), False), Term(("x",), True)]),
        ('"hello', [Term(("hello",), True)]),
        ("“good morning”", [Term(("good", "morning"), False)]),
        ("「会议 室」", [Term(("会议", "议", "室"), True)]),
        ("会议", [Term(("会议",), False)]),
        ("会", [Term(("会",), True)]),
        ("会议室 budget", [Term(("会议", "议室"), False), Term(("budget",), True)]),
        ("AND OR NOT", [Term(("and",), False), Term(("or",), False), Term(("not",), True)]),
        ("a* NEAR(b", [Term(("a", "＊"), False), Term(("near", "b"), True)]),
        ("same same ", [Term(("same",), False)]),
        ('"" \'', []),
    ],
)
def test_a_query_means_these_terms(text: str, terms: list[Term]) -> None:
    assert list(parse(text).terms) == terms


def test_in_names_every_word_may_be_a_beginning() -> None:
    assert [term.prefix for term in parse("boa meet", all_prefixes=True).terms] == [True, True]


@given(HAN, st.data())
def test_every_stretch_of_chinese_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    query = parse(text[start:end])
    assert _fts_finds(text, query)
    assert any(a <= start and end <= b for a, b in found_ranges(text, query))


@given(HAN, HAN)
def test_chinese_that_is_not_there_is_not_found(text: str, other: str) -> None:
    assert _fts_finds(text, parse(other)) == (_folded(other) in _folded(text))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


@given(SPOKEN, st.data())
def test_index_and_marks_agree_on_what_is_found(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    asked = data.draw(st.one_of(st.just(text[start : start + 5]), SPOKEN))
    query = parse(asked)
    if query.terms:
        assert _fts_finds(text, query) == bool(found_ranges(text, query))


@given(st.text(max_size=60))
def test_marks_lie_inside_the_text_in_order_and_apart(text: str) -> None:
    ranges = found_ranges(text, parse(text))
    ends = [0, *(place for pair in ranges for place in pair), len(text)]
    assert ends == sorted(ends)
    assert all(a < b for a, b in ranges)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
def test_a_whole_line_finds_itself_whatever_it_holds(text: str) -> None:
    query = parse(f'"{text.replace(chr(34), " ")}"')
    if query.terms:
        assert found_ranges(text, query)
        assert _fts_finds(text, query)


@given(st.text(max_size=80))
def test_no_query_is_a_syntax_error(text: str) -> None:
    query = parse(text)
    if query.terms:
        _fts_finds("some line", query)


@given(st.text(max_size=60))
def test_case_and_accents_do_not_matter_and_the_fold_is_stable(text: str) -> None:
    assert _words(" ".join(_words(text))) is not None
    if text.isascii():
        assert _words(text) == _words(text.upper()) == _words(text + " é")[:-1]


@pytest.mark.parametrize(
    ("text", "asked", "marked"),
    [
        ("Hello big world", "hello wor", ["Hello", "world"]),
        ("会议室里开会", "会", ["会", "会"]),
        ("会议室里开会", "议室里", ["议室里"]),
        ("the Straße ends", "strasse", ["Straße"]),
        ("a rooms room", '"rooms room"', ["rooms room"]),
        ("C++ and C", "c++", ["C++"]),
        ("only one", "one two", []),
    ],
)
def test_what_was_found_is_marked_in_the_original_text(text: str, asked: str, marked: list[str]) -> None:
    assert [text[a:b] for a, b in found_ranges(text, parse(asked))] == marked


def test_a_very_long_query_is_cut_off() -> None:
    assert _fts_finds("word " * 500, parse("word " * 100_000))
    assert len(parse("字" * 100_000).terms[0].tokens) < 500
