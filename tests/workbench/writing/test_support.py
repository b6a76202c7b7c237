"""A sentence of a result is led back to what was said, by what the model named and by its words."""

from __future__ import annotations

from workbench.writing.document import of_text
from workbench.writing.sentences import sentences_of
from workbench.writing.support import Source

TALK = sentences_of(
    of_text(
        "今天先说新版网站的上线时间。\n开发完成了百分之八十五。\n三月二十号上线，三月十五号提测。\n第二个事情是预算。\n"
        "推广预算是三百二十万。\n李明联系展会主办方，下周三之前发合同。"
    )
)


def test_what_the_model_named_counts_where_the_words_agree() -> None:
    found = Source(TALK).support("决定三月二十号上线，三月十五号提测", [3])
    assert (found.ids, found.state) == ((3,), "found")


def test_a_number_that_is_off_by_one_is_put_right() -> None:
    assert Source(TALK).support("决定三月二十号上线，三月十五号提测", [4]).ids == (3,)


def test_without_a_number_the_words_are_looked_for() -> None:
    assert Source(TALK).support("推广预算为三百二十万", []).ids == (5,)


def test_what_nobody_said_has_no_support_even_where_a_number_is_named() -> None:
    assert Source(TALK).support("公司准备收购一家火星矿业", [2]).state == "unsupported"


def test_across_languages_the_named_source_counts_unless_its_numbers_differ() -> None:
    source = Source(TALK, same_words=False)
    assert source.support("The promotion budget is 3.2 million.", [5]).state == "named"
    assert source.support("The promotion budget is 9 million.", [5]).state == "unsupported"
    assert source.support("The budget is 3.2 million.", []).ids == (5,)
    assert source.support("All agreed.", []).state == "unsupported"
