"""Gradio's page, made once for each address by which it is asked for."""

from __future__ import annotations

import asyncio
from typing import Any

from webui.page import App, Message, Receive, Scope, Send

_TOLD_BY = (b"host", b"x-forwarded-host", b"x-forwarded-proto")
"""What Gradio writes into the page is its own address. It is made from these headers alone: any other that a request
brings would be shown to everybody who asks after it.
"""
_MOST = 32


class KeptPage:
    """ASGI app around Gradio's that answers for ``/`` what was answered before, and leaves all else alone.

    Making the page held up the event loop for 55 ms the first time and 17 ms each time after. The first time goes to a
    thread of its own.
    """

    def __init__(self, app: App) -> None:
        self._app = app
        self._pages: dict[tuple[Any, ...], list[Message]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not _is_page(scope):
            await self._app(scope, receive, send)
            return
        told = [pair for pair in scope["headers"] if pair[0] in _TOLD_BY]
        key = (scope.get("scheme"), scope.get("root_path"), *told)
        answer = self._pages.get(key)
        if answer is None:
            answer = await asyncio.to_thread(asyncio.run, _answer_of(self._app, {**scope, "headers": told}))
            if answer[0]["status"] == 200:
                if len(self._pages) >= _MOST:
                    self._pages.clear()
                self._pages[key] = answer
        for message in answer:
            await send(dict(message))


def _is_page(scope: Scope) -> bool:
    # A deep link makes another page of it.
    return (
        scope["type"] == "http"
        and scope["method"] == "GET"
        and scope["path"] == "/"
        and b"deep_link" not in scope.get("query_string", b"")
    )


async def _answer_of(app: App, scope: Scope) -> list[Message]:
    """Returns the messages of an answer: its start, then its body in one piece."""
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in messages[1:])
    return [messages[0], {"type": "http.response.body", "body": body}]
