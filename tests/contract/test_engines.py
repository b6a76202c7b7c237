"""One contract for every engine, seen through a real process of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.base import Memory, ModelSpec, Place, Task, is_partial
from engines.catalog_speakers import SPEAKERS
from engines.errors import EngineError, WeightsMissing
from engines.process import EngineProcess
from engines.requests import TranscribeItem, VoicesItem
from engines.requests_speaking import SpeakItem
from engines.requests_writing import TranslateItem, WriteItem
from tests.engines.toy_engine import toy_spec
from tests.weights.speakers_weights import speakers_weights
from tests.weights.speaking_weights import HIBARI, KOKORO, speaking_weights
from tests.weights.writing_weights import writing_weights

ON_CPU = Place("cpu", "int8", 1)


@dataclass(frozen=True)
class Case:
    """An engine with its weights and items that it takes."""

    spec: ModelSpec
    weights: Path
    items: list[Any]


def toy(folder: Path) -> Case:
    return Case(toy_spec(), folder, [1, 2, 3])


def whisper(folder: Path) -> Case:
    weights = whisper_weights("base")
    pcm = folder / "noise.pcm"
    rng = np.random.default_rng(1)
    (rng.normal(0, 300, 16000 * 6)).astype("<i2").tofile(pcm)
    spec = ModelSpec(
        "base",
        Task.TRANSCRIBE,
        "engines.whisper.whisper:WhisperEngine",
        "Whisper base",
        "MIT",
        0,
        (),
        (),
        {"int8": Memory(200, 100, 50)},
    )
    items = [
        TranscribeItem(str(pcm), ((start, start + 2.0),), language="en", duration_s=6.0) for start in (0.0, 2.0, 4.0)
    ]
    return Case(spec, weights, items)


def speakers(folder: Path) -> Case:
    weights = speakers_weights()
    pcm = folder / "noise.pcm"
    rng = np.random.default_rng(1)
    (rng.normal(0, 300, 16000 * 20)).astype("<i2").tofile(pcm)
    items = [VoicesItem(str(pcm), (0.0, 5.0)), VoicesItem(str(pcm), (5.0,)), VoicesItem(str(pcm), (10.0,))]
    return Case(SPEAKERS[0], weights, items)


def llama(folder: Path) -> Case:
    spec, weights = writing_weights()
    items = [WriteItem((("user", f"Say {word}."),), 4, temperature=0) for word in ("one", "two", "three")]
    return Case(spec, weights, items)


def opus(folder: Path) -> Case:
    spec, weights = writing_weights("opus-mt-zh-en")
    return Case(spec, weights, [TranslateItem(((text,),)) for text in ("你好。", "谢谢您。", "明天见。")])


def kokoro(folder: Path) -> Case:
    items = [SpeakItem(text, "zf_xiaobei", str(folder / f"{text}.pcm")) for text in ("你好", "OK", "三点")]
    return Case(KOKORO, speaking_weights(KOKORO), items)


def hibari(folder: Path) -> Case:
    items = [SpeakItem(text, "heart", str(folder / f"{text}.pcm")) for text in ("Hello", "Three", "Yes")]
    return Case(HIBARI, speaking_weights(HIBARI), items)


def whisper_weights(name: str) -> Path:
    """Returns real weights, from ``ROOMTONE_TEST_MODELS`` or from wherever the store finds them."""
    named = os.environ.get("ROOMTONE_TEST_MODELS")
    if named and (Path(named) / name / "model.bin").is_file():
        return Path(named) / name
    pytest.skip(f"no weights of Whisper {name}: set ROOMTONE_TEST_MODELS to a folder that holds {name}/model.bin")


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(toy, id="toy"),
        pytest.param(whisper, id="whisper", marks=pytest.mark.weights),
        pytest.param(speakers, id="speakers", marks=pytest.mark.weights),
        pytest.param(llama, id="llama", marks=pytest.mark.weights),
        pytest.param(opus, id="opus", marks=pytest.mark.weights),
        pytest.param(kokoro, id="kokoro", marks=pytest.mark.weights),
        pytest.param(hibari, id="hibari", marks=pytest.mark.weights),
    ],
)
def case(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    made: Case = request.param(tmp_path_factory.mktemp("engine"))
    return made


@pytest.fixture(scope="module")
def process(case: Case) -> Iterator[EngineProcess]:
    started = EngineProcess.start(case.spec, case.weights, ON_CPU)
    yield started
    started.close()


def test_every_item_is_reported_once_with_what_is_returned(case: Case, process: EngineProcess) -> None:
    told: dict[int, dict[str, Any]] = {}

    def report(at: int, result: dict[str, Any]) -> None:
        if is_partial(result):
            return
        assert at not in told
        told[at] = result

    results = process.run(case.items, report)
    assert [told[at] for at in range(len(case.items))] == results


def test_results_are_plain_json(case: Case, process: EngineProcess) -> None:
    results = process.run(case.items, lambda *_: None)
    assert json.loads(json.dumps(results)) == results


def test_a_batch_gives_what_single_items_give(case: Case, process: EngineProcess) -> None:
    together = process.run(case.items, lambda *_: None)
    alone = [process.run([item], lambda *_: None)[0] for item in case.items]
    assert together == alone


def test_an_empty_batch_gives_nothing(process: EngineProcess) -> None:
    assert process.run([], lambda *_: None) == []


def test_an_item_that_cannot_be_taken_is_an_engine_error_and_the_engine_goes_on(
    case: Case, process: EngineProcess
) -> None:
    with pytest.raises(EngineError):
        process.run([object()], lambda *_: None)
    assert len(process.run(case.items[:1], lambda *_: None)) == 1


def test_an_engine_is_made_without_an_argument_and_closed_without_a_load(case: Case) -> None:
    module, _, name = case.spec.engine.partition(":")
    getattr(import_module(module), name)().close()


def test_wrong_weights_are_an_engine_error(case: Case, tmp_path: Path) -> None:
    if case.spec.name == "toy":
        pytest.skip("the toy has no weights")
    (tmp_path / "model.bin").write_bytes(b"not a model")
    with pytest.raises(EngineError) as failed:
        EngineProcess.start(case.spec, tmp_path, ON_CPU)
    assert not isinstance(failed.value, WeightsMissing)
