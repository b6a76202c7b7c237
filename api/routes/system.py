"""The machine: memory, loaded models, threads of work."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.access import Bench, answer

router = APIRouter(prefix="/api")


@router.get("/system")
def system(bench: Bench) -> JSONResponse:
    """Returns what the machine has and what is loaded."""
    return answer(bench.system())


@router.post("/memory/clear")
def clear(bench: Bench) -> JSONResponse:
    """Ends every model process that no job needs now and returns the memory before and after, in MiB."""
    return answer(bench.clear_memory())
