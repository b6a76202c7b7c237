"""The addresses of the office's own plan: a form with a recording goes in, its text comes out at once."""

from __future__ import annotations

import json
from functools import partial

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from api.access import Bench
from api.errors import ApiError
from api.openai.bodies import letter, text_of
from api.openai.caller import Caller
from api.openai.described import PLAN
from api.openai.languages import code_of
from api.openai.streams import Writing, whole
from api.openai.waiting import Following
from engines.requests import TranscribeRequest
from workbench import exports
from workbench.core import Workbench

router = APIRouter()

MODES = ("standard", "formal", "casual", "concise", "detailed")
_AUTOMATIC = ("", "auto")


@router.post("/transcribe_only", openapi_extra=PLAN)
async def transcribe_only(request: Request, bench: Bench, caller: Caller) -> Response:
    """Returns ``{"raw_text", "language", "duration", "mode"}``; the form has ``file``, ``language`` and ``mode``."""
    form = await caller.form(request, bench)
    given = {name: values[-1].strip() for name, values in form.fields.items()}
    language, mode = given.get("language", ""), given.get("mode") or MODES[0]
    if form.file is None:
        raise ApiError("parameter_missing", status=400, param="file")
    if mode not in MODES:
        raise ApiError("parameter_not_one_of", status=400, param="mode", value=mode[:100], choices=list(MODES))
    asked = TranscribeRequest(language=None if language.lower() in _AUTOMATIC else code_of(language))
    views = await to_thread.run_sync(partial(bench.submit, [form.file.id], asked, caller.owner))
    follow = Following(bench, views[0].id, request.app.state.closing)
    writing = Writing(bench, partial(_written, bench, follow.job_id, mode), "application/json")
    try:
        return await whole(request, follow, writing)
    except ClientDisconnect:
        return Response(status_code=499)


@router.post("/optimize_only")
async def optimize_only(caller: Caller) -> Response:
    """Answers 501: no model that writes is part of this version."""
    raise ApiError("writing_missing", status=501)


@router.post("/transcribe_and_optimize")
async def transcribe_and_optimize(caller: Caller) -> Response:
    """Answers 501: no model that writes is part of this version."""
    raise ApiError("writing_missing", status=501)


def _written(bench: Workbench, job_id: str, mode: str) -> bytes:
    transcript = exports.transcript(bench.history, job_id, letter)
    told = {
        "raw_text": text_of(transcript.segments),
        "language": transcript.language,
        "duration": round(transcript.duration, 3),
        "mode": mode,
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
