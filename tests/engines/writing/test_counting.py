"""Counting without the model's table errs on the safe side; the true numbers were measured with Qwen's own table."""

from __future__ import annotations

import pytest

from engines.writing.counting import ANSWER_TOKENS, MESSAGE_TOKENS, estimate, estimate_messages

SPOKEN = (
    "嗯，那个，我们明天下午三点开会，然后呃，讨论一下预算的事情。"
    "张伟说他周五之前把三百二十万的报价单发给李娜，客户那边希望十一月十五号上线。"
)
MEASURED = {
    SPOKEN * 5: 225,
    "[12] 张三：好的。\n[13] 李四：嗯。\n" * 20: 400,
    "2026-11-21 13:45:07 电话 13812345678 金额 ¥3,200,000.50 " * 5: 245,
    "THE QUARTERLY BUDGET REVIEW OF ACME GMBH IS ON FRIDAY" * 3: 60,
    "Добрый день, коллеги! Сегодня мы обсудим бюджет на следующий год и сроки проекта." * 5: 130,
    "それでは会議を始めます。今日は来年の予算とプロジェクトの日程について話し合います。" * 5: 115,
    "안녕하세요 여러분 오늘은 내년 예산과 프로젝트 일정에 대해 논의하겠습니다." * 5: 115,
    "Bonjour à tous, aujourd'hui nous allons discuter du budget de l'année prochaine." * 5: 109,
}


@pytest.mark.parametrize(("text", "n_tokens"), MEASURED.items(), ids=range(len(MEASURED)))
def test_an_estimate_is_not_below_the_truth_and_at_most_twice_it(text: str, n_tokens: int) -> None:
    assert n_tokens <= estimate(text) <= 2 * n_tokens


def test_rare_characters_count_for_more_than_common_ones() -> None:
    assert estimate("魑魅魍魉") > estimate("今天开会")


def test_a_conversation_counts_its_marks_too() -> None:
    messages = (("system", "Be brief."), ("user", SPOKEN))
    assert estimate_messages(messages) == ANSWER_TOKENS + 2 * MESSAGE_TOKENS + estimate("Be brief.") + estimate(SPOKEN)


def test_nothing_is_nothing() -> None:
    assert estimate("") == 0
