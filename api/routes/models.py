"""Models: which there are, which are on disk, which are loaded."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.access import Bench, answer
from api.views import Shown, Views
from workbench.core import Workbench

router = APIRouter(prefix="/api/models")


@router.get("")
def models(bench: Bench, shown: Shown) -> JSONResponse:
    """Returns all models of the catalog with their size, licence and state."""
    return answer({"models": _told(bench, shown)})


@router.post("/{name}/fetch")
def fetch(name: str, bench: Bench, shown: Shown) -> JSONResponse:
    """Starts to fetch a model's weights; ``GET /api/models`` tells how far it is."""
    bench.fetch_model(name)
    return answer({"models": _told(bench, shown)}, 202)


def _told(bench: Workbench, shown: Views) -> list[dict[str, Any]]:
    return [{**model, "error": shown.error(model["error"])} for model in bench.models()]
