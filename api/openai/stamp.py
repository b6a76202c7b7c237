"""Headers that OpenAI's servers put on every answer: who it was, how long it took, and what is left of a limit."""

from __future__ import annotations

import secrets
import time

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from workbench.programs.keys import Left

VERSION = "2020-10-01"
"""Of the interface, as its headers have it."""


class Stamp:
    """Stamps the answers below ``/v1``; a key with a limit of calls leaves what is left of it as ``state["left"]``."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith("/v1/"):
            await self._app(scope, receive, send)
            return
        began, name = time.monotonic(), f"req_{secrets.token_hex(16)}"

        async def stamped(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["x-request-id"] = name
                headers["openai-version"] = VERSION
                headers["openai-processing-ms"] = str(round((time.monotonic() - began) * 1000))
                left: Left | None = scope.get("state", {}).get("left")
                if left is not None:
                    headers["x-ratelimit-limit-requests"] = str(left.limit)
                    headers["x-ratelimit-remaining-requests"] = str(left.n)
                    headers["x-ratelimit-reset-requests"] = f"{left.reset_s}s"
            await send(message)

        await self._app(scope, receive, stamped)
