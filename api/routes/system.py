"""The machine: memory, loaded models, threads of work."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.access import Bench, answer
from api.views import Shown

router = APIRouter(prefix="/api")


@router.get("/system")
def system(bench: Bench, shown: Shown) -> JSONResponse:
    """Returns what the machine has and what is loaded; ``trouble`` is what holds up all work at present, or null."""
    told = bench.system()
    return answer({**told, "trouble": shown.error(told["trouble"])})


@router.post("/memory/clear")
def clear(bench: Bench) -> JSONResponse:
    """Ends every model process that no job needs now and returns the memory before and after, in MiB."""
    return answer(bench.clear_memory())
