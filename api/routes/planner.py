"""The planner: which machine this office needs."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Body, Request
from starlette.responses import JSONResponse

from api.access import Administrator, Bench, answer
from workbench.core import Workbench
from workbench.machine.planner import Planner

router = APIRouter(prefix="/api/planner")
Told = Annotated[dict[str, Any], Body()]


@router.get("")
def told(request: Request, bench: Bench) -> JSONResponse:
    """Returns the table of cards, the question asked last with its limits, and what this machine has measured."""
    return answer(_planner(request, bench).told())


@router.post("")
def ask(request: Request, bench: Bench, question: Told, replay: bool = False) -> JSONResponse:
    """Answers a question, within seconds or a minute; ``replay`` takes this office's own busiest hour."""
    return answer(_planner(request, bench).answer(question, replay))


@router.patch("/cards/{card_id}", dependencies=[Administrator])
def correct(card_id: str, request: Request, bench: Bench, change: Told) -> JSONResponse:
    """Keeps the office's own figures for a card."""
    planner = _planner(request, bench)
    planner.correct(card_id, change)
    return answer(planner.told())


@router.delete("/cards/{card_id}", dependencies=[Administrator])
def restore(card_id: str, request: Request, bench: Bench) -> JSONResponse:
    """Goes back to the published figures of a card."""
    planner = _planner(request, bench)
    planner.restore(card_id)
    return answer(planner.told())


@router.patch("/machines/{machine_id}", dependencies=[Administrator])
def offer(machine_id: str, request: Request, bench: Bench, change: Told) -> JSONResponse:
    """Keeps the office's own price of a whole machine of its plan."""
    planner = _planner(request, bench)
    planner.offer(machine_id, change)
    return answer(planner.told())


@router.delete("/machines/{machine_id}", dependencies=[Administrator])
def take_back(machine_id: str, request: Request, bench: Bench) -> JSONResponse:
    """Goes back to the plan's price of a whole machine."""
    planner = _planner(request, bench)
    planner.take_back(machine_id)
    return answer(planner.told())


def _planner(request: Request, bench: Workbench) -> Planner:
    """Returns the one planner of this server, made when it is first asked for."""
    state = request.app.state
    if getattr(state, "planner", None) is None:
        state.planner = Planner(bench.history, bench.settings.data)
    planner: Planner = state.planner
    return planner
