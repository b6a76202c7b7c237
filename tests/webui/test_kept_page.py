"""The page that is made once: who gets what was made before, and who does not."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest

from webui.kept_page import KeptPage


class Maker:
    """Makes a page that holds its number, on whichever thread it is asked; ``status`` is what it answers."""

    def __init__(self) -> None:
        self.n_made = 0
        self.status = 200
        self.headers: list[Any] = []
        self.threads: set[int] = set()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.n_made += 1
        self.threads.add(threading.get_ident())
        self.headers = list(scope["headers"])
        await send({"type": "http.response.start", "status": self.status, "headers": []})
        await send({"type": "http.response.body", "body": b"page ", "more_body": True})
        await send({"type": "http.response.body", "body": str(self.n_made).encode()})


def asked(app: KeptPage, **about: Any) -> bytes:
    scope = {"type": "http", "method": "GET", "path": "/", "scheme": "http", "headers": [(b"host", b"here")], **about}
    messages: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request"}

    async def send(message: Any) -> None:
        messages.append(message)

    asyncio.run(app(scope, receive, send))
    return b"".join(message.get("body", b"") for message in messages)


def test_the_page_is_made_once_for_an_address_and_away_from_the_loop() -> None:
    maker = Maker()
    app = KeptPage(maker)
    assert [asked(app), asked(app, query_string=b"job=1")] == [b"page 1", b"page 1"]
    assert asked(app, headers=[(b"host", b"there")]) == b"page 2"
    assert asked(app, scheme="https") == b"page 3"
    assert threading.get_ident() not in maker.threads


def test_a_page_that_is_shown_to_everybody_follows_no_other_header() -> None:
    maker = Maker()
    asked(KeptPage(maker), headers=[(b"host", b"here"), (b"x-gradio-server", b"http://elsewhere"), (b"cookie", b"a=b")])
    assert maker.headers == [(b"host", b"here")]


@pytest.mark.parametrize("about", [{"method": "POST"}, {"path": "/config"}, {"query_string": b"deep_link=x"}])
def test_all_else_is_asked_for_each_time(about: dict[str, Any]) -> None:
    app = KeptPage(Maker())
    assert [asked(app, **about), asked(app, **about)] == [b"page 1", b"page 2"]


def test_a_page_that_failed_is_not_kept() -> None:
    maker = Maker()
    maker.status = 500
    app = KeptPage(maker)
    assert [asked(app), asked(app)] == [b"page 1", b"page 2"]
