"""Packs of heavier capabilities."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from api.access import Administrator, answer, may_administer
from api.views import Shown, Views
from workbench.errors import NotFound
from workbench.machine.packs import Packs

router = APIRouter(prefix="/api/packs")


@router.get("")
def packs(request: Request, shown: Shown) -> JSONResponse:
    """Returns all packs with their state; ``obstacle`` is the code of what keeps this browser from installing them."""
    held = _held(request)
    obstacle = "pack_elsewhere" if held is None or not held.can_install else None
    return answer({"packs": _views(request, shown), "obstacle": obstacle if may_administer(request) else "pack_ask"})


@router.post("/{name}/install", status_code=202, dependencies=[Administrator])
def install(name: str, request: Request, shown: Shown) -> JSONResponse:
    """Starts to install a pack; only asked from the machine itself, as it brings programs."""
    held = _held(request)
    if held is None:
        raise NotFound("pack_unknown", name=name[:60])
    held.install(name)
    return answer({"packs": _views(request, shown)}, 202)


def _held(request: Request) -> Packs | None:
    held: Packs | None = request.app.state.packs
    return held


def _views(request: Request, shown: Views) -> list[dict[str, Any]]:
    held = _held(request)
    if held is None:
        return []
    views = [asdict(view) for view in held.list()]
    return [{**view, "error": shown.error(view["error"])} for view in views]
