"""``/v1/audio/transcriptions`` and ``/v1/audio/translations``."""

from __future__ import annotations

from functools import partial

from anyio import to_thread
from fastapi import APIRouter, Request
from starlette.responses import Response, StreamingResponse

from api.access import Bench
from api.errors import ApiError
from api.openai.answers import media_type, written
from api.openai.asking import Asked, read
from api.openai.caller import Caller, Calling
from api.openai.errors import OpenAIRoute
from api.openai.models import names_of
from api.openai.streams import deltas, slowly
from api.openai.waiting import Following, check
from workbench.core import Workbench

router = APIRouter(prefix="/v1/audio", route_class=OpenAIRoute)

PATIENCE_S = 20.0
"""An answer that takes longer begins before it is known, so that no proxy on the way gives up."""
IGNORED = "x-roomtone-ignored"
"""Names the parameters of a call that had no effect."""


@router.post("/transcriptions")
async def transcriptions(request: Request, bench: Bench, caller: Caller) -> Response:
    """Returns what is said in a recording, in any of OpenAI's formats; ``stream`` sends it while it is recognised."""
    return await _answered(request, bench, caller, translate=False)


@router.post("/translations")
async def translations(request: Request, bench: Bench, caller: Caller) -> Response:
    """Returns in English what is said in a recording."""
    return await _answered(request, bench, caller, translate=True)


async def _answered(request: Request, bench: Workbench, caller: Calling, translate: bool) -> Response:
    form = await caller.form(request, bench)
    asked = read(form.fields, await to_thread.run_sync(names_of, bench), translate)
    if form.file is None:
        raise ApiError("parameter_missing", status=400, param="file")
    views = await to_thread.run_sync(partial(bench.submit, [form.file.id], asked.request, caller.owner))
    follow = Following(bench, views[0].id, request.app.state.closing)
    ignored = [name for name in (*asked.ignored, *form.ignored) if name.isascii() and name.isprintable()]
    headers = {"x-roomtone-job": follow.job_id, **({IGNORED: ", ".join(ignored)} if ignored else {})}
    if asked.stream:
        more = {**headers, "cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(deltas(bench, follow, asked, request), 200, more, "text/event-stream")
    return await _whole(request, bench, follow, asked, headers)


async def _whole(
    request: Request, bench: Workbench, follow: Following, asked: Asked, headers: dict[str, str]
) -> Response:
    """Answers at once where that is possible, else begins an answer and keeps the connection alive."""
    write = partial(written, bench, follow.job_id, asked)
    try:
        follow.listen(request)
        view = await follow.end(PATIENCE_S)
        follow.deafen()
        if view is not None:
            check(view, bench.settings.max_duration_s)
            content = await to_thread.run_sync(write)
    except BaseException:
        follow.leave()
        raise
    if view is None:
        beat = b" " if asked.format.endswith("json") else b"\n"
        return StreamingResponse(slowly(bench, follow, write, beat), 200, headers, media_type(asked))
    follow.leave()
    return Response(content, 200, headers, media_type(asked))
