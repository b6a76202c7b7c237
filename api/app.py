"""The HTTP interface: everything that a screen or a script can ask of the workbench."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from anyio import to_thread
from fastapi import APIRouter, FastAPI, Request
from fastapi.telemetry import TelemetryConfig
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from api.access import Closing
from api.errors import ApiError, ErrorBorder, install_error_handlers
from api.keys import Keyed
from api.lan.office import Office
from api.lan.page import ConnectPage
from api.openai import audio, chat, plan, speech
from api.openai import models as openai_models
from api.openai.errors import refused
from api.openai.realtime import route as realtime
from api.openai.stamp import Stamp
from api.routes import (
    aloud,
    aloud_voices,
    artifacts,
    batches,
    bin,
    connect,
    doctor,
    events,
    exports,
    health,
    jobs,
    keys,
    live,
    live_page,
    media,
    metrics,
    models,
    packs,
    planner,
    reference,
    search,
    segments,
    sound,
    speakers,
    system,
    texts,
    uploads,
    video,
    voices,
    webhooks,
    writing_server,
)
from api.routes import writing as writings
from api.safety import HostRule, Safety
from workbench.core import Workbench
from workbench.machine.packs import Packs
from workbench.programs.webhooks import Webhooks
from workbench.texts import Texts

ASSETS = Path(__file__).resolve().parent.parent / "assets"
ROUTERS: tuple[APIRouter, ...] = (
    health.router,
    uploads.router,
    jobs.router,
    segments.router,
    artifacts.router,
    sound.router,
    video.router,
    aloud.router,
    aloud_voices.router,
    speakers.router,
    voices.router,
    writings.router,
    media.router,
    exports.router,
    search.router,
    events.router,
    live.router,
    models.router,
    packs.router,
    system.router,
    keys.router,
    batches.router,
    bin.router,
    webhooks.router,
    writing_server.router,
    metrics.router,
    doctor.router,
    planner.router,
    reference.router,
    texts.router,
    live_page.router,
    connect.router,
    audio.router,
    speech.router,
    openai_models.router,
    realtime.router,
    chat.router,
    plan.router,
)
_NO_TELEMETRY: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""Nothing about requests leaves the machine, whatever the environment says."""
_METHODS = ("DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT")


def create_api(
    workbench: Workbench | None,
    sentences: Texts,
    hosts: HostRule | None = None,
    packs: Packs | None = None,
    office: Office | None = None,
) -> FastAPI:
    """Returns the app; screens may be mounted at ``/`` of it afterwards and are covered by the same checks.

    ``workbench`` may be given later as ``app.state.workbench``: until then routes answer ``starting``. ``hosts`` is by
    default the rule of a server on loopback. ``office`` is there where other computers are served over HTTPS.
    ``app.state.closing.close()`` ends the open event streams: call it, from
    any thread, as soon as the server is asked to stop. The app closes neither the workbench nor the packs.
    """
    rule = hosts or HostRule.for_bind("127.0.0.1")
    app = FastAPI(
        title="Roomtone",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        redirect_slashes=False,
        lifespan=_telling_others,
        telemetry=_NO_TELEMETRY,
        middleware=[
            Middleware(Safety, rule=rule, texts=sentences),
            Middleware(Stamp),
            Middleware(ErrorBorder, texts=sentences),
        ],
    )
    app.state.workbench = workbench
    app.state.texts = sentences
    app.state.packs = packs
    app.state.closing = Closing()
    app.state.openapi = {}
    app.state.office = office
    app.state.beyond = rule.addresses
    app.state.connect_page = ConnectPage(ASSETS, sentences)
    install_error_handlers(app, sentences)
    for router in ROUTERS:
        app.include_router(router, dependencies=[Keyed])
    known = [route for router in ROUTERS for route in router.routes]

    async def nothing_here(request: Request) -> Response:
        """Answers for every other address below /api, which would else fall through to the screens mounted at ``/``."""
        allowed = _allowed_methods(known, request.scope)
        if allowed:
            headers = {"allow": ", ".join(allowed)}
            raise ApiError("method_not_allowed", status=405, headers=headers, method=request.method, allowed=allowed)
        raise ApiError("not_found", status=404)

    async def nothing_for_programs(request: Request) -> Response:
        """Says the same in OpenAI's shape."""
        try:
            return await nothing_here(request)
        except ApiError as error:
            return refused(request, error)

    app.add_route("/v1/{rest:path}", nothing_for_programs, methods=list(_METHODS), include_in_schema=False)
    app.add_route("/api/{rest:path}", nothing_here, methods=list(_METHODS), include_in_schema=False)
    return app


@asynccontextmanager
async def _telling_others(app: FastAPI) -> AsyncIterator[None]:
    """Has webhooks told of jobs that end, for as long as the app serves a workbench."""
    bench: Workbench | None = app.state.workbench
    if bench is None:
        yield
        return
    hooks = app.state.webhooks = Webhooks(bench.history, bench.events)
    hooks.start()
    try:
        yield
    finally:
        await to_thread.run_sync(hooks.close)


def _allowed_methods(routes: list[BaseRoute], scope: Scope) -> list[str]:
    return [m for m in _METHODS if any(r.matches({**scope, "method": m})[0] == Match.FULL for r in routes)]
