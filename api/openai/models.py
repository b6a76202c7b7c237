"""``/v1/models``: the models that a program can name."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from api.access import Bench, answer
from api.errors import ApiError
from api.openai.asking import ALIASES
from api.openai.caller import Caller
from api.openai.chatting import ALIASES as WRITING
from api.openai.errors import OpenAIRoute
from api.openai.speaking import MODELS
from engines import catalog
from engines.base import Task
from engines.writing.choosing import QUALITIES
from workbench.core import Workbench

router = APIRouter(prefix="/v1/models", route_class=OpenAIRoute)

CREATED = 1_663_718_400
"""The day on which Whisper was published: programs want a time, and weights carry none."""

_FRESH_S = 5.0
"""To look at the disk and for packages takes 7 ms."""


@router.get("")
def models(request: Request, bench: Bench, caller: Caller) -> JSONResponse:
    """Lists what ``model`` may be: the models on this machine's disk, and the names that other programs know."""
    state, now = request.app.state, time.monotonic()
    looked, offered = getattr(state, "offered", (-_FRESH_S, []))
    if now - looked >= _FRESH_S:
        offered = _offered(bench)
        state.offered = (now, offered)
    return answer({"object": "list", "data": [_one(name) for name in offered]})


@router.get("/{model:path}")
def model(model: str, caller: Caller) -> JSONResponse:
    """Returns one model, also one that would still have to be fetched."""
    known = {*ALIASES, *names(), *QUALITIES, *WRITING, *MODELS, *_named(Task.WRITE), *_named(Task.ALOUD)}
    if model not in known:
        raise ApiError("model_not_found", status=404, param="model", model=model[:100])
    return answer(_one(model))


def names() -> list[str]:
    """Returns the names of all models for speech; what is known of each on this machine would take 90 ms."""
    return _named(Task.TRANSCRIBE)


def _named(task: Task) -> list[str]:
    return [spec.name for spec in catalog.of_task(task)]


def _offered(bench: Workbench) -> list[str]:
    """What can be asked for: other names of writing and speaking only where something here writes or speaks."""
    hears, writes, speaks = (bench.ready(task) for task in (Task.TRANSCRIBE, Task.WRITE, Task.ALOUD))
    writing = [*writes, *QUALITIES, *WRITING] if writes else []
    return [*hears, *ALIASES, *writing, *speaks, *(MODELS if speaks else ())]


def _one(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": CREATED, "owned_by": "roomtone"}
