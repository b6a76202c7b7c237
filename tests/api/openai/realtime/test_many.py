"""Many programs at once, and those that do not behave."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus

from tests.api.conftest import Server
from tests.api.openai.realtime.conftest import at_24_khz, talk
from tests.workbench.conftest import Room

N_PROGRAMS = 100
WORDS = base64.b64encode(at_24_khz(talk(1.0, 1.0))).decode()
COMPLETED = "conversation.item.input_audio_transcription.completed"
FAST = "?intent=transcription&model=gpt-4o-mini-transcribe"


class Quick(dict[Any, float]):
    """Speeds that stay as they are: a busy machine that runs the tests would leave room for a few only."""

    def __setitem__(self, effort: Any, speed: float) -> None:
        """Learns nothing."""


def address(server: Server) -> str:
    return server.url.replace("http", "ws") + "/v1/realtime" + FAST


async def until(socket: ClientConnection, kind: str) -> dict[str, Any]:
    while True:
        told: dict[str, Any] = json.loads(await asyncio.wait_for(socket.recv(), 60))
        if told["type"] == kind:
            return told


async def speak(server: Server) -> str:
    async with connect(address(server)) as socket:
        await socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": WORDS}))
        return str((await until(socket, COMPLETED))["transcript"])


def test_a_hundred_programs_speak_at_once_and_each_gets_its_text(live: Server, room: Room) -> None:
    board = room.open_benches[0]._board
    board.speeds = Quick({("base", 1): 1_000.0})  # type: ignore[assignment]

    async def together() -> list[str]:
        return await asyncio.gather(*(speak(live) for _ in range(N_PROGRAMS)))

    texts = asyncio.run(together())
    assert len([text for text in texts if text]) == N_PROGRAMS


def test_a_program_that_reads_nothing_holds_nobody_up(live: Server) -> None:
    async def both() -> str:
        async with connect(address(live), max_queue=1) as deaf:
            for _ in range(100):
                await deaf.send(json.dumps({"type": "session.update", "session": {"type": "transcription"}}))
            await deaf.send(json.dumps({"type": "input_audio_buffer.append", "audio": WORDS}))
            text = await speak(live)
            await until(deaf, COMPLETED)
            return text

    assert asyncio.run(both())


def test_what_a_program_said_before_it_was_cut_off_is_kept_and_its_session_ends(live: Server, room: Room) -> None:
    async def drop() -> None:
        async with connect(address(live)) as socket:
            await socket.send(json.dumps({"type": "input_audio_buffer.append", "audio": WORDS}))
            await until(socket, "input_audio_buffer.speech_started")
            socket.transport.abort()

    asyncio.run(drop())
    with room.open_benches[0].watch() as changes:
        while (job := httpx.get(f"{live.url}/api/jobs").json()["jobs"][0])["status"] not in ("succeeded", "failed"):
            changes.wait(20)
    assert job["status"] == "succeeded" and round(job["duration_s"], 2) == 2.0
    assert httpx.get(f"{live.url}/api/live").json()["sessions"] == []


def test_every_kind_of_key_is_looked_at_before_the_handshake(live: Server) -> None:
    made = httpx.post(f"{live.url}/api/keys", json={"name": "mic"}, headers={"x-roomtone": "1"}).json()

    async def told(**more: Any) -> str:
        async with connect(address(live), **more) as socket:
            return str((await until(socket, "session.created"))["type"])

    async def refused(**more: Any) -> int:
        try:
            await told(**more)
        except InvalidStatus as found:
            assert json.loads(found.response.body)["error"]["code"] in ("key_unknown", "key_revoked")
            return found.response.status_code
        return 101

    def bearer(secret: str) -> dict[str, Any]:
        return {"additional_headers": {"authorization": f"Bearer {secret}"}}

    def spoken(secret: str) -> dict[str, Any]:
        return {"subprotocols": ["realtime", f"openai-insecure-api-key.{secret}"]}

    async def ask() -> list[int]:
        kinds = (bearer, spoken)
        return [await refused(**kind(secret)) for kind in kinds for secret in (made["secret"], "rt-wrong", "sk-none")]

    assert asyncio.run(ask()) == [101, 401, 101] * 2
    httpx.delete(f"{live.url}/api/keys/{made['id']}", headers={"x-roomtone": "1"})
    assert asyncio.run(ask()) == [401, 401, 101] * 2
