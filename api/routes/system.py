"""The machine: memory, loaded models, threads of work."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from api.access import Administrator, Bench, answer, may_administer
from api.views import Shown

router = APIRouter(prefix="/api")


@router.get("/system")
def system(bench: Bench, shown: Shown) -> JSONResponse:
    """Returns what the machine has and what is loaded; ``trouble`` is what holds up all work at present, or null."""
    told = bench.system()
    return answer({**told, "trouble": shown.error(told["trouble"])})


@router.post("/memory/clear")
def clear(request: Request, bench: Bench) -> JSONResponse:
    """Ends every model process that no job needs now and returns the memory before and after, in MiB.

    Which other programs run is told on the machine itself only.
    """
    told = bench.clear_memory()
    return answer(told if may_administer(request) else {**told, "programs": None})


@router.post("/memory/interrupt", dependencies=[Administrator])
def interrupt(bench: Bench) -> JSONResponse:
    """As ``clear``, and ends models at work too; their work goes on from its last finished piece."""
    return answer(bench.room.clear(interrupt=True))


@router.get("/memory/programs", dependencies=[Administrator])
def programs(bench: Bench) -> JSONResponse:
    """Returns the other programs that hold most memory."""
    return answer({"programs": bench.room.programs()})


@router.get("/profiles")
def profiles(bench: Bench) -> JSONResponse:
    """Returns what this machine carries, and what cards of usual sizes would."""
    return answer(bench.room.profiles())
