"""``/v1/audio/speech`` and ``/v1/audio/voices``."""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from api.access import Bench, answer
from api.errors import ApiError
from api.openai.audio import IGNORED, shown
from api.openai.caller import Caller
from api.openai.errors import OpenAIRoute
from api.openai.speaking import FORMATS, MODELS, Wanted, read
from api.openai.strict_json import parsed
from api.openai.waiting import Following, check, ended
from engines.speaking.voices import VOICES
from workbench.core import Workbench
from workbench.reading_aloud.script import of_text
from workbench.reading_aloud.streaming import SpeechStream

log = logging.getLogger(__name__)
router = APIRouter(prefix="/v1/audio", route_class=OpenAIRoute)

MOST_BODY_BYTES = 2**20
_LOOK_S = 0.1
_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["model", "input", "voice"],
                "properties": {
                    "model": {"type": "string", "example": MODELS[0]},
                    "input": {"type": "string"},
                    "voice": {"type": "string", "example": "alloy", "enum": [v.alias or v.name for v in VOICES]},
                    "response_format": {"type": "string", "enum": list(FORMATS), "default": "mp3"},
                    "speed": {"type": "number", "minimum": 0.25, "maximum": 4, "default": 1},
                    "stream_format": {"type": "string", "enum": ["audio", "sse"], "default": "audio"},
                    "instructions": {"type": "string", "description": "Has no effect"},
                },
            }
        }
    },
}


@router.get("/voices")
def voices(bench: Bench, caller: Caller) -> JSONResponse:
    """Lists what ``voice`` may be, with OpenAI's names beside the own ones; ``ready`` is false without its pack."""
    del caller
    told = [
        {
            "id": voice["name"],
            "name": voice["label"] or voice["name"],
            "language": voice["language"] or None,
            "sex": voice["sex"] or None,
            "model": voice["model"],
            "alias": voice["alias"] or None,
            "ready": voice["pack"] is None,
        }
        for voice in bench.aloud.voices()
    ]
    return answer({"voices": told})


@router.post("/speech", openapi_extra={"requestBody": _BODY})
async def speech(request: Request, bench: Bench, caller: Caller) -> Response:
    """Speaks a text; the first sound is sent as soon as the first sentence is spoken."""
    await to_thread.run_sync(caller.keys.may_hear, caller.key)
    wanted = read(await _body(request))
    script = of_text(wanted.text)
    kind = wanted.format if wanted.format in ("mp3", "opus", "flac", "wav") else "wav"
    asked = replace(wanted.request, format=kind)
    job_id = await to_thread.run_sync(lambda: bench.aloud.submit(script, "", asked, caller.owner, "interactive"))
    follow = Following(bench, job_id, request.app.state.closing)
    try:
        follow.listen(request)
        await _first(bench, follow)
        follow.deafen()
        stream = await to_thread.run_sync(bench.aloud.stream, job_id, wanted.format)
    except BaseException:
        follow.leave()
        raise
    ignored = shown(wanted.ignored)
    headers = {
        "x-roomtone-job": job_id,
        "cache-control": "no-store",
        "x-accel-buffering": "no",
        **({IGNORED: ignored} if ignored else {}),
    }
    sent = _sent(bench, follow, stream)
    if wanted.sse:
        return StreamingResponse(_events(sent, wanted), 200, headers, "text/event-stream")
    return StreamingResponse(sent, 200, headers, FORMATS[wanted.format])


async def _first(bench: Workbench, follow: Following) -> None:
    """Waits for the first sentence; raises what kept the job from any sound."""
    while not ended(view := await follow.look()):
        if await to_thread.run_sync(bench.aloud.has_begun, follow.job_id):
            return
        await follow.rest(5.0)
    check(view, bench.settings.max_duration_s)


async def _sent(bench: Workbench, follow: Following, stream: SpeechStream) -> AsyncIterator[bytes]:
    """Sends the file as it grows; a failure breaks the connection off, as no status is left."""
    with follow:
        try:
            while True:
                block = await to_thread.run_sync(stream.read)
                if block:
                    yield block
                elif stream.done:
                    break
                else:
                    await _next(bench, follow, stream)
            # The job ends by itself a moment later; to leave before would cancel it.
            view = await follow.end(60.0)
            if view is not None:
                check(view, bench.settings.max_duration_s)
        finally:
            await to_thread.run_sync(stream.close)


async def _next(bench: Workbench, follow: Following, stream: SpeechStream) -> None:
    view = await follow.look()
    for number in await to_thread.run_sync(bench.aloud.failed, follow.job_id):
        stream.skip(number)
    if ended(view) and view.status != "succeeded":
        check(view, bench.settings.max_duration_s)
    await follow.rest(_LOOK_S)


async def _events(sent: AsyncIterator[bytes], wanted: Wanted) -> AsyncIterator[str]:
    async for block in sent:
        yield _event({"type": "speech.audio.delta", "audio": base64.b64encode(block).decode()})
    n_tokens = len(wanted.text)
    usage = {"input_tokens": n_tokens, "output_tokens": 0, "total_tokens": n_tokens}
    yield _event({"type": "speech.audio.done", "usage": usage})


async def _body(request: Request) -> dict[str, Any]:
    gathered = bytearray()
    async for block in request.stream():
        gathered += block
        if len(gathered) > MOST_BODY_BYTES:
            raise ApiError("too_large", status=413, limit_mib=MOST_BODY_BYTES >> 20)
    try:
        told = parsed(bytes(gathered))
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise ApiError("parameter_missing", status=400, param="input")
    return told


def _event(content: dict[str, Any]) -> str:
    return f"data: {json.dumps(content, separators=(',', ':'))}\n\n"
