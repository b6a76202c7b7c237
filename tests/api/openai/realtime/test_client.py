"""The official client's realtime connection against a real server: only its address is changed."""

from __future__ import annotations

import base64
import contextlib
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest
from websockets.exceptions import ConnectionClosed

from tests.api.conftest import Server
from tests.api.openai.realtime.conftest import RATE, SOUND, Program
from tests.workbench.conftest import Room
from workbench.history.rows import HistoryFilter

# The official client opens its connection as websockets did before version 17.
pytestmark = pytest.mark.filterwarnings("ignore:connect.. must be used as a context manager:DeprecationWarning")
SESSION: Any = {
    "type": "transcription",
    "audio": {"input": {"transcription": {"model": "whisper-1", "language": "en"}}},
}
NO_DETECTION: Any = {"type": "transcription", "audio": {"input": {"turn_detection": None}}}


@contextlib.contextmanager
def opened(client: openai.OpenAI, **query: str) -> Iterator[Program]:
    with client.realtime.connect(extra_query={"intent": "transcription", **query}) as connection:
        program = Program(connection)
        program.until("session.created")
        yield program


def test_somebody_speaks_and_the_text_comes_item_by_item(client: openai.OpenAI, live: Server) -> None:
    with opened(client) as program:
        program.connection.session.update(session=SESSION)
        session = program.until("session.updated").session
        assert session.audio.input.transcription.model == "whisper-1" and session.audio.input.format.rate == 24_000
        program.say(SOUND)
        program.until(".completed", 2)
    kinds = [event.type.rpartition("buffer.")[2] for event in program.told if "input_audio_buffer" in event.type]
    assert kinds == ["speech_started", "speech_stopped", "committed"] * 2
    first, second = program.all(".completed")
    assert first.transcript and second.usage.type == "duration" and 2.5 < second.usage.seconds < 4.5
    assert [event.item_id for event in program.all("committed")] == [first.item_id, second.item_id]
    assert program.all("committed")[1].previous_item_id == first.item_id
    assert {event.item.id for event in program.all("item.added")} == {first.item_id, second.item_id}
    assert [program.text(told.item_id) for told in (first, second)] == [first.transcript, second.transcript]
    assert abs(program.all("speech_started")[1].audio_start_ms - 2_700) < 200
    jobs = httpx.get(f"{live.url}/api/jobs").json()["jobs"]
    assert len(jobs) == 1


def test_the_session_is_in_the_history_with_its_sound_once_the_program_has_gone(
    client: openai.OpenAI, room: Room
) -> None:
    with opened(client) as program:
        program.say(SOUND)
        program.until(".completed", 2)
    bench = room.open_benches[0]
    with bench.watch() as changes:
        while not (view := bench.page(HistoryFilter())[0][0]).finished:
            changes.wait(20)
    assert view.status == "succeeded" and abs(view.duration_s - len(SOUND) / RATE) < 0.1
    assert len(bench.segments(view.id)["segments"]) == 2


def test_without_detection_the_program_says_where_an_item_ends(client: openai.OpenAI) -> None:
    with opened(client) as program:
        program.connection.session.update(session=NO_DETECTION)
        assert program.until("session.updated").session.audio.input.turn_detection is None
        program.say(SOUND)
        program.connection.input_audio_buffer.commit()
        told = program.until(".completed")
        assert program.all("speech_started") == [] and len(program.all("committed")) == 1
        assert program.text(told.item_id) == told.transcript and told.usage.seconds == pytest.approx(7, abs=0.1)
        program.connection.input_audio_buffer.commit()
        assert program.until("error").error.code == "realtime_empty"


def test_what_is_cleared_is_not_told(client: openai.OpenAI) -> None:
    with opened(client) as program:
        program.connection.session.update(session=NO_DETECTION)
        program.say(SOUND[: 2 * RATE])
        program.connection.input_audio_buffer.clear()
        program.until("buffer.cleared")
        program.say(SOUND[2 * RATE :])
        program.connection.input_audio_buffer.commit()
        assert program.until(".completed").usage.seconds == pytest.approx(5, abs=0.1)


def test_errors_are_told_with_the_event_that_made_them_and_the_session_goes_on(client: openai.OpenAI) -> None:
    wrong: list[tuple[Any, str]] = [
        ({"type": "response.create"}, "realtime_unknown"),
        ({"type": "session.update"}, "parameter_missing"),
        ({"type": "session.update", "session": {"type": "realtime"}}, "realtime_listens_only"),
        ({"type": "session.update", "session": {**SESSION, "audio": 3}}, "parameter_unfit"),
        (_session({"turn_detection": {"type": "dance"}}), "parameter_not_one_of"),
        (_session({"format": {"type": "audio/mp3"}}), "parameter_not_one_of"),
        (_session({"transcription": {"model": "nothing"}}), "model_not_found"),
        ({"type": "input_audio_buffer.append", "audio": "###"}, "realtime_sound"),
        ({"type": "input_audio_buffer.append"}, "realtime_sound"),
        ({"type": "input_audio_buffer.commit"}, "realtime_empty"),
        (_session({"transcription": {"language": "xx"}}), ""),
    ]
    with opened(client) as program:
        for number, (event, code) in enumerate(wrong):
            if code:
                program.connection.send({**event, "event_id": f"mine_{number}"})
                told = program.until("error", number + 1).error
                assert (told.code, told.event_id) == (code, f"mine_{number}") and told.message
        program.connection._connection.send("no json")
        assert program.until("error", len(wrong)).error.code == "realtime_broken"
        program.say(SOUND)
        program.until(".completed", 2)


def _session(sound: dict[str, Any]) -> dict[str, Any]:
    return {"type": "session.update", "session": {"type": "transcription", "audio": {"input": sound}}}


def test_the_shape_of_before_works_as_it_did(client: openai.OpenAI) -> None:
    # This part of the client takes every address for one of TLS unless it is told the whole.
    beta = client.with_options(websocket_base_url=str(client.base_url).replace("http", "ws", 1)).beta.realtime
    with beta.connect(model="gpt-4o-transcribe", extra_query={"intent": "transcription"}) as connection:
        program = Program(connection)
        program.until("transcription_session.created")
        flat: Any = {"input_audio_format": "pcm16", "input_audio_transcription": {"model": "gpt-4o-mini-transcribe"},
                     "turn_detection": {"type": "server_vad", "silence_duration_ms": 700}}  # fmt: skip
        connection.transcription_session.update(session=flat)
        told = program.until("transcription_session.updated").session
        assert told.input_audio_transcription.model == "gpt-4o-mini-transcribe"
        assert told.turn_detection.silence_duration_ms == 700
        program.say(SOUND)
        program.until(".completed", 2)
        assert len(program.all("item.created")) == 2 and program.all("item.added") == []


def test_the_sound_of_telephones_is_understood(client: openai.OpenAI) -> None:
    with opened(client) as program:
        program.connection.send(_session({"format": {"type": "audio/pcmu"}}))  # type: ignore[arg-type]
        program.until("session.updated")
        speech, silence = bytes([0x00, 0x80] * 4_000), b"\xff" * 8_000
        program.connection.input_audio_buffer.append(audio=base64.b64encode(speech + silence).decode())
        assert program.until(".completed").usage.seconds == pytest.approx(1.3, abs=0.2)


def test_a_model_that_is_not_there_is_refused_before_the_handshake(client: openai.OpenAI) -> None:
    with pytest.raises(Exception, match="404"), opened(client, model="nothing"):
        pass
    with opened(client, model="gpt-realtime") as program:
        assert program.told[0].session.audio.input.transcription.model == "whisper-1"


def test_one_too_many_is_told_so_and_let_go(client: openai.OpenAI, room: Room) -> None:
    with (
        opened(client, model="gpt-4o-mini-transcribe") as first,
        opened(client, model="gpt-4o-mini-transcribe") as second,
    ):
        first.say(SOUND[:RATE])
        first.until("speech_started")
        room.open_benches[0]._board.speeds["base", 1] = 1.0
        second.say(SOUND[: RATE // 10])
        assert second.until("error").error.code == "live_full"
        with pytest.raises(ConnectionClosed) as closed:
            second.until("nothing")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1013


def test_a_server_that_stops_says_come_back(client: openai.OpenAI, live: Server) -> None:
    with opened(client) as program:
        live.app.state.closing.close()
        with pytest.raises(ConnectionClosed) as closed:
            program.until("nothing")
        assert closed.value.rcvd is not None and closed.value.rcvd.code == 1012
