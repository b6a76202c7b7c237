"""Follows one job for one caller, who may go at any time: then the job is cancelled."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from types import TracebackType
from typing import Self

from anyio import to_thread
from fastapi import Request
from starlette.requests import ClientDisconnect

from api.access import Closing
from api.errors import ApiError
from api.openai.lending import check_voices, forget
from media.errors import WorkbenchError
from workbench.core import Workbench
from workbench.jobs import JobView

LOOK_S = 5.0
"""A change that nobody announced is seen this late."""


class Following:
    """One caller's hold on a job; left before the job has ended, it cancels it, unless the server itself stops.

    ``voices`` are jobs that hear voices for this one: they are waited for too, and deleted on leaving.
    """

    def __init__(self, bench: Workbench, job_id: str, closing: Closing, voices: Sequence[str] = ()) -> None:
        self._bench = bench
        self._closing = closing
        self._loop = asyncio.get_running_loop()
        self._wake = asyncio.Event()
        self._subscription = bench.events.subscribe([job_id, *voices], self._changed)
        self._ended = False
        self._voices = list(voices)
        self.over = False
        self._gone: asyncio.Task[None] | None = None
        self.job_id = job_id
        closing.join(self._loop, self._wake)

    def _changed(self) -> None:
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._wake.set)

    def listen(self, request: Request) -> None:
        """Has ``look`` raise ClientDisconnect once the caller is gone; to be called when the body is read."""
        self._gone = asyncio.create_task(self._until_gone(request))

    async def _until_gone(self, request: Request) -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass
        self._wake.set()

    def deafen(self) -> None:
        """Stops listening for the caller's going, before somebody else does."""
        if self._gone is not None:
            self._gone.cancel()
            self._gone = None

    async def look(self) -> JobView:
        """Returns the job as it is; raises ApiError ``stopping`` and ClientDisconnect."""
        if self._closing.closed:
            raise ApiError("stopping", status=503, headers={"retry-after": "5"})
        if self._gone is not None and self._gone.done():
            raise ClientDisconnect()
        view = await to_thread.run_sync(self._bench.job, self.job_id)
        self._ended = self.over = ended(view)
        if self.over and self._voices:
            beside = await to_thread.run_sync(self._bench.jobs, self._voices)
            self.over = all(one.finished for one in beside)
            if self.over and view.status == "succeeded":
                check_voices(beside)
        return view

    async def rest(self, timeout_s: float) -> None:
        """Waits for a change, or for some seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), max(0.0, timeout_s))
        self._wake.clear()
        self._subscription.take()

    async def end(self, within_s: float) -> JobView | None:
        """Returns the job once it has ended, None if that takes longer; raises what ``look`` raises."""
        until = self._loop.time() + within_s
        while True:
            view = await self.look()
            if self.over:
                return view
            left = until - self._loop.time()
            if left <= 0:
                return None
            await self.rest(min(left, LOOK_S))

    def leave(self) -> None:
        """Ends the hold; safe to call twice."""
        self.deafen()
        self._closing.leave(self._loop, self._wake)
        self._subscription.close()
        if not self._ended and not self._closing.closed:
            self._ended = True
            # Not awaited: whoever leaves may be in the middle of being cancelled.
            self._loop.run_in_executor(None, self._cancel, self.job_id)
        if self._voices:
            self._loop.run_in_executor(None, self._forget, self._voices)
            self._voices = []

    def _cancel(self, job_id: str) -> None:
        with suppress(WorkbenchError):
            self._bench.cancel(job_id)

    def _forget(self, voices: list[str]) -> None:
        for job_id in voices:
            self._cancel(job_id)
        forget(self._bench, voices)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()


def ended(view: JobView) -> bool:
    """Tells whether a job and the telling apart of its speakers have ended."""
    told = view.speakers or {}
    return view.finished and told.get("status", "succeeded") in ("succeeded", "failed", "cancelled")


def check(view: JobView, duration_limit_s: float) -> None:
    """Raises what kept an ended job from its text."""
    told = view.error
    if view.status == "succeeded" and view.speakers and view.speakers["status"] != "succeeded":
        told = view.speakers["error"] or {"code": "job_cancelled", "values": {}}
    elif view.status == "cancelled":
        told = {"code": "job_cancelled", "values": {}}
    if view.status == "succeeded" and (not view.speakers or view.speakers["status"] == "succeeded"):
        return
    code, values = str((told or {}).get("code", "job_failed")), dict((told or {}).get("values") or {})
    if code == "media_too_long":
        raise ApiError("too_long", status=413, limit_s=round(duration_limit_s), param="file")
    raise ApiError(code, status=_status(code), **values)


def _status(code: str) -> int:
    if code.startswith("media_"):
        return 400
    if "memory" in code or code == "disk_full":
        return 507
    return 409 if code == "job_cancelled" else 500
