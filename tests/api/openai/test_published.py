"""Every format, event and error against the schema that OpenAI publishes; ``published.json`` holds its parts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import openai
import pytest

from api.openai import bodies
from engines.base import Task
from media.transcript import Segment, Transcript, Word
from tests.api.test_whole_path import Room

TALK = {"file": ("talk.wav", b"sound")}
HEARD = Transcript(
    (Segment(0.0, 2.0, " Good day.", (Word(0.0, 1.0, " Good", 0.9), Word(1.0, 2.0, " day.", 0.8)), speaker="A"),
     Segment(2.0, 3.0, "再见。", (), speaker="张伟")), 3.0, "en",
)  # fmt: skip


class Published:
    def __init__(self, told: dict[str, Any]) -> None:
        self._told = told

    def wrong(self, name: str, content: Any) -> list[str]:
        """Returns what a schema says against some content, and names that it does not know."""
        whole = {**self._told, "$ref": f"#/components/schemas/{name}"}
        found = [error.message for error in jsonschema_rs.validator_for(whole).iter_errors(content)]
        known = self._told["components"]["schemas"][name].get("properties")
        # What OpenAI's examples hold, and its schema forgets.
        return found + [f"{one} is not published" for one in content if known and one not in {*known, "task"}]


@pytest.fixture(scope="module")
def published() -> Published:
    return Published(json.loads((Path(__file__).parent / "published.json").read_text("utf-8")))


def asked(room: Room, where: str = "transcriptions", **fields: Any) -> httpx.Response:
    return httpx.post(f"{room.url}/v1/audio/{where}", data={"model": "whisper-1", **fields}, files=TALK, timeout=30)


@pytest.mark.parametrize(
    ("where", "fields", "name"),
    [
        ("transcriptions", {}, "CreateTranscriptionResponseJson"),
        ("transcriptions", {"include[]": "logprobs"}, "CreateTranscriptionResponseJson"),
        ("transcriptions", {"model": "gpt-transcribe"}, "CreateTranscriptionResponseJson"),
        ("transcriptions", {"response_format": "verbose_json"}, "CreateTranscriptionResponseVerboseJson"),
        ("transcriptions", {"response_format": "verbose_json", "timestamp_granularities[]": ["word", "segment"]},
         "CreateTranscriptionResponseVerboseJson"),
        ("translations", {}, "CreateTranslationResponseJson"),
        ("translations", {"response_format": "verbose_json"}, "CreateTranslationResponseVerboseJson"),
    ],
)  # fmt: skip
def test_each_format_is_as_published(room: Room, published: Published, where: str, fields: Any, name: str) -> None:
    answer = asked(room, where, **fields)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    told = answer.json()
    if where == "translations":
        told.pop("usage", None)
    assert published.wrong(name, told) == []


def test_speakers_are_told_as_published(published: Published) -> None:
    assert published.wrong("CreateTranscriptionResponseDiarizedJson", bodies.diarized(HEARD)) == []
    assert published.wrong("TranscriptTextSegmentEvent", bodies.spoken(0, HEARD.segments[0])) == []
    assert bodies.diarized(HEARD)["segments"][0]["id"] == "seg_001"


def test_each_event_of_a_stream_is_as_published_and_stands_in_a_line_of_data(room: Room, published: Published) -> None:
    answer = asked(room, stream="true", **{"include[]": "logprobs"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = [line for line in answer.text.split("\n") if line and not line.startswith(":")]
    assert all(line.startswith("data: ") for line in lines)
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert [event["type"] for event in events[-2:]] == ["transcript.text.delta", "transcript.text.done"]
    for event in events:
        name = "TranscriptTextDoneEvent" if event["type"].endswith("done") else "TranscriptTextDeltaEvent"
        assert published.wrong(name, event) == []


def test_errors_and_models_are_as_published(room: Room, published: Published) -> None:
    for answer in (asked(room, response_format="docx"), asked(room, model="none"), httpx.get(f"{room.url}/v1/none")):
        assert answer.status_code >= 400 and published.wrong("ErrorResponse", answer.json()) == []
    assert published.wrong("ListModelsResponse", httpx.get(f"{room.url}/v1/models").json()) == []
    assert published.wrong("Model", httpx.get(f"{room.url}/v1/models/whisper-1").json()) == []


def test_answers_are_named_and_timed_and_a_limit_is_told(room: Room, client: openai.OpenAI) -> None:
    made = room.ask("POST", "/api/keys", json={"name": "x", "requests_a_minute": 2}).json()
    answer = client.audio.transcriptions.with_raw_response.create(file=TALK["file"], model="whisper-1")
    assert (
        answer.request_id and answer.request_id.startswith("req_") and int(answer.headers["openai-processing-ms"]) >= 0
    )
    shown = {"authorization": f"Bearer {made['secret']}"}
    left = [httpx.get(f"{room.url}/v1/models/whisper-1", headers=shown) for _ in range(3)]
    assert [one.headers["x-ratelimit-remaining-requests"] for one in left] == ["1", "0", "0"]
    assert (left[2].status_code, left[2].headers["x-ratelimit-limit-requests"]) == (429, "2")
    assert left[2].headers["retry-after"] and left[0].headers["x-request-id"] != left[1].headers["x-request-id"]


def test_names_of_writing_and_speaking_are_listed_where_something_does(room: Room, client: openai.OpenAI) -> None:
    names = {model.id for model in client.models.list()}
    assert {"base", "whisper-1"} <= names
    assert ("tts-1" in names) == bool(room.workbench.ready(Task.ALOUD))
    assert ("careful" in names) == bool(room.workbench.ready(Task.WRITE))
    assert client.models.retrieve("tts-1").id == "tts-1"
