"""A model that answers by rules, so that courses can be run to their end without one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from engines.requests_writing import WriteItem
from workbench.writing.course import course_of
from workbench.writing.result import Result
from workbench.writing.setting import Setting

Answer = Callable[[WriteItem], str]


def count(text: str) -> int:
    """About a token for each wide sign, and one for four others."""
    wide = sum(sign > "\u2e80" for sign in text)
    return wide + (len(text) - wide + 3) // 4


def material(item: WriteItem) -> list[tuple[int, str]]:
    """The numbered lines of the material."""
    text = item.messages[-1][1].partition(">>\n")[2].partition("\n<</")[0]
    return [(int(n), line) for n, line in re.findall(r"^\[(\d+)\] (.*)$", text, re.MULTILINE)]


def task(item: WriteItem) -> str:
    """What stands behind the material."""
    return item.messages[-1][1].rpartition(">>\n\n")[2]


def run(setting: Setting, answer: Answer, most: int = 2000) -> tuple[Result, list[WriteItem]]:
    """Answers every question of a course; returns its result and what was asked."""
    answers: dict[int, dict[str, Any] | None] = {}
    items: list[WriteItem] = []
    while not (course := course_of(setting, answers)).finished:
        for number in range(len(answers), len(course.asks)):
            items.append(course.asks[number].item(False))
            answers[number] = {"text": answer(items[-1]), "finish": "stop"}
        assert len(answers) < most
    assert isinstance(course.result, Result)
    return course.result, items
