from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from string import Formatter

import pytest

from engines.residency.memory import Step
from workbench.texts import Texts, clock_time

AREAS = ("errors_workbench", "notes")


@pytest.fixture
def texts(root: Path) -> Texts:
    return Texts(root / "assets" / "texts", strict=True)


def read(root: Path, area: str, language: str) -> dict[str, str]:
    found: dict[str, str] = json.loads(
        (root / "assets" / "texts" / f"{area}.{language}.json").read_text(encoding="utf-8")
    )
    return found


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("area", AREAS)
def test_both_languages_say_the_same_things(root: Path, area: str) -> None:
    english, chinese = read(root, area, "en"), read(root, area, "zh")
    plural = {key for key in english if key.endswith(".one")}
    assert english.keys() - plural == chinese.keys()
    for key, sentence in chinese.items():
        assert fields(sentence) <= fields(english[key]) | fields(english.get(key.removesuffix(".hint"), "")), key


def test_every_error_that_the_workbench_raises_has_its_sentences(root: Path, texts: Texts) -> None:
    codes: set[str] = set()
    for path in (root / "workbench").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in (
                "JobError",
                "NotFound",
                "UploadError",
                "DataInUse",
            ):
                values = [getattr(argument, "value", None) for argument in node.args]
                codes.update(value for value in values if isinstance(value, str))
    assert codes
    for code in codes | {"job_unknown", "data_in_use", "internal"}:
        for language in ("en", "zh"):
            assert texts.has(language, f"error.{code}"), code


def test_every_step_of_the_memory_ladder_has_its_note(texts: Texts) -> None:
    for step in Step:
        for language in ("en", "zh"):
            assert step is Step.GIVE_UP or texts.has(language, f"note.step_{step.value}")


def test_no_sentence_stands_in_two_files(root: Path) -> None:
    for language in ("en", "zh"):
        keys: list[str] = []
        for path in (root / "assets" / "texts").glob(f"*.{language}.json"):
            keys += json.loads(path.read_text(encoding="utf-8"))
        assert len(keys) == len(set(keys)), {key for key in keys if keys.count(key) > 1}


def test_values_are_written_as_people_read_them(texts: Texts) -> None:
    values = {"n": 2, "stretches": [{"start": 31.2, "end": 58.0}, {"start": 3600, "end": 3661}]}
    assert (
        texts.note("en", "stretches_failed", values)
        == "2 stretches could not be recognised: 0:31-0:58, 1:00:00-1:01:01."
    )
    assert "0:31-0:58、1:00:00-1:01:01" in texts.note("zh-CN", "stretches_failed", values)
    one = {"n": 1, "stretches": [{"start": 0, "end": 5}]}
    assert texts.note("en", "stretches_failed", one) == "One stretch could not be recognised: 0:00-0:05."


def test_an_error_comes_with_what_to_do(texts: Texts) -> None:
    message, hint = texts.error_sentence(
        "en", "data_in_use", {"data": "data", "pid": 7, "address": "http://127.0.0.1:1"}
    )
    assert "process 7" in message and "--data" in hint


def test_a_missing_sentence_is_loud_in_tests_and_shows_its_key_at_run_time(root: Path, texts: Texts) -> None:
    with pytest.raises(KeyError):
        texts.say("en", "no.such.key")
    assert Texts(root / "assets" / "texts").say("en", "no.such.key") == "no.such.key"


def test_a_value_with_braces_is_only_text(texts: Texts) -> None:
    message, _ = texts.error_sentence("en", "upload_empty", {"name": "{x}<b>"})
    assert "{x}<b>" in message


def test_any_chinese_is_chinese_and_all_else_english(texts: Texts) -> None:
    assert re.search("[一-鿿]", texts.say("zh-TW", "note.no_speech"))
    assert texts.say("fr", "note.no_speech") == texts.say("en", "note.no_speech")


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0:00"), (61.9, "1:01"), (3600, "1:00:00")])
def test_times_are_shown_like_a_clock(seconds: float, shown: str) -> None:
    assert clock_time(seconds) == shown


def test_the_reasons_of_weights_that_did_not_come_are_in_the_readers_language(texts: Texts) -> None:
    values = {"model": "Whisper base", "tried": [{"place": "hub.example", "reason": "no answer"}]}
    assert "hub.example（没有回应）" in texts.error_sentence("zh", "weights_missing", values)[0]
    assert "hub.example (no answer)" in texts.error_sentence("en", "weights_missing", values)[0]
    assert (
        "HTTP 500"
        in texts.error_sentence("zh", "weights_missing", {**values, "tried": [{"place": "a", "reason": "HTTP 500"}]})[0]
    )
