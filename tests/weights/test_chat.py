"""The official client talks to a real model through a real server."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from api.app import create_api
from engines import catalog
from engines.device import Machine
from engines.residency.residency import Residency
from engines.store.store import Store
from tests.api.conftest import Server
from tests.api.test_whole_path import FakeIntake
from tests.weights.writing_weights import SMALL, writing_weights
from workbench.core import Workbench
from workbench.history.history import History
from workbench.settings import Settings
from workbench.texts import Texts

pytestmark = [pytest.mark.weights, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def client(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[openai.OpenAI]:
    writing_weights()
    settings = Settings(tmp_path_factory.mktemp("room") / "data")
    settings.data.mkdir()
    history = History(settings.data / "history.db", root / "history.db-schema")
    texts = Texts(root / "assets" / "texts", strict=True)
    machine = Machine(2, 16_000, 8_000)
    store = Store(settings.data / "models", (Path(os.environ.get("ROOMTONE_TEST_MODELS") or ".models"),), offline=True)
    store.fetch(catalog.by_name(SMALL))
    parts: Any = (Residency(store, machine), FakeIntake(), store, catalog)
    bench = Workbench(settings, history, *parts, texts, machine=machine)
    bench.start()
    server = Server(create_api(bench, texts))
    server.start()
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=300) as one:
        yield one
    server.stop()
    bench.close()


COUNT: Any = [{"role": "user", "content": "Count from 1 to 9, separated by commas."}]


def test_an_answer_comes_whole_and_in_pieces(client: openai.OpenAI) -> None:
    asked: Any = {"model": SMALL, "messages": COUNT, "temperature": 0, "max_tokens": 60}
    whole = client.chat.completions.create(**asked)
    text = whole.choices[0].message.content or ""
    assert "3, 4, 5" in text and whole.choices[0].finish_reason == "stop"
    assert whole.usage is not None and whole.usage.completion_tokens > 10
    pieces = list(client.chat.completions.create(**asked, stream=True, stream_options={"include_usage": True}))
    assert "".join(piece.choices[0].delta.content or "" for piece in pieces if piece.choices) == text
    assert sum(bool(piece.choices and piece.choices[0].delta.content) for piece in pieces) > 2
    assert pieces[-1].usage == whole.usage
    assert [piece.choices[0].finish_reason for piece in pieces if piece.choices][-1] == "stop"


def test_a_stop_string_a_measure_and_a_schema_are_kept(client: openai.OpenAI) -> None:
    asked: Any = {"model": SMALL, "messages": COUNT, "temperature": 0}
    stopped = client.chat.completions.create(**asked, stop=["5"]).choices[0]
    assert (stopped.message.content or "").endswith("4,") and stopped.finish_reason == "stop"
    assert client.chat.completions.create(**asked, max_completion_tokens=3).choices[0].finish_reason == "length"
    shape = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    told = client.chat.completions.create(
        **asked, response_format={"type": "json_schema", "json_schema": {"name": "n", "schema": shape}}
    )
    assert isinstance(json.loads(told.choices[0].message.content or "")["n"], int)


def test_what_is_too_long_is_refused_with_numbers(client: openai.OpenAI) -> None:
    with pytest.raises(openai.APIStatusError) as refused:
        client.chat.completions.create(model=SMALL, messages=[{"role": "user", "content": "会议 " * 9000}])
    assert (refused.value.status_code, refused.value.code) == (413, "text_too_long_for_model")


def test_who_goes_away_ends_the_answer(client: openai.OpenAI) -> None:
    story: Any = [{"role": "user", "content": "Write a very long story."}]
    with client.chat.completions.create(model=SMALL, messages=story, stream=True, max_tokens=4000) as stream:
        next(iter(stream))
    again = client.chat.completions.create(model=SMALL, messages=COUNT, max_tokens=2)
    assert again.usage is not None and again.usage.completion_tokens == 2
