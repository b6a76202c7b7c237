"""``/v1/audio/transcriptions`` and ``/v1/audio/translations``."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from api.access import Bench
from api.errors import ApiError
from api.openai.answers import media_type, written
from api.openai.asking import read
from api.openai.caller import Caller, Calling
from api.openai.described import TRANSCRIPTION, TRANSLATION
from api.openai.errors import OpenAIRoute
from api.openai.lending import forget, lend
from api.openai.models import names
from api.openai.streams import Writing, deltas, whole
from api.openai.waiting import Following
from workbench.core import Workbench

router = APIRouter(prefix="/v1/audio", route_class=OpenAIRoute)

IGNORED = "x-roomtone-ignored"
"""Names the parameters of a call that had no effect."""
_MOST_NAME, _MOST_NAMES = 64, 30
"""Clients and proxies give up on an answer whose headers are longer than a few thousand bytes."""


def shown(names: Sequence[str]) -> str:
    """Returns the names that a header can hold, as its value."""
    fit = [name[:_MOST_NAME] for name in dict.fromkeys(names) if name.isascii() and name.isprintable()]
    return ", ".join(fit[:_MOST_NAMES])


@router.post("/transcriptions", openapi_extra=TRANSCRIPTION)
async def transcriptions(request: Request, bench: Bench, caller: Caller) -> Response:
    """Returns what is said in a recording, in any of OpenAI's formats; ``stream`` sends it while it is recognised."""
    return await _answered(request, bench, caller, translate=False)


@router.post("/translations", openapi_extra=TRANSLATION)
async def translations(request: Request, bench: Bench, caller: Caller) -> Response:
    """Returns in English what is said in a recording."""
    return await _answered(request, bench, caller, translate=True)


async def _answered(request: Request, bench: Workbench, caller: Calling, translate: bool) -> Response:
    form = await caller.form(request, bench)
    asked = read(form.fields, names(), translate)
    if form.file is None:
        raise ApiError("parameter_missing", status=400, param="file")
    lent = await lend(bench, caller.owner, asked.known)
    try:
        views = await to_thread.run_sync(partial(bench.submit, [form.file.id], asked.request, caller.owner))
    except BaseException:
        await to_thread.run_sync(forget, bench, lent.jobs)
        raise
    follow = Following(bench, views[0].id, request.app.state.closing, lent.jobs)
    ignored = shown((*asked.ignored, *form.ignored))
    headers = {"x-roomtone-job": follow.job_id, **({IGNORED: ignored} if ignored else {})}
    if asked.stream:
        more = {**headers, "cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(deltas(bench, follow, asked, lent, request), 200, more, "text/event-stream")
    beat = b" " if asked.format.endswith("json") else b"\n"
    write = partial(written, bench, follow.job_id, asked, lent)
    return await whole(request, follow, Writing(bench, write, media_type(asked), beat, headers))
