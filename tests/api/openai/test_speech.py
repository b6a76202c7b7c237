"""The real client has texts spoken: every format, streams, refusals; the model hums."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import openai
import pytest

from api.app import create_api
from api.openai.speaking import read
from engines import catalog
from engines.device import Machine
from engines.intake import speech
from engines.requests_speaking import SpeakItem
from media.limits import MediaLimits
from media.sound_file import write_window
from media.spoken import RATE
from tests.api.conftest import Server
from tests.api.test_whole_path import FakeIntake, FakeResidency, FakeStore
from workbench.core import Workbench
from workbench.history.history import History
from workbench.settings import Settings
from workbench.texts import Texts

TEXT = "Good morning to everybody here. 今天下午三点我们开会。 The last sentence is this one."


class Joining(FakeIntake):
    def sound(
        self,
        order: Mapping[str, Any],
        limits: MediaLimits,
        on_share: Callable[[float], None],
        should_stop: Callable[[], bool],
    ) -> Mapping[str, Any]:
        return speech.join(order, limits, on_share)


class Here(FakeStore):
    """Has all weights."""

    def find(self, spec: Any) -> Path | None:
        return Path("weights")

    def fetch(self, spec: Any, *more: Any) -> Path:
        return Path("weights")


class Humming(FakeResidency):
    """Half a second a sentence."""

    def lease(self, *args: Any, **more: Any) -> Any:
        return _Lease()


class _Lease:
    steps: list[str] = []
    place = SimpleNamespace(device="cpu", precision="int8", threads=2)

    def __enter__(self) -> _Lease:
        return self

    def __exit__(self, *args: object) -> None:
        pass

    def memory_mib(self) -> tuple[int, int]:
        return 0, 0

    def load(self, should_stop: Any = None) -> None:
        pass

    def run(self, items: list[SpeakItem], report: Any = lambda *_: None, *_: Any, **__: Any) -> list[Any]:
        results = []
        for at, item in enumerate(items):
            Path(item.target).parent.mkdir(parents=True, exist_ok=True)
            write_window(Path(item.target), np.full((RATE // 2, 1), 0.1, np.float32))
            name = Path(item.target).name
            results.append({"file": name, "audio_s": 0.5, "speech_s": 0.4, "loudness": -19.0, "sounds": item.text})
            report(at, results[-1])
        return results


@pytest.fixture
def url(tmp_path: Path, root: Path) -> Iterator[str]:
    settings = Settings(tmp_path / "data", max_upload_bytes=2**20)
    settings.data.mkdir()
    models = tuple(replace(spec, needs=()) for spec in catalog.MODELS)
    known = {spec.name: spec for spec in models}
    own = SimpleNamespace(
        MODELS=models, by_name=lambda name: known[name], for_quality=catalog.for_quality, of_task=catalog.of_task
    )
    texts = Texts(root / "assets" / "texts", strict=True)
    history = History(settings.data / "history.db", root / "history.db-schema")
    parts: Any = (Humming(), Joining(), Here(), own)
    bench = Workbench(settings, history, *parts, texts, machine=Machine(2, 8000, 4000))
    bench.start()
    server = Server(create_api(bench, texts))
    server.start()
    yield server.url
    server.stop()
    bench.close()


@pytest.fixture
def client(url: str) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{url}/v1", api_key="none", max_retries=0) as one:
        yield one


@pytest.mark.parametrize("format", ["mp3", "opus", "aac", "flac", "wav", "pcm"])
def test_the_client_streams_a_text_to_a_file(client: openai.OpenAI, tmp_path: Path, format: Any) -> None:
    import av

    target = tmp_path / f"said.{format}"
    asked = client.audio.speech.with_streaming_response
    with asked.create(model="tts-1", voice="coral", input=TEXT, response_format=format) as answer:
        assert answer.headers["x-roomtone-job"]
        answer.stream_to_file(target)
    if format == "pcm":
        assert target.stat().st_size == 3 * RATE // 2 * 2
        return
    with av.open(str(target)) as found:
        heard = sum(frame.samples / frame.sample_rate for frame in found.decode(audio=0))
    assert heard == pytest.approx(1.5, abs=0.15)


def test_events_carry_the_same_sound(client: openai.OpenAI, url: str) -> None:
    body = {
        "model": "gpt-4o-mini-tts",
        "voice": "alloy",
        "input": TEXT,
        "response_format": "pcm",
        "stream_format": "sse",
    }
    told = httpx.post(f"{url}/v1/audio/speech", json=body, timeout=30)
    assert told.headers["content-type"].startswith("text/event-stream")
    events = [line.removeprefix("data: ") for line in told.text.splitlines() if line.startswith("data: ")]
    parsed = [json.loads(event) for event in events]
    assert parsed[-1]["type"] == "speech.audio.done"
    sound = b"".join(base64.b64decode(one["audio"]) for one in parsed if one["type"] == "speech.audio.delta")
    assert sound == client.audio.speech.create(model="tts-1", voice="alloy", input=TEXT, response_format="pcm").content


def test_what_had_no_effect_is_named(client: openai.OpenAI) -> None:
    answer = client.audio.speech.with_raw_response.create(
        model="gpt-4o-mini-tts", voice="alloy", input="Hello there, all of you.", instructions="Whisper."
    )
    assert answer.headers["x-roomtone-ignored"] == "instructions"
    assert io.BytesIO(answer.content).read(3)


@pytest.mark.parametrize(
    ("wrong", "status", "param"),
    [
        ({"voice": "nobody"}, 400, "voice"),
        ({"speed": 9.0}, 400, "speed"),
        ({"model": "dall-e"}, 404, "model"),
        ({"response_format": "m4a"}, 400, "response_format"),
        ({"input": "..."}, 400, None),
        ({"input": ""}, 400, "input"),
    ],
)
def test_what_makes_no_sense_is_refused_in_openais_shape(
    client: openai.OpenAI, wrong: dict[str, Any], status: int, param: str | None
) -> None:
    asked: Any = {"model": "tts-1", "voice": "alloy", "input": "Hello", **wrong}
    with pytest.raises(openai.APIStatusError) as refused:
        client.audio.speech.create(**asked)
    assert refused.value.status_code == status
    told: Any = refused.value.body
    assert told["param"] == param


def test_voices_are_listed_with_both_names(url: str) -> None:
    voices = httpx.get(f"{url}/v1/audio/voices").json()["voices"]
    assert {"zf_xiaobei", "af_heart"} <= {voice["id"] for voice in voices}
    assert {"alloy", "echo", "nova", "onyx", "shimmer"} <= {voice["alias"] for voice in voices}


def test_a_chinese_text_gets_a_chinese_voice_unless_a_voice_is_named_by_its_own_name() -> None:
    def voice(name: str, text: str, model: str = "tts-1") -> str:
        return read({"model": model, "voice": name, "input": text}).request.voice

    assert voice("alloy", "今天下午开会。") == "zf_xiaobei" and voice("onyx", "今天下午开会。") == "zm_yunjian"
    assert voice("af_heart", "今天下午开会。") == "af_heart" and voice("onyx", "Hello") == "am_onyx"
    assert voice("onyx", "Hello", "hibari") == "heart"
    assert voice("onyx", "Hello", "qwen3-tts") == "ryan" and voice("alloy", "今天开会。", "qwen3-tts") == "serena"
    own = "own-0123456789abcdef"
    assert voice("dylan", "Hello") == "dylan" and voice(own, "今天开会。") == own
    assert voice(own, "Hello", "indextts") == voice(f"{own}-index", "Hello") == f"{own}-index"


def test_no_voice_is_made_of_a_recording_without_consent_and_one_that_is_gone_is_told(url: str) -> None:
    made = {"name": "Ann", "agreed_by": "Ann Lee", "agreed_on": "2026-11-01", "consent": "my voice for our texts"}
    made |= {"job": "nothing", "start": 0.0, "end": 9.0, "text": "Good morning."}  # type: ignore[dict-item]
    with httpx.Client(base_url=url, headers={"X-Roomtone": "1"}) as ask:
        for lacks in ("name", "agreed_by", "agreed_on", "consent", "text", "job"):
            body = {name: value for name, value in made.items() if name != lacks}
            assert ask.post("/api/aloud/own", json=body).status_code == 422, lacks
        assert ask.post("/api/aloud/own", json=made).status_code == 404
        assert ask.post("/api/aloud/own", json={**made, "start": 9.0, "end": 1.0}).status_code == 422
        assert ask.get("/api/aloud/own").json()["voices"] == []
        for voice in ("own-0123456789abcdef", "own-0123456789abcdef-index", "kokoro"):
            at = f"/api/aloud/own/{voice}"
            assert [ask.get(f"{at}/{part}").status_code for part in ("sample", "log")] == [404, 404]
            assert ask.delete(at).status_code == 404
            assert ask.patch(at, json={"name": "Ann"}).status_code == 404
        told = ask.post("/v1/audio/speech", json={"model": "tts-1", "voice": "own-0123456789abcdef", "input": "Hello"})
        assert told.status_code == 404 and told.json()["error"]["code"] == "aloud_voice_gone"
