"""The real small model translates Chinese into English, line by line."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from engines.base import Place, is_partial
from engines.catalog_translating import TRANSLATING
from engines.errors import Stopped
from engines.process import EngineProcess
from engines.requests_writing import TranslateItem
from tests.weights.writing_weights import writing_weights
from workbench.writing.choosing import setting_of
from workbench.writing.course import course_of
from workbench.writing.document import Document, Line
from workbench.writing.result import Result
from workbench.writing.setting import Setting
from workbench.writing.wish import WriteRequest

pytestmark = [pytest.mark.weights]
SPEC = TRANSLATING[0]
SAID = (
    "我们把上线时间定在三月二十号。",
    "支付接口还在等银行审批。李明下周三之前把合同发给我。",
    "GitHub Actions 2.0",
    "預算增加了百分之十五。",
)


@pytest.fixture(scope="module")
def process() -> Iterator[EngineProcess]:
    _, folder = writing_weights(SPEC.name)
    started = EngineProcess.start(SPEC, folder, Place("cpu", "int8", 2))
    yield started
    started.close()


def test_each_line_comes_back_in_english_and_what_needs_no_translation_stays(process: EngineProcess) -> None:
    told: list[dict[str, Any]] = []
    lines = tuple(tuple(one + "。" for one in text.split("。") if one) if "。" in text else (text,) for text in SAID)
    (result,) = process.run([TranslateItem(lines)], lambda _, part: told.append(part))
    found = result["text"].splitlines()
    assert [line.partition("] ")[0] for line in found] == ["[1", "[2", "[3", "[4"]
    assert "March" in found[0] and "Wednesday" in found[1] and found[2] == "[3] GitHub Actions 2.0"
    assert "15" in found[3] or "fifteen" in found[3].lower()
    assert result["text"].isascii() and result["n_tokens"] > 20
    shown = [part["partial"] for part in told if is_partial(part)]
    assert shown[0] == "" and all(result["text"].startswith(part) for part in shown) and len(set(shown)) > 1


def test_a_course_of_translation_keeps_every_sentence(process: EngineProcess) -> None:
    document = Document(tuple(Line(n, text, n * 6.0, n * 6.0 + 5) for n, text in enumerate(SAID)), "例会", "zh", 24.0)
    setting = setting_of(WriteRequest("subtitles", language="en", quality=f"model:{SPEC.name}"), document)
    result = _written(process, setting)
    assert [pair.before for pair in result.pairs] == list(SAID)
    assert [pair.state for pair in result.pairs] == ["written", "written", "same", "written"]
    assert all(pair.start == n * 6.0 for n, pair in enumerate(result.pairs))


def test_a_stop_is_heard_between_a_few_sentences(process: EngineProcess) -> None:
    n_heard = 0

    def heard(_: int, part: dict[str, Any]) -> None:
        nonlocal n_heard
        n_heard += 1

    with pytest.raises(Stopped):
        process.run([TranslateItem(tuple((text,) for text in SAID * 50))], heard, lambda: n_heard > 1)
    assert process.alive


def _written(process: EngineProcess, setting: Setting) -> Result:
    answers: dict[int, dict[str, Any]] = {}
    while not (course := course_of(setting, answers)).finished:
        for number in range(len(answers), len(course.asks)):
            answers[number] = process.run([course.asks[number].lines_item()], lambda *_: None)[0]
    result: Result = course.result
    return result
