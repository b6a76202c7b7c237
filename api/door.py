"""Answers at the address from the first moment on, and hands over to the real app once that is built."""

from __future__ import annotations

import asyncio
import contextlib
import html
import json
from collections.abc import Callable, Sequence
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.pauses import settle

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Roomtone</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="color-scheme" content="light dark">
<style>body{{font:1.1rem/1.7 system-ui,sans-serif;display:grid;place-content:center;min-height:90vh;
text-align:center}}
p{{margin:.2em;opacity:.75}}i{{display:block;width:2em;height:2em;margin:0 auto 1em;border-radius:50%;
border:.2em solid;border-top-color:transparent;animation:t 1s linear infinite}}
@keyframes t{{to{{rotate:1turn}}}}</style>
<noscript><meta http-equiv="refresh" content="2"></noscript></head><body><main><i></i>{lines}</main>
<script>const look=async()=>{{try{{const a=await fetch("health",{{cache:"no-store"}});
if((await a.json()).status!=="starting")return location.reload()}}catch{{}}
setTimeout(look,400)}};setTimeout(look,400)</script>
</body></html>"""


class Door:
    """An ASGI app that says "starting" until ``open`` gives it the app that answers from then on.

    ``sentences`` are the lines of the page shown meanwhile; ``settle`` is called with the app before the handing
    over, when all has been built. The lifespan of the real app begins with ``open`` and ends
    with the server's. It stands on nothing that takes time to import.
    """

    def __init__(self, sentences: Sequence[str], settle: Callable[[ASGIApp], None] = settle) -> None:
        self._settle = settle
        self._page = _PAGE.format(lines="".join(f"<p>{html.escape(line)}</p>" for line in sentences)).encode()
        self._app: ASGIApp | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._life: _Life | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif self._app is not None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1013})
        else:
            await self._say_starting(scope["path"], scope["method"], send)

    def open(self, app: ASGIApp) -> None:
        """Hands over to ``app``; call it from another thread than the server's. Raises what its start raises."""
        if self._loop is None:
            raise RuntimeError("the server has not started")
        self._settle(app)
        asyncio.run_coroutine_threadsafe(self._open(app), self._loop).result()

    async def _open(self, app: ASGIApp) -> None:
        life = _Life(app)
        await life.begin()
        self._life, self._app = life, app

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        self._loop = asyncio.get_running_loop()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        if self._life is not None:
            await self._life.end()
        await send({"type": "lifespan.shutdown.complete"})

    async def _say_starting(self, path: str, method: str, send: Send) -> None:
        if path == "/health":
            status, kind, body = 200, b"application/json", json.dumps({"status": "starting"}).encode()
        elif path.startswith("/v1/"):
            told = {"message": "Roomtone is starting.", "type": "server_error", "param": None, "code": "starting"}
            status, kind, body = 503, b"application/json", json.dumps({"error": told}).encode()
        elif path.startswith("/api/"):
            status, kind, body = 503, b"application/json", json.dumps({"error": {"code": "starting"}}).encode()
        else:
            status, kind, body = 503, b"text/html; charset=utf-8", self._page
        headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode())]
        headers += [(b"cache-control", b"no-store"), (b"retry-after", b"1"), (b"x-content-type-options", b"nosniff")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if method == "HEAD" else body})


class _Life:
    """Runs the lifespan of an app that came after the server's own had begun."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._asked: asyncio.Queue[Message] = asyncio.Queue()
        self._told: asyncio.Queue[Message] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def begin(self) -> None:
        """Starts the app; raises RuntimeError with its reason when it does not start."""
        self._task = asyncio.create_task(self._run())
        told = await self._ask("startup")
        if told["type"].endswith("failed"):
            raise RuntimeError(told.get("message") or "the app did not start")

    async def end(self) -> None:
        """Ends the app."""
        assert self._task is not None
        if not self._task.done():
            await self._ask("shutdown")
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _ask(self, what: str) -> dict[str, Any]:
        await self._asked.put({"type": f"lifespan.{what}"})
        return dict(await self._told.get())

    async def _run(self) -> None:
        scope: Scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.0"}, "state": {}}
        try:
            await self._app(scope, self._asked.get, self._told.put)
        except Exception as error:
            await self._told.put({"type": "lifespan.startup.failed", "message": str(error)})
