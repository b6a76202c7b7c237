"""The official client speaks into a running server with a real model."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import openai
import pytest

from api.app import create_api
from engines import catalog
from engines.device import Machine
from engines.intake.intake import Intake
from engines.residency.residency import Residency
from media.raw_sound import RateChange
from tests.api.conftest import Server
from tests.faults.conftest import mono_16k
from workbench.core import Workbench
from workbench.history.history import History
from workbench.settings import Settings
from workbench.texts import Texts

pytestmark = [
    pytest.mark.weights,
    # The official client opens its connection as websockets did before version 17.
    pytest.mark.filterwarnings("ignore:connect.. must be used as a context manager:DeprecationWarning"),
]
SAID = {
    "spk1_snt1.wav": "the child almost hurt the small dog",
    "spk1_snt3.wav": "at that high level the air is pure",
    "spk1_snt5.wav": "sunday is the best part of the week",
}
PIECE = 4_800
DELTA = "conversation.item.input_audio_transcription.delta"


@pytest.fixture
def client(models_folder: Path, tmp_path: Path, root: Path) -> Iterator[openai.OpenAI]:
    if not (models_folder / "base" / "model.bin").is_file():
        pytest.skip("Whisper base is not on disk")
    store: Any = SimpleNamespace(find=lambda spec: models_folder / "base", available=lambda name: name == "base")
    machine, texts = Machine(2, 8000, 8000), Texts(root / "assets" / "texts")
    history = History(tmp_path / "history.db", root / "history.db-schema")
    bench = Workbench(
        Settings(data=tmp_path), history, Residency(store, machine), Intake(), store, catalog, texts, machine=machine
    )
    bench.start()
    server = Server(create_api(bench, texts))
    server.start()
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as one:
        yield one
    server.stop()
    bench.close()


def plain(text: str) -> str:
    return " ".join("".join(sign for sign in text.lower() if sign.isalpha() or sign == " ").split())


@pytest.mark.parametrize("detecting", [True, False])
def test_real_speech_is_written_down_while_it_is_spoken(
    client: openai.OpenAI, media_folder: Path, detecting: bool
) -> None:
    sound = b"".join(mono_16k(media_folder / "asr" / name) + bytes(32_000) for name in SAID)
    samples = np.frombuffer(sound, "<i2").astype(np.float32)
    content = np.clip(RateChange(16_000, 24_000).feed(samples), -32768, 32767).astype("<i2").tobytes()
    listening: dict[str, Any] = {"transcription": {"model": "base", "language": "en"}}
    if not detecting:
        listening["turn_detection"] = None
    events: list[Any] = []
    with client.realtime.connect(extra_query={"intent": "transcription"}) as connection:
        connection.session.update(session={"type": "transcription", "audio": {"input": listening}})  # type: ignore[typeddict-item]
        for at in range(0, len(content), PIECE):
            connection.input_audio_buffer.append(audio=base64.b64encode(content[at : at + PIECE]).decode())
        if not detecting:
            connection.input_audio_buffer.commit()
        wanted = len(SAID) if detecting else 1
        while sum(event.type.endswith(".completed") for event in events) < wanted:
            events.append(connection.parse_event(connection._connection.recv(timeout=120, decode=False)))
    told = [plain(event.transcript) for event in events if event.type.endswith(".completed")]
    assert " ".join(told) == " ".join(SAID.values())
    assert plain("".join(f" {event.delta}" for event in events if event.type == DELTA))
    assert not [event for event in events if event.type == "error"]
