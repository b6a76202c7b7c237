"""Keeps short what holds up the event loop: the first requests, the garbage collector, turns of other threads."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys

from starlette.types import ASGIApp, Message

log = logging.getLogger(__name__)
_FIRST = ("/api/jobs", "/api/-", "/gradio_api/-")
"""One that answers from a thread, and two that are nobody's, for which all routes are tried."""
_THRESHOLDS = (5_000, 3, 30)
_TURN_S = 0.001


def shorten_pauses() -> None:
    """Sets up this interpreter; call it once all that stays for good has been built.

    With the screens built, a full round of the collector looked at 190,000 objects and held every thread for 107 ms;
    now it leaves them out. A long transcript makes 200,000 in one go: they are looked at in small rounds, of 4 ms and
    not of 23. A thread that computes gives way after 1 ms instead of 5, which the loop waits for after each of its
    system calls.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
    sys.setswitchinterval(_TURN_S)


def settle(app: ASGIApp) -> None:
    """Prepares an app and this interpreter for the first person; call it in a thread without an event loop."""
    warm_up(app)
    shorten_pauses()


def warm_up(app: ASGIApp) -> None:
    """Sends the first requests, whose answers are for nobody: FastAPI builds its routes, and imports what it runs on,
    when it is first asked, which held the loop for 100 ms in all.
    """
    try:
        asyncio.run(_ask_first(app))
    except Exception:
        log.warning("the first requests failed", exc_info=True)


async def _ask_first(app: ASGIApp) -> None:
    for path in _FIRST:
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
            "headers": [(b"host", b"127.0.0.1")], "client": None, "server": None,
        }  # fmt: skip
        await app(scope, _nobody_there, _unheard)


async def _nobody_there() -> Message:
    return {"type": "http.disconnect"}


async def _unheard(message: Message) -> None:
    pass
