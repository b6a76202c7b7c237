"""A real server over the real workbench, with a model that says what it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openai
import pytest

from api.app import create_api
from engines import catalog
from engines.device import Machine
from tests.api.conftest import Server
from tests.api.test_whole_path import FakeIntake, FakeResidency, FakeStore, Room
from workbench.core import Workbench
from workbench.history.history import History
from workbench.settings import Settings
from workbench.texts import Texts


@pytest.fixture
def room(tmp_path: Path, root: Path) -> Iterator[Room]:
    settings = Settings(tmp_path / "data", max_upload_bytes=2**20)
    settings.data.mkdir()
    history = History(settings.data / "history.db", root / "history.db-schema")
    texts = Texts(root / "assets" / "texts", strict=True)
    residency = FakeResidency()
    parts: Any = (residency, FakeIntake(), FakeStore(), catalog)
    bench = Workbench(settings, history, *parts, texts, machine=Machine(2, 8000, 4000))
    bench.start()
    server = Server(create_api(bench, texts))
    server.start()
    yield Room(server.url, residency, bench)
    server.stop()
    bench.close()


@pytest.fixture
def client(room: Room) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{room.url}/v1", api_key="none", max_retries=0) as one:
        yield one
