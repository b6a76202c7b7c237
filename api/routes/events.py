"""One stream of changes for all jobs of a page, as Server-Sent Events."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from api.access import Bench, Closing, ids_in
from api.views import Shown, Views
from workbench.core import Workbench
from workbench.jobs import JobView

router = APIRouter(prefix="/api/events")

REFRESH_S = 5.0
"""So often the place in the queue and the time left are looked at again, which change without an event of their own."""
HEARTBEAT_S = 15.0
REST_S = 0.2
"""Changes that come faster than this are sent together."""


@router.get("")
async def events(request: Request, bench: Bench, shown: Shown, jobs: str = "") -> Response:
    """Sends ``event: job`` with a JobView for each job asked for, at once and after each change.

    Ids that do not exist are told once: ``event: unknown``, ``{"id"}``. When all jobs have ended comes ``event: done``,
    after which the page may close the stream; a retried job goes on in it.
    """
    ids = ids_in(jobs)
    stream = _Stream(bench, ids, shown, request.app.state.closing)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(stream.run(), media_type="text/event-stream", headers=headers)


class _Stream:
    """What one page has been told."""

    def __init__(self, bench: Workbench, ids: Sequence[str], shown: Views, closing: Closing) -> None:
        self._bench = bench
        self._ids = ids
        self._shown = shown
        self._closing = closing
        self._told: dict[str, str] = {}
        self._active: set[str] = set()
        self._done_told = False

    async def run(self) -> AsyncIterator[str]:
        loop, wake = asyncio.get_running_loop(), asyncio.Event()

        def changed_elsewhere() -> None:
            loop.call_soon_threadsafe(wake.set)

        subscription = self._bench.events.subscribe(self._ids, changed_elsewhere)
        self._closing.join(loop, wake)
        try:
            yield "retry: 2000\n\n"
            yield await to_thread.run_sync(self._news, self._ids, True)
            sent_at = time.monotonic()
            while not self._closing.closed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(wake.wait(), REFRESH_S if self._active else HEARTBEAT_S)
                    await asyncio.sleep(0 if self._closing.closed else REST_S)
                wake.clear()
                changed = subscription.take() | self._active
                news = await to_thread.run_sync(self._news, sorted(changed), False) if changed else ""
                if news or time.monotonic() - sent_at >= HEARTBEAT_S:
                    sent_at = time.monotonic()
                    yield news or ": still here\n\n"
        finally:
            self._closing.leave(loop, wake)
            subscription.close()

    def _news(self, ids: Sequence[str], first: bool) -> str:
        """Returns what the page does not know yet; run in a thread, since hundreds of jobs take a while to write."""
        views = {view.id: view for view in self._bench.jobs(ids)}
        news = "".join(self._told_of(job_id, views.get(job_id), first) for job_id in ids)
        if self._active:
            self._done_told = False
        elif not self._done_told:
            self._done_told = True
            news += _event("done", {})
        return news

    def _told_of(self, job_id: str, view: JobView | None, first: bool) -> str:
        """Returns what the page does not know yet of one job."""
        if view is None:
            self._active.discard(job_id)
            return _event("unknown", {"id": job_id}) if self._told.pop(job_id, None) or first else ""
        if view.finished:
            self._active.discard(job_id)
        else:
            self._active.add(job_id)
        text = _event("job", self._shown.one(view))
        if self._told.get(job_id) == text:
            return ""
        self._told[job_id] = text
        return text


def _event(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n\n"
