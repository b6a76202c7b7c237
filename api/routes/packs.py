"""Packs of heavier capabilities."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from api.access import Administrator, answer
from workbench.errors import NotFound

router = APIRouter(prefix="/api/packs")


@router.get("")
def packs(request: Request) -> JSONResponse:
    """Returns all packs and whether each is installed."""
    return answer({"packs": _views(request)})


@router.post("/{name}/install", dependencies=[Administrator])
def install(name: str, request: Request) -> JSONResponse:
    """Starts to install a pack; only asked from the machine itself, as it brings programs."""
    if name not in {view["name"] for view in _views(request)}:
        raise NotFound("pack_unknown", name=name[:60])
    request.app.state.packs.install(name)
    return answer({"packs": _views(request)}, 202)


def _views(request: Request) -> list[dict[str, Any]]:
    held = request.app.state.packs
    return [] if held is None else [asdict(view) for view in held.list()]
