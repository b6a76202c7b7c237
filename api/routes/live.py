"""Live sessions: speak into one over a WebSocket, read one along, end one."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request, WebSocket
from starlette.responses import JSONResponse, Response, StreamingResponse

from api.access import Bench, Closing, JobId, Owner, answer
from api.errors import ApiError, language_of
from api.live_socket import LiveSocket
from api.safety import owner_of
from workbench.core import Workbench
from workbench.live.trial import LONGEST_S
from workbench.live.watch import LiveWatch

router = APIRouter(prefix="/api/live")
_SAMPLES: dict[str, Any] = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}

HEARTBEAT_S = 15.0
STARTING = 1013
MOST_TRIAL_BYTES = LONGEST_S * 2 * 16_000


@router.websocket("")
async def speak(socket: WebSocket) -> None:
    """Carries one session; see docs/live.md."""
    state = socket.app.state
    bench: Workbench | None = state.workbench
    if bench is None:
        await socket.close(STARTING)
        return
    await LiveSocket(socket, bench.live, state.texts, language_of(socket), state.closing).run(owner_of(socket))


@router.get("")
def sessions(bench: Bench) -> JSONResponse:
    """Returns the sessions that are open."""
    return answer({"sessions": [_session(session) for session in bench.live.sessions()]})


@router.post("/trial", openapi_extra={"requestBody": _SAMPLES})
async def trial(request: Request, bench: Bench, owner: Owner, settings: str = "{}") -> JSONResponse:
    """Returns what is understood of one sentence, the raw body; nothing of it is kept."""
    told = _settings(settings)
    samples = bytearray()
    async for block in request.stream():
        samples += block
        if len(samples) > MOST_TRIAL_BYTES:
            raise ApiError("trial_too_long", status=413, limit_s=LONGEST_S)
    if len(samples) % 2:
        raise ApiError("live_malformed", status=422)
    return answer(await to_thread.run_sync(bench.live.try_out, bytes(samples), told, owner))


@router.post("/{job_id}/stop")
def stop(job_id: JobId, bench: Bench) -> JSONResponse:
    """Ends a session with the sound that has come."""
    bench.live.stop(job_id)
    return answer({"stopped": True})


@router.get("/watch/{word}")
async def watch(word: str, request: Request, bench: Bench) -> Response:
    """Sends ``lines`` with all lines so far, then ``line``, ``state`` and ``ended`` as they come."""
    loop, wake = asyncio.get_running_loop(), asyncio.Event()

    def changed() -> None:
        loop.call_soon_threadsafe(wake.set)

    job_id, following = await to_thread.run_sync(bench.live.follow, word, changed)
    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    told = _told(bench, job_id, following, wake, request.app.state.closing)
    return StreamingResponse(told, media_type="text/event-stream", headers=headers)


async def _told(
    bench: Workbench, job_id: str, following: LiveWatch | None, wake: asyncio.Event, closing: Closing
) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    closing.join(loop, wake)
    try:
        yield "retry: 2000\n\n"
        lines = await to_thread.run_sync(bench.live.lines, job_id)
        title = (await to_thread.run_sync(bench.job, job_id)).title
        yield _event("lines", {"title": title, "ended": following is None, "lines": lines})
        while following is not None and not closing.closed:
            with suppress(TimeoutError):
                await asyncio.wait_for(wake.wait(), HEARTBEAT_S)
            beat = not wake.is_set()
            wake.clear()
            messages = await to_thread.run_sync(following.take)
            for message in messages:
                if message["type"] in ("line", "state", "ended"):
                    yield _event(message["type"], message)
                if message["type"] == "ended" or message.get("fatal"):
                    return
            if beat:
                yield ": still here\n\n"
    finally:
        closing.leave(loop, wake)
        if following is not None:
            following.close()


def _settings(told: str) -> dict[str, Any]:
    with suppress(ValueError, RecursionError):
        value = json.loads(told)
        if isinstance(value, dict):
            return value
    raise ApiError("request_invalid", status=422, field="settings", value=told[:100])


def _session(session: Any) -> dict[str, Any]:
    return {
        "job": session.job.id,
        "title": session.title,
        "heard_s": round(session.heard_s, 1),
        "connected": session.audience.connected,
    }


def _event(name: str, content: dict[str, Any]) -> str:
    return f"event: {name}\ndata: {json.dumps(content, ensure_ascii=False, separators=(',', ':'))}\n\n"
