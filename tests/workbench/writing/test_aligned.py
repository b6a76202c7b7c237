"""A translation belongs to its own line: one that is left out must not move those behind it."""

from __future__ import annotations

import pytest

from engines.requests_writing import WriteItem
from tests.workbench.writing.scripted import material, run
from tests.workbench.writing.test_courses import setting, talk
from workbench.writing.aligned import doubled, moved, shares_words, shifted, translates
from workbench.writing.numbered import read_numbered, unnumbered

SAID = ("第{n}项预算定为{n}万元。", "大家都同意这个安排。", "李明在{n}号之前交报告。")


def line(text: str) -> str:
    digits = "".join(sign for sign in text if sign.isdigit())[:2]
    return f"Line with {digits}, written in English." if digits else "All agreed to this arrangement."


def leaving_out(item: WriteItem) -> str:
    """Leaves the second of many lines out and goes on with the next one under its number."""
    given = material(item)
    written = [line(text) for _, text in given]
    if len(given) > 4:
        written = [written[0], *written[2:], "Okay."]
    return "\n".join(f"[{n}] {text}" for (n, _), text in zip(given, written, strict=True))


def test_a_line_that_was_left_out_moves_no_other() -> None:
    result, items = run(setting(talk(12, SAID), kind="subtitles", language="en"), leaving_out)
    assert [pair.after for pair in result.pairs] == [line(pair.before) for pair in result.pairs]
    assert max(len(material(item)) for item in items) > 4


def test_quotes_that_nobody_said_are_taken_away() -> None:
    result, _ = run(
        setting(talk(3, SAID), kind="translate", language="en"),
        lambda item: "\n".join(f'[{n}] "{line(text)}"' for n, text in material(item)),
    )
    assert [pair.after for pair in result.pairs] == [line(pair.before) for pair in result.pairs]


def test_half_a_translation_is_asked_for_again_and_taken_where_nothing_better_comes() -> None:
    result, items = run(
        setting(talk(3, SAID), kind="translate", language="en"),
        lambda item: "\n".join(f"[{n}] {line(text)} 安排" for n, text in material(item)),
    )
    assert [pair.state for pair in result.pairs] == ["written"] * 3 and len(items) == 1 + 1 + 3


@pytest.mark.parametrize(
    ("before", "after", "fine"),
    [
        ("我觉得这个方案不太靠谱，你们再想想，明天下午两点半之前发我邮箱。", "Okay.", False),
        ("好的", "I think this scheme is not reliable, and we should think about it.", False),
        ("好的", "All right, let us do that.", True),
        ("主要来自华东地区的新客户", "Mainly from new customers in the华东 region", False),
        ("We will deploy with Docker on Friday", "我们周五用 Docker 部署", True),
        ("对对对对对对对对", "Yes, yes, yes.", True),
    ],
)
def test_length_and_script_tell_what_cannot_be_a_translation(before: str, after: str, fine: bool) -> None:
    assert translates(before, after, whole=True) is fine


def test_a_figure_that_stands_one_line_beside_gives_the_shift_away() -> None:
    said = ["大家都同意。", "三月二十号上线。", "预算三百二十万元。"]
    assert not shifted(list(zip(said, ["All agreed.", "It goes live on March 20.", "3.2 million yuan."], strict=True)))
    assert shifted(list(zip(said, ["It goes live on March 20.", "3.2 million yuan.", "Thank you."], strict=True)))
    named = ["大家都同意。", "流水线用 GitHub Actions 来跑。"]
    assert shifted(list(zip(named, ["The pipeline runs on GitHub Actions.", "Thank you."], strict=True)))


def test_lines_that_took_the_words_of_the_next_one_are_noticed() -> None:
    said = ["ask what you can do for your country.", "It was the first great sorrow of his life.", "He went home late."]
    assert moved([(said[0], said[1]), (said[1], "The hopes were built around it."), (said[2], said[2])])
    assert not moved([(one, one.replace("great", "deep")) for one in said])
    zh = ["开发完成了百分之八十五。", "第二个事情是推广的预算。", "李明联系展会主办方。"]
    assert moved(list(zip(zh[:2], zh[1:], strict=True)) + [(zh[2], zh[2])]) and not moved([(one, one) for one in zh])


def test_a_line_that_was_said_twice_to_fill_the_numbers_is_noticed() -> None:
    said = ["You don't mean that you thought me so silly?", "I really like that account of himself."]
    twice = ["我真的喜欢他自己的故事，比他任何话都更吸引人。", "我非常喜欢他自己的故事，比他任何话都更吸引人。"]
    assert doubled(list(zip(said, twice, strict=True))) and not doubled([(said[1], twice[0]), (said[1], twice[1])])


def test_what_a_model_says_about_the_question_is_no_sentence_of_the_source() -> None:
    before = "It was not so much the loss of the cotton itself, but the fantasy."
    assert not shares_words(before, "The material has four sentences, each on a line that begins with its number.")
    assert shares_words(before, "The cotton mattered less than the dream.") and shares_words(
        "嗯，不行。", "此事不可行。"
    )


def test_an_answer_without_its_last_lines_and_a_bracket_around_a_line_are_understood() -> None:
    assert read_numbered("[[1] 你好。]\n[[2] 再见]", range(1, 3)) == {1: "你好。", 2: "再见"}
    assert unnumbered("2. I was unable.") == "I was unable." and unnumbered("[1] so [2]") == "so [2]"


def test_a_line_that_holds_the_next_one_behind_its_number_is_asked_for_again() -> None:
    def two_on_one(item: WriteItem) -> str:
        given = material(item)
        if len(given) < 5:
            return "\n".join(f"[{n}] {line(text)}" for n, text in given)
        first, *others = [f"[{n}] {line(text)}" for n, text in given]
        return "\n".join([f"{first} {others[0]}", *others[1:]])

    result, _ = run(setting(talk(12, SAID), kind="subtitles", language="en"), two_on_one)
    assert all("[" not in pair.after and pair.state == "written" for pair in result.pairs)
