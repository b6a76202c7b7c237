"""The addresses of the office's own plan: a form with a recording goes in, its text comes out at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from typing import cast
from urllib.parse import parse_qs

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from api.access import Bench
from api.errors import ApiError
from api.openai.bodies import letter, text_of
from api.openai.caller import Caller, Calling
from api.openai.chain import Chain
from api.openai.chatting import read_body, read_json
from api.openai.described import PLAN, PLAN_TEXT
from api.openai.languages import code_of
from api.openai.streams import Writing, whole
from api.openai.waiting import Following
from engines.requests import TranscribeRequest
from workbench import exports
from workbench.core import Workbench
from workbench.writing.result import joined
from workbench.writing.wish import WriteRequest

router = APIRouter()

MODES = ("standard", "formal", "casual", "concise", "detailed")
_AUTOMATIC = ("", "auto")


@router.post("/transcribe_only", openapi_extra=PLAN)
async def transcribe_only(request: Request, bench: Bench, caller: Caller) -> Response:
    """Returns ``{"raw_text", "language", "duration", "mode"}``; the form has ``file``, ``language`` and ``mode``."""
    form = await caller.form(request, bench)
    given = {name: values[-1].strip() for name, values in form.fields.items()}
    language, mode = given.get("language", ""), _mode(given)
    if form.file is None:
        raise ApiError("parameter_missing", status=400, param="file")
    asked = TranscribeRequest(language=None if language.lower() in _AUTOMATIC else code_of(language))
    views = await to_thread.run_sync(partial(bench.submit, [form.file.id], asked, caller.owner))
    follow = Following(bench, views[0].id, request.app.state.closing)
    writing = Writing(bench, partial(_written, bench, follow.job_id, mode), "application/json")
    return await _answered(request, follow, writing)


@router.post("/transcribe_and_optimize", openapi_extra=PLAN)
async def transcribe_and_optimize(request: Request, bench: Bench, caller: Caller) -> Response:
    """Returns what ``/transcribe_only`` does, with ``optimized_text``: the same text, written in the mode's way."""
    form = await caller.form(request, bench)
    given = {name: values[-1].strip() for name, values in form.fields.items()}
    language, mode = given.get("language", ""), _mode(given)
    if form.file is None:
        raise ApiError("parameter_missing", status=400, param="file")
    asked = TranscribeRequest(language=None if language.lower() in _AUTOMATIC else code_of(language))
    wish = WriteRequest(style=mode)
    await to_thread.run_sync(bench.chats.model, "careful")
    views = await to_thread.run_sync(partial(bench.submit, [form.file.id], asked, caller.owner))
    closing = request.app.state.closing
    chain = Chain(
        Following(bench, views[0].id, closing),
        lambda job_id: bench.written.from_job(job_id, wish, caller.owner),
        lambda job_id: Following(bench, job_id, closing),
    )
    writing = Writing(bench, partial(_both, bench, chain, mode), "application/json")
    return await _answered(request, chain, writing)


@router.post("/optimize_only", openapi_extra=PLAN_TEXT)
async def optimize_only(request: Request, bench: Bench, caller: Caller) -> Response:
    """Returns ``{"raw_text", "optimized_text", "language", "duration", "mode"}``; ``text`` is in a form or JSON."""
    given = await _fields(request, bench, caller)
    text, mode = given.get("text", ""), _mode(given)
    if not text.strip():
        raise ApiError("parameter_missing", status=400, param="text")
    job_id = await to_thread.run_sync(bench.written.from_text, text, WriteRequest(style=mode), caller.owner)
    follow = Following(bench, job_id, request.app.state.closing)
    writing = Writing(bench, partial(_improved, bench, job_id, text, mode), "application/json")
    return await _answered(request, follow, writing)


async def _answered(request: Request, follow: Following | Chain, writing: Writing) -> Response:
    try:
        return await whole(request, cast(Following, follow), writing)
    except ClientDisconnect:
        return Response(status_code=499)


def _mode(given: Mapping[str, str]) -> str:
    mode = given.get("mode") or MODES[0]
    if mode not in MODES:
        raise ApiError("parameter_not_one_of", status=400, param="mode", value=mode[:100], choices=list(MODES))
    return mode


async def _fields(request: Request, bench: Workbench, caller: Calling) -> dict[str, str]:
    """Returns the fields of a form, or of a JSON object; raises ApiError for anything else."""
    kind = request.headers.get("content-type", "")
    if "urlencoded" in kind:
        content = (await read_body(request)).decode("utf-8", "replace")
        return {name: values[-1] for name, values in parse_qs(content).items()}
    if "json" not in kind:
        form = await caller.form(request, bench)
        return {name: values[-1] for name, values in form.fields.items()}
    told = await read_json(request)
    if not isinstance(told, dict):
        raise ApiError("parameter_unfit", status=400, param="text", value="")
    return {str(name): value for name, value in told.items() if isinstance(value, str)}


def _written(bench: Workbench, job_id: str, mode: str, optimized: str | None = None) -> bytes:
    transcript = exports.transcript(bench.history, job_id, letter)
    told = {
        "raw_text": text_of(transcript.segments),
        **({} if optimized is None else {"optimized_text": optimized}),
        "language": transcript.language,
        "duration": round(transcript.duration, 3),
        "mode": mode,
    }
    return _json(told)


def _both(bench: Workbench, chain: Chain, mode: str) -> bytes:
    return _written(bench, chain.first_id, mode, _text(bench, chain.job_id, one_line=True))


def _improved(bench: Workbench, job_id: str, text: str, mode: str) -> bytes:
    result = bench.written.result(job_id)
    told = {"raw_text": text, "optimized_text": _text(bench, job_id), "language": result["language"], "duration": 0.0}
    return _json({**told, "mode": mode})


def _text(bench: Workbench, job_id: str, one_line: bool = False) -> str:
    """Returns the sentences as they are now; each line of a text stays one."""
    pairs = bench.written.result(job_id)["pairs"]
    if one_line:
        return joined([pair["after"] for pair in pairs])
    lines: dict[int, list[str]] = {}
    for pair in pairs:
        lines.setdefault(pair["line"], []).append(pair["after"])
    return "\n".join(joined(texts) for texts in lines.values())


def _json(told: Mapping[str, object]) -> bytes:
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")
