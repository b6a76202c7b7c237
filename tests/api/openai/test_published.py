"""Every format, event and error against the types of OpenAI's official client, which are made from its schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from openai.types import Model, audio
from pydantic import BaseModel, ValidationError

from api.openai import bodies
from engines.base import Task
from media.transcript import Segment, Transcript, Word
from tests.api.test_whole_path import Room

TALK = {"file": ("talk.wav", b"sound")}
HEARD = Transcript(
    (Segment(0.0, 2.0, " Good day.", (Word(0.0, 1.0, " Good", 0.9), Word(1.0, 2.0, " day.", 0.8)), speaker="A"),
     Segment(2.0, 3.0, "再见。", (), speaker="张伟")), 3.0, "en",
)  # fmt: skip


def wrong(model: type[BaseModel], content: Any) -> list[str]:
    """Returns what the official client's type says against some content, and names that it does not know."""
    try:
        read = model.model_validate_json(json.dumps(content), strict=True)
    except ValidationError as error:
        return [f"{one['loc']}: {one['msg']}" for one in error.errors()]
    return list(unknown(read))


def unknown(read: Any) -> Iterator[str]:
    """Names what stands in a read answer, or anywhere in it, and in no published type."""
    if isinstance(read, list):
        for one in read:
            yield from unknown(one)
    if isinstance(read, BaseModel):
        # "task" stands in the answers that OpenAI shows, and in no type of its client.
        yield from (f"{name} is not published" for name in read.model_extra or {} if name != "task")
        for name in type(read).model_fields:
            yield from unknown(getattr(read, name))


def asked(room: Room, where: str = "transcriptions", **fields: Any) -> httpx.Response:
    return httpx.post(f"{room.url}/v1/audio/{where}", data={"model": "whisper-1", **fields}, files=TALK, timeout=30)


@pytest.mark.parametrize(
    ("where", "fields", "model"),
    [
        ("transcriptions", {}, audio.Transcription),
        ("transcriptions", {"include[]": "logprobs"}, audio.Transcription),
        ("transcriptions", {"model": "gpt-transcribe"}, audio.Transcription),
        ("transcriptions", {"response_format": "verbose_json"}, audio.TranscriptionVerbose),
        ("transcriptions", {"response_format": "verbose_json", "timestamp_granularities[]": ["word", "segment"]},
         audio.TranscriptionVerbose),
        ("translations", {}, audio.Translation),
        ("translations", {"response_format": "verbose_json"}, audio.TranslationVerbose),
    ],
)  # fmt: skip
def test_each_format_is_as_published(room: Room, where: str, fields: Any, model: type[BaseModel]) -> None:
    answer = asked(room, where, **fields)
    assert answer.status_code == 200 and answer.headers["content-type"] == "application/json"
    told = answer.json()
    if where == "translations":
        told.pop("usage", None)
    assert wrong(model, told) == []


def test_speakers_are_told_as_published() -> None:
    assert wrong(audio.TranscriptionDiarized, bodies.diarized(HEARD)) == []
    assert wrong(audio.TranscriptionTextSegmentEvent, bodies.spoken(0, HEARD.segments[0])) == []
    assert bodies.diarized(HEARD)["segments"][0]["id"] == "seg_001"


def test_files_name_no_speakers_whoever_told_them_apart_before() -> None:
    for kind in ("text", "srt", "vtt"):
        told = bodies.file_of(HEARD, kind).decode()
        assert "再见。" in told and "张伟" not in told


def test_each_event_of_a_stream_is_as_published_and_stands_in_a_line_of_data(room: Room) -> None:
    answer = asked(room, stream="true", **{"include[]": "logprobs"})
    assert answer.headers["content-type"].startswith("text/event-stream")
    lines = [line for line in answer.text.split("\n") if line and not line.startswith(":")]
    assert all(line.startswith("data: ") for line in lines)
    events = [json.loads(line.removeprefix("data: ")) for line in lines]
    assert [event["type"] for event in events[-2:]] == ["transcript.text.delta", "transcript.text.done"]
    for event in events:
        model = (
            audio.TranscriptionTextDoneEvent if event["type"].endswith("done") else audio.TranscriptionTextDeltaEvent
        )
        assert wrong(model, event) == []


def test_errors_and_models_are_as_published(room: Room) -> None:
    for answer in (asked(room, response_format="docx"), asked(room, model="none"), httpx.get(f"{room.url}/v1/none")):
        told = answer.json()
        assert answer.status_code >= 400 and set(told) == {"error"}
        assert set(told["error"]) == {"message", "type", "param", "code"} and told["error"]["message"]
    listed = httpx.get(f"{room.url}/v1/models").json()
    assert listed["object"] == "list" and all(wrong(Model, model) == [] for model in listed["data"])
    assert wrong(Model, httpx.get(f"{room.url}/v1/models/whisper-1").json()) == []


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
