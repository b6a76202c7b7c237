"""The door: what it says before the app is there, and how it hands over."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from api.door import Door

Message = dict[str, Any]


def nothing(app: Any) -> None:
    """Leaves the interpreter of the tests as it is."""


class Server:
    """Runs a door's lifespan as uvicorn does, and asks it things."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self._asked: asyncio.Queue[Message] = asyncio.Queue()
        self._told: asyncio.Queue[Message] = asyncio.Queue()

    async def __aenter__(self) -> Server:
        self._task = asyncio.create_task(self.door({"type": "lifespan"}, self._asked.get, self._told.put))
        await self._asked.put({"type": "lifespan.startup"})
        assert (await self._told.get())["type"] == "lifespan.startup.complete"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._asked.put({"type": "lifespan.shutdown"})
        assert (await self._told.get())["type"] == "lifespan.shutdown.complete"
        await self._task

    async def ask(self, path: str, method: str = "GET", kind: str = "http") -> list[Message]:
        """Returns the messages that the door sends for one request."""
        sent: list[Message] = []

        async def send(message: Any) -> None:
            sent.append(dict(message))

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        await self.door({"type": kind, "path": path, "method": method, "headers": []}, receive, send)
        return sent


class App:
    """The real app: notes when its life begins and ends."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.life: list[str] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"real"})
            return
        await receive()
        if self.fails:
            raise OSError("no bread today")
        self.life.append("begun")
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.life.append("ended")
        await send({"type": "lifespan.shutdown.complete"})


def test_before_the_app_is_there_health_answers_and_pages_say_that_it_starts() -> None:
    async def look() -> None:
        async with Server(Door(["Gleich <da>", "马上就好"], nothing)) as server:
            start, body = await server.ask("/health")
            assert (start["status"], body["body"]) == (200, b'{"status": "starting"}')
            start, body = await server.ask("/?job=1")
            assert start["status"] == 503
            assert "Gleich &lt;da&gt;" in body["body"].decode()
            assert "马上就好" in body["body"].decode()
            start, body = await server.ask("/api/jobs")
            assert (start["status"], b"starting" in body["body"]) == (503, True)
            assert (await server.ask("/", "HEAD"))[1]["body"] == b""
            assert await server.ask("/live", kind="websocket") == [{"type": "websocket.close", "code": 1013}]

    asyncio.run(look())


def test_the_app_answers_from_the_moment_it_is_given_and_lives_as_long_as_the_server() -> None:
    async def look() -> None:
        app, before = App(), list[list[str]]()
        door = Door([], lambda _: before.append(list(app.life)))
        async with Server(door) as server:
            await asyncio.to_thread(door.open, app)
            assert (before, app.life) == ([[]], ["begun"])
            assert (await server.ask("/health"))[1]["body"] == b"real"
        assert app.life == ["begun", "ended"]

    asyncio.run(look())


def test_an_app_that_does_not_start_is_told_to_whoever_opened_the_door() -> None:
    async def look() -> None:
        door = Door([], nothing)
        async with Server(door) as server:
            with pytest.raises(RuntimeError, match="no bread today"):
                await asyncio.to_thread(door.open, App(fails=True))
            assert (await server.ask("/health"))[1]["body"] == b'{"status": "starting"}'

    asyncio.run(look())
