"""Figures of the machine and its work: for the panel, and for other programs at ``/metrics``."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from starlette.responses import JSONResponse

from api.access import Administrator, Bench, answer
from api.exposition import exposition

router = APIRouter()
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Span = Literal["hour", "day", "week", "month"]


@router.get("/api/metrics")
def charts(bench: Bench, span: Annotated[Span, Query()] = "day") -> JSONResponse:
    """Returns lines and sums over the last ``hour``, ``day``, ``week`` or ``month``, and what is going on now."""
    live = bench.room.metrics.look()
    return answer({**bench.room.metrics.charts(span), "live": live})


@router.get("/metrics", dependencies=[Administrator])
def metrics(bench: Bench) -> Response:
    """Returns all figures in the text format of Prometheus."""
    live = bench.room.metrics.look()
    return Response(exposition(live, bench.room.metrics.counters()), media_type=CONTENT_TYPE)
