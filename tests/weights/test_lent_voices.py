"""Voices that a call brings along name the speakers of its recording, with real models throughout."""

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
from bench.meetings import read
from engines import catalog
from engines.catalog_speakers import SPEAKERS
from engines.device import Machine
from engines.intake.intake import Intake
from engines.residency.residency import Residency
from media.audio import wav_header
from tests.api.conftest import Server
from tests.weights.speakers_weights import speakers_weights
from workbench.core import Workbench
from workbench.history.history import History
from workbench.history.rows import HistoryFilter
from workbench.settings import Settings
from workbench.texts import Texts

pytestmark = pytest.mark.weights


@pytest.fixture
def bench(models_folder: Path, tmp_path: Path, root: Path) -> Iterator[Workbench]:
    if not (models_folder / "base" / "model.bin").is_file():
        pytest.skip("Whisper base is not on disk")
    places = {"base": models_folder / "base", SPEAKERS[0].name: speakers_weights()}
    store: Any = SimpleNamespace(find=lambda spec: places.get(spec.name), available=lambda name: name in places)
    machine, texts = Machine(2, 8000, 8000), Texts(root / "assets" / "texts")
    history = History(tmp_path / "history.db", root / "history.db-schema")
    made = Workbench(
        Settings(data=tmp_path), history, Residency(store, machine), Intake(), store, catalog, texts, machine=machine
    )
    made.start()
    yield made
    made.close()


@pytest.fixture
def client(bench: Workbench, root: Path) -> Iterator[openai.OpenAI]:
    server = Server(create_api(bench, Texts(root / "assets" / "texts")))
    server.start()
    with openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0) as one:
        yield one
    server.stop()


def sound_of(path: Path) -> bytes:
    return np.clip(read(path) * 32768, -32768, 32767).astype("<i2").tobytes()


def wav(sound: bytes) -> bytes:
    return wav_header(len(sound) // 2) + sound


def data_url(sound: bytes) -> str:
    return f"data:audio/wav;base64,{base64.b64encode(wav(sound)).decode()}"


def test_speakers_have_the_names_that_came_with_their_voices(
    client: openai.OpenAI, bench: Workbench, media_folder: Path
) -> None:
    folders = sorted(path for path in (media_folder / "speakers").iterdir() if path.is_dir())[:3]
    clips = [sorted(one.glob("*.flac"), key=lambda path: -path.stat().st_size)[:3] for one in folders]
    said = [[sound_of(path) for path in some] for some in clips]
    order = [said[0][0], said[1][0], said[0][1], said[1][1]]
    recording = b"".join(one + bytes(16_000) for one in order)
    ends = np.cumsum([len(one + bytes(16_000)) for one in order]) / 32_000
    told: Any = client.audio.transcriptions.create(
        file=("call.wav", wav(recording)),
        model="gpt-4o-transcribe-diarize",
        language="en",
        response_format="diarized_json",
        chunking_strategy="auto",
        extra_body={
            "known_speaker_names": ["agent", "stranger"],
            "known_speaker_references": [data_url(said[0][2][: 10 * 32_000]), data_url(said[2][0][: 10 * 32_000])],
        },
        timeout=300,
    )
    wrong_s = 0.0
    for line in told.segments:
        first = int(np.searchsorted(ends, (line.start + line.end) / 2)) % 2 == 0
        wrong_s += line.end - line.start if (line.speaker == "agent") != first else 0.0
    assert {line.speaker for line in told.segments} == {"agent", "B"}
    assert wrong_s < 0.15 * ends[-1]
    assert bench.voices.all("test")["voices"] == [] and len(bench.page(HistoryFilter())[0]) == 1
