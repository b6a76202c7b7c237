"""A room API over a workbench in memory, asked without a network, and a real server on a loopback port."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from api.app import create_api
from api.safety import OWNER_COOKIE, is_loopback
from tests.api.fakes import FakeWorkbench
from workbench.texts import Texts

BASE = "http://127.0.0.1:7860"


class Caller:
    """Asks an ASGI app, each request in an event loop of its own."""

    def __init__(self, app: FastAPI, base: str = BASE, client: tuple[str, int] = ("127.0.0.1", 5000)) -> None:
        self.app = app
        self._base = base
        self._client = client

    def __call__(self, method: str, path: str, own_page: bool = True, **values: Any) -> httpx.Response:
        headers = {"x-roomtone": "1"} if own_page else {}
        if own_page and not is_loopback(self._client[0]):
            headers["cookie"] = f"{OWNER_COOKIE}={'a' * 32}"
        headers |= values.pop("headers", {})

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.app, raise_app_exceptions=False, client=self._client)
            async with httpx.AsyncClient(transport=transport, base_url=self._base) as client:
                return await client.request(method, path, headers=headers, **values)

        return asyncio.run(ask())

    def get(self, path: str, **values: Any) -> httpx.Response:
        return self("GET", path, **values)

    def post(self, path: str, **values: Any) -> httpx.Response:
        return self("POST", path, **values)


class Server:
    """A real uvicorn in a thread, on a free loopback port."""

    def __init__(self, app: FastAPI) -> None:
        self.app = app
        config = uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning", timeout_graceful_shutdown=20)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run)
        self.url = ""

    def start(self) -> None:
        ready = threading.Event()
        startup = self._server.startup

        async def started(sockets: Any = None) -> None:
            await startup(sockets)
            ready.set()

        self._server.startup = started  # type: ignore[method-assign]
        self._thread.start()
        assert ready.wait(20)
        self.url = f"http://127.0.0.1:{self._server.servers[0].sockets[0].getsockname()[1]}"

    def stop(self) -> None:
        """Does what launch.py does on a signal."""
        self.app.state.closing.close()
        self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()


@pytest.fixture
def texts(root: Path) -> Texts:
    return Texts(root / "assets" / "texts", strict=True)


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[FakeWorkbench]:
    fake = FakeWorkbench(tmp_path, max_bytes=8 * 2**20)
    yield fake
    if "history" in vars(fake):
        fake.history.close()


@pytest.fixture
def app(bench: FakeWorkbench, texts: Texts) -> FastAPI:
    return create_api(bench, texts)


@pytest.fixture
def ask(app: FastAPI) -> Caller:
    return Caller(app)


@pytest.fixture
def server(app: FastAPI) -> Iterator[Server]:
    running = Server(app)
    running.start()
    yield running
    running.stop()
