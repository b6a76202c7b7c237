"""A real model writes through llama.cpp, in a process of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from engines.base import Place, is_partial
from engines.errors import EngineError, Stopped
from engines.process import EngineProcess
from engines.requests_writing import WriteItem
from engines.writing.counting import estimate_messages
from tests.weights.writing_weights import writing_weights

pytestmark = [pytest.mark.weights, pytest.mark.timeout(600)]
POLISH = (
    ("system", "把用户的话改写成通顺的书面语，只输出结果。"),
    ("user", "嗯那个我们明天下午三点开会然后呃讨论一下预算的事情"),
)
COUNT = (("user", "Count from 1 to 20, separated by commas."),)


@pytest.fixture(scope="module")
def process() -> Iterator[EngineProcess]:
    spec, weights = writing_weights()
    started = EngineProcess.start(spec, weights, Place("cpu", "int4", 2))
    yield started
    started.close()


def ignore(index: int, result: dict[str, Any]) -> None:
    pass


def test_a_text_grows_and_its_end_is_the_result(process: EngineProcess) -> None:
    told: list[dict[str, Any]] = []
    (result,) = process.run([WriteItem(POLISH, 100, temperature=0)], lambda _, part: told.append(part))
    assert result["finish"] == "stop" and "三点" in result["text"] and not result["reasoning"]
    parts = [part["partial"] for part in told if is_partial(part)]
    assert len(parts) > 1 and all(result["text"].startswith(part) for part in parts)
    assert result["n_prompt"] <= estimate_messages(POLISH)


def test_a_stop_string_and_a_full_measure_end_a_text(process: EngineProcess) -> None:
    stopped, measured = process.run(
        [WriteItem(COUNT, 100, temperature=0, stop=("7",)), WriteItem(COUNT, 5, temperature=0)], ignore
    )
    assert stopped["finish"] == "stopped" and "6" in stopped["text"] and "7" not in stopped["text"]
    assert (measured["finish"], measured["n_tokens"]) == ("length", 5)


def test_a_schema_guides_what_is_written(process: EngineProcess) -> None:
    schema = {"type": "object", "properties": {"fruits": {"type": "array", "items": {"type": "string"}}}}
    schema["required"] = ["fruits"]
    item = WriteItem((("user", "Name two fruits."),), 80, temperature=0, json_schema=json.dumps(schema))
    (result,) = process.run([item], ignore)
    assert json.loads(result["text"])["fruits"]


def test_the_same_question_without_chance_has_the_same_answer(process: EngineProcess) -> None:
    item = WriteItem(COUNT, 30, temperature=0)
    assert process.run([item], ignore) == process.run([item], ignore)


def test_a_text_that_does_not_fit_is_refused_and_never_cut(process: EngineProcess) -> None:
    for item in (WriteItem((("user", "hi " * 9000),), 100), WriteItem((("user", "hi " * 100),), 8150)):
        with pytest.raises(EngineError) as refused:
            process.run([item], ignore)
        assert refused.value.code == "text_too_long_for_model"
        assert refused.value.values["text"] + refused.value.values["answer"] > refused.value.values["most"] == 8192


def test_writing_is_stopped_in_the_middle_and_the_model_stays(process: EngineProcess) -> None:
    told: list[dict[str, Any]] = []
    with pytest.raises(Stopped):
        process.run(
            [WriteItem((("user", "Write a very long story."),), 4000)],
            lambda _, part: told.append(part),
            should_stop=lambda: any(part["partial"] for part in told),
        )
    assert len(process.run([WriteItem(COUNT, 5)], ignore)) == 1
