"""What routes are given: the workbench, the sentences, and who asks in which language."""

from __future__ import annotations

import asyncio
import re
import threading
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse

from api.errors import ApiError, language_of
from api.plain_json import PlainJson
from api.safety import is_loopback, owner_of
from workbench.core import Workbench
from workbench.errors import NotFound
from workbench.texts import Texts

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_IDS = 500
"""Jobs that one request may name."""


class Closing:
    """Ends all event streams when the server is asked to stop, which otherwise waits for them; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self.closed = False

    def close(self) -> None:
        """Ends the open streams and those that come."""
        with self._lock:
            self.closed = True
            waiting = list(self._waiting)
        for loop, wake in waiting:
            loop.call_soon_threadsafe(wake.set)

    def join(self, loop: asyncio.AbstractEventLoop, wake: asyncio.Event) -> None:
        """Has ``wake`` set on ``close``, until ``leave``."""
        with self._lock:
            self._waiting.add((loop, wake))

    def leave(self, loop: asyncio.AbstractEventLoop, wake: asyncio.Event) -> None:
        """Forgets a stream that has ended."""
        with self._lock:
            self._waiting.discard((loop, wake))


async def _bench(request: Request) -> Workbench:
    bench: Workbench | None = request.app.state.workbench
    if bench is None:
        raise ApiError("starting", status=503)
    return bench


async def _texts(request: Request) -> Texts:
    texts: Texts = request.app.state.texts
    return texts


async def _language(request: Request) -> str:
    return language_of(request)


async def _owner(request: Request) -> str:
    return owner_of(request)


async def _job_id(job_id: str) -> str:
    return checked_id(job_id)


async def _administrator(request: Request) -> None:
    if not may_administer(request):
        raise ApiError("administrator_only", status=403)


Bench = Annotated[Workbench, Depends(_bench)]
"""The workbench; its methods block, so routes that call it are plain ``def``."""
Sentences = Annotated[Texts, Depends(_texts)]
Language = Annotated[str, Depends(_language)]
Owner = Annotated[str, Depends(_owner)]
JobId = Annotated[str, Depends(_job_id)]
Administrator = Depends(_administrator)
"""Lets only requests from the machine itself through."""


def may_administer(request: HTTPConnection) -> bool:
    """Tells whether a request comes from the machine that Roomtone runs on."""
    return is_loopback(request.client.host if request.client else None)


def checked_id(job_id: str) -> str:
    """Returns a job's id, unless it cannot be one: then raises NotFound without asking the database."""
    if not _ID.fullmatch(job_id):
        raise NotFound("job_unknown")
    return job_id


def ids_in(joined: str) -> list[str]:
    """Returns the ids of ``a,b,c``, each once; raises ApiError when there are none or too many."""
    ids = list(dict.fromkeys(part for part in (piece.strip() for piece in joined.split(",")) if part))
    if not ids:
        raise ApiError("no_jobs_named", status=422)
    if len(ids) > MAX_IDS:
        raise ApiError("too_many_jobs", status=422, limit=MAX_IDS)
    return ids


def answer(content: dict[str, Any], status: int = 200) -> JSONResponse:
    """Returns plain JSON as it is; FastAPI's own encoder walks every word of a transcript on the event loop."""
    return PlainJson(content, status)
