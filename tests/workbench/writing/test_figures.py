"""Numbers, dates, times and names are the same in whatever way and language they are written."""

from __future__ import annotations

import pytest

from workbench.writing.figures import compared, figures_of, invented
from workbench.writing.numerals import zh_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三百二十万", 3_200_000),
        ("二点五", 2.5),
        ("二〇二六", 2026),
        ("十五", 15),
        ("一万零五十", 10_050),
        ("一亿两千万", 120_000_000),
    ],
)
def test_chinese_numbers_have_their_value(text: str, value: float) -> None:
    assert zh_value(text) == value


@pytest.mark.parametrize(
    ("source", "result"),
    [
        (
            "预算是三百二十万，三月五号下午三点半开会，张总说百分之十五",
            "The budget is 3.2 million, March 5, 15:30, 15%",
        ),
        ("我们二零二六年要做二点五倍", "我们2026年要做2.5倍"),
        ("一共十二个人，分三组", "一共12个人，分3组"),
        ("下周三之前给李明", "By Wednesday, to Li Ming"),
        ("十分感谢，一起去", "非常感谢，一起去"),
        ("销售额是1,200万元", "Sales were 12 million yuan"),
        ("有一点五个百分点", "1.5个百分点"),
        ("广告占六成，成功了三成半", "Ads take 60%, 35% worked"),
        ("我有三点建议", "我有3点建议"),
        ("明天上午九点三刻", "明天9:45"),
        ("twenty five thousand people", "两万五千人"),
        ("May I ask five things?", "我可以问五件事吗？"),
        ("最晚三月十二号给答复", "with a response by 12 March at the latest"),
        ("三四线城市，一二线城市", "cities on the 3rd and 4th line, first and second-line cities"),
    ],
)
def test_the_same_figures_written_otherwise_are_no_difference(source: str, result: str) -> None:
    assert not compared(source, result, across=True)


@pytest.mark.parametrize(
    ("source", "result", "missing", "added"),
    [
        ("预算是三百二十万", "预算是三百万", ("三百二十万",), ("三百万",)),
        ("周三下午三点开会", "周四下午四点开会", ("周三", "下午三点"), ("周四", "下午四点")),
        ("三月五号交", "三月六号交", ("五号",), ("六号",)),
        ("We ship on May 3.", "We ship on June 3.", ("May",), ("June",)),
        ("请联系 a@b.com", "请联系", ("a@b.com",), ()),
    ],
)
def test_what_differs_is_told_as_it_is_written(
    source: str, result: str, missing: tuple[str, ...], added: tuple[str, ...]
) -> None:
    found = compared(source, result)
    assert (set(found.missing), set(found.added)) == (set(missing), set(added))


def test_a_name_that_was_lost_is_told() -> None:
    assert compared("李明负责 GitHub 的迁移", "他负责迁移", ["李明"]).missing == ("GitHub", "李明")


def test_a_single_chinese_number_word_is_not_missed_but_may_match() -> None:
    assert [one.weak for one in figures_of("一起")] == [True]
    assert invented("三个人", "有3个人，共4组") == ("4",)
