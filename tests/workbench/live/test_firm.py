from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workbench.live.firm import Agreement, tokens

texts = st.lists(st.text(alphabet="ab c,.你好吗。", max_size=20), max_size=8)


def after(*passes: str) -> tuple[str, str]:
    said = Agreement()
    for text in passes:
        said.take(text)
    return said.firm, said.provisional


@given(texts)
def test_firm_words_only_ever_grow(passes: list[str]) -> None:
    said, before = Agreement(), ""
    for text in passes:
        said.take(text)
        assert said.firm.startswith(before)
        before = said.firm


@given(st.text(alphabet="ab c,.你好吗。", max_size=40))
def test_tokens_joined_are_the_text(text: str) -> None:
    assert "".join(tokens(text)) == text.rstrip() or not any(sign.isalnum() for sign in text)


def test_one_pass_makes_nothing_firm() -> None:
    assert after("and so my fellow") == ("", "and so my fellow")


def test_words_that_two_passes_agree_on_are_firm_but_for_the_last() -> None:
    assert after("and so my fell", "and so my fellow Americans") == ("and so my", " fellow Americans")
    assert after("and so", "and so") == ("and", " so")


def test_a_language_without_spaces_is_compared_sign_by_sign() -> None:
    assert after("广州市房地", "广州市房地产中介") == ("广州市房地", "产中介")
    assert after("今天天汽", "今天天气很好") == ("今天天", "气很好")


def test_case_and_punctuation_make_no_difference() -> None:
    assert after("Ask not what.", "ask not, what your") == ("ask not, what", " your")


def test_firm_words_stay_though_a_later_pass_hears_them_otherwise() -> None:
    said = Agreement()
    for text in ("the cat sat on", "the cat sat on the", "a cat sat on the mat"):
        said.take(text)
    assert said.firm == "the cat sat on the" and said.provisional == " mat"


def test_what_is_shown_has_no_word_twice_when_a_pass_forgets_the_beginning() -> None:
    said = Agreement()
    for text in ("one two three four", "one two three four five", "three four five six"):
        said.take(text)
    assert said.firm + said.provisional == "one two three four five six"


def test_what_is_settled_need_not_be_heard_again() -> None:
    said = Agreement()
    for text in ("one two three. four", "one two three. four five"):
        said.take(text)
    assert said.settle("One two three,") and not said.settle("four five")
    said.take("four five six")
    assert said.firm + "|" + said.provisional == "one two three. four five| six"
    said.take("one two three. four five six seven", whole=True)
    assert said.firm + "|" + said.provisional == "one two three. four five six| seven"


def test_words_behind_what_is_settled_stand_apart_where_their_language_has_spaces() -> None:
    for text, rest, shown in (("one two.", "three", "one two. three"), ("今天好。", "你呢", "今天好。你呢")):
        said = Agreement()
        for end in ("", " x" if text.isascii() else "啊"):
            said.take(text + end)
        assert said.settle(text)
        said.take(rest)
        assert said.firm + said.provisional == shown


@given(st.lists(st.integers(1, 9), min_size=1, max_size=12))
def test_words_are_shown_once_however_they_are_settled(steps: list[int]) -> None:
    words = [f"word{n}" for n in range(200)]
    said, heard, settled = Agreement(), 0, 0
    for step in steps:
        heard += step
        said.take(" ".join(words[settled:heard]))
        assert said.firm + said.provisional == " ".join(words[:heard])
        if said.settle(" ".join(words[settled : settled + step])):
            settled += step


def test_a_pass_that_says_the_same_is_no_news() -> None:
    said = Agreement()
    assert said.take("hello there") and said.take("hello there") and not said.take("hello there")
