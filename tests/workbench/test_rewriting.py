from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.requests import TranscribeRequest
from media.transcript import Segment, Word
from workbench.tasks.loops import loop_end, split_words
from workbench.tasks.rewriting import TextRewriter, rewrite, rewrite_words


@pytest.fixture(scope="module")
def rewriter() -> TextRewriter:
    return TextRewriter()


def test_traditional_and_simplified_characters_are_turned_into_each_other(rewriter: TextRewriter) -> None:
    assert rewriter.to_script("甚至出現交易幾乎停滯的情況", "simplified") == "甚至出现交易几乎停滞的情况"
    assert rewriter.to_script("头发", "traditional") == "頭髮"


@pytest.mark.parametrize(
    ("language", "spoken", "written"),
    [
        ("zh", "一共二十三个人", "一共23个人"),
        ("zh", "我们在二零二四年三月五日见面", "我们在2024年3月5日见面"),
        ("zh", "万一不行呢", "万一不行呢"),
        ("en", "That is twenty five percent.", "That is 25%."),
        ("en", "It cost one hundred and twenty three dollars.", "It cost $123."),
        ("en", "Ask not what your country can do for you.", "Ask not what your country can do for you."),
    ],
)
def test_spoken_numbers_become_digits(rewriter: TextRewriter, language: str, spoken: str, written: str) -> None:
    assert rewriter.to_digits(spoken, language) == written


@pytest.mark.parametrize(
    ("language", "said", "shown"),
    [
        ("zh", "广州市 房地产 中介协会分析", "广州市房地产中介协会分析"),
        ("zh", "我用 Python 写 程序， 好。 行", "我用 Python 写程序，好。行"),
        ("zh", "一 二 三 3 个", "一二三 3 个"),
        ("ja", "今日は いい 天気", "今日はいい天気"),
        ("ko", "안녕 하세요 여러분", "안녕 하세요 여러분"),
        ("en", "a line of words", "a line of words"),
    ],
)
def test_chinese_is_shown_without_spaces_between_its_characters(
    rewriter: TextRewriter, language: str, said: str, shown: str
) -> None:
    words = tuple(Word(at, at + 1.0, sign, 0.9) for at, sign in enumerate(said))
    line = rewrite(Segment(0.0, 99.0, said, words, language), TranscribeRequest(), rewriter)
    assert line.text == shown
    assert "".join(word.text for word in line.words) == shown


@given(
    st.lists(st.text("ab c。二", min_size=1, max_size=3), min_size=1, max_size=8),
    st.text("ab c23。", min_size=1, max_size=20),
)
def test_rewritten_words_spell_the_new_text_in_order(old: list[str], new: str) -> None:
    words = tuple(Word(float(n), n + 1.0, text, 0.5) for n, text in enumerate(old))
    made = rewrite_words(words, new)
    assert "".join(word.text for word in made).strip() == new.strip()
    assert all(a.end <= b.start for a, b in zip(made, made[1:], strict=False))


@given(st.text(max_size=60))
def test_splitting_into_words_loses_nothing(text: str) -> None:
    assert "".join(split_words(text)) == text


def test_chinese_loops_are_found() -> None:
    assert loop_end(split_words("好的" + "谢谢观看" * 5)) == 6
