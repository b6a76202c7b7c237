"""Models: which there are, which are on disk, which are loaded."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.access import Bench, answer

router = APIRouter(prefix="/api/models")


@router.get("")
def models(bench: Bench) -> JSONResponse:
    """Returns all models of the catalog with their size, licence and state."""
    return answer({"models": bench.models()})


@router.post("/{name}/fetch")
def fetch(name: str, bench: Bench) -> JSONResponse:
    """Starts to fetch a model's weights; ``GET /api/models`` tells how far it is."""
    bench.fetch_model(name)
    return answer({"models": bench.models()}, 202)
