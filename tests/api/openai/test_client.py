"""The official client of OpenAI against a real server: only its address is changed."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from tests.api.test_whole_path import Room

FIRST = "meeting 会议纪要 at 0"


def sound(name: str = "talk.wav", content: bytes = b"sound") -> tuple[str, bytes]:
    return name, content


def test_a_file_becomes_text_by_changing_the_address(client: openai.OpenAI) -> None:
    told = client.audio.transcriptions.create(file=sound(), model="whisper-1")
    assert told.text.startswith(FIRST) and told.usage.type == "duration" and told.usage.seconds == 100


def test_every_format_reads_as_the_client_knows_it(client: openai.OpenAI) -> None:
    def ask(format: Any, **more: Any) -> Any:
        return client.audio.transcriptions.create(file=sound(), model="whisper-1", response_format=format, **more)

    verbose = ask("verbose_json", timestamp_granularities=["word", "segment"])
    assert (verbose.language, verbose.duration) == ("english", 100.0)
    assert len(verbose.segments) >= 5 and verbose.words[0].word == FIRST and verbose.segments[0].avg_logprob == -0.2
    assert ask("verbose_json", timestamp_granularities=["word"]).segments is None
    assert ask("verbose_json").words is None
    assert ask("text").startswith(FIRST) and ask("text").endswith("\n")
    assert ask("srt").lstrip("\ufeff").startswith("1\n00:00:00,") and ask("vtt").startswith("WEBVTT\n\n00:")


@pytest.mark.filterwarnings("ignore:deprecated:DeprecationWarning")
def test_a_translation_is_english(client: openai.OpenAI) -> None:
    told: Any = client.audio.translations.create(file=sound(), model="whisper-1", response_format="verbose_json")
    assert told.language == "english" and told.segments


def test_text_is_streamed_and_its_pieces_are_the_whole(client: openai.OpenAI) -> None:
    stream = client.audio.transcriptions.create(
        file=sound(), model="gpt-4o-transcribe", stream=True, include=["logprobs"]
    )
    events = list(stream)
    pieces = [event for event in events if event.type == "transcript.text.delta"]
    assert events[-1].type == "transcript.text.done" and len(pieces) >= 2
    assert "".join(piece.delta for piece in pieces) == events[-1].text and pieces[0].logprobs[0].logprob < 0


def test_what_is_wrong_is_told_in_the_shape_of_openai(client: openai.OpenAI) -> None:
    ask = client.audio.transcriptions.create
    with pytest.raises(openai.BadRequestError) as format:
        ask(file=sound(), model="whisper-1", response_format="docx")  # type: ignore[call-overload]
    assert format.value.param == "response_format" and format.value.type == "invalid_request_error"
    with pytest.raises(openai.NotFoundError) as model:
        ask(file=sound(), model="nothing")
    assert (model.value.code, model.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.BadRequestError) as language:
        ask(file=sound(), model="whisper-1", language="xx")
    assert language.value.param == "language"
    with pytest.raises(openai.BadRequestError) as broken:
        ask(file=sound(content=b"bad"), model="whisper-1")
    assert (broken.value.code, broken.value.param) == ("media_unreadable", "file")
    with pytest.raises(openai.APIStatusError) as large:
        ask(file=sound(content=bytes(2**20 + 1)), model="whisper-1")
    assert (large.value.status_code, large.value.param) == (413, "file")
    with pytest.raises(openai.NotFoundError) as writing:
        client.chat.completions.create(model="gpt", messages=[{"role": "user", "content": "hello"}])
    assert (writing.value.code, writing.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.NotFoundError):
        client.embeddings.create(model="x", input="y")


def test_what_has_no_effect_is_named_and_not_refused(client: openai.OpenAI) -> None:
    answer = client.audio.transcriptions.with_raw_response.create(
        file=sound(), model="whisper-1", temperature=0.3, extra_body={"colour": "blue"}
    )
    assert answer.headers["x-roomtone-ignored"] == "colour, temperature" and answer.headers["x-roomtone-job"]


def test_the_models_are_listed_with_the_names_that_programs_know(client: openai.OpenAI) -> None:
    names = [model.id for model in client.models.list()]
    assert {"base", "whisper-1", "gpt-4o-transcribe"} <= set(names)
    assert client.models.retrieve("whisper-1").object == "model"
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("nothing")


def test_a_caller_who_goes_takes_the_work_with_him(room: Room, client: openai.OpenAI) -> None:
    room.residency.go.clear()
    with room.workbench.watch() as changes:
        with pytest.raises(openai.APITimeoutError):
            client.audio.transcriptions.create(file=sound(), model="whisper-1", timeout=2)
        [job_id] = _ids(room)
        while room.workbench.job(job_id).status != "cancelled":
            changes.wait(20)


def _ids(room: Room) -> list[str]:
    return [job["id"] for job in room.ask("GET", "/api/jobs").json()["jobs"]]
