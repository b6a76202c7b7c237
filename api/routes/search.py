"""Finds words in all transcripts."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from api.access import Bench, answer
from workbench.history.rows import HistoryFilter

router = APIRouter(prefix="/api/search")


@router.get("")
def search(
    bench: Bench,
    q: str = Query(max_length=500),
    task: str | None = Query(None, max_length=100),
    status: str | None = Query(None, max_length=20),
    tag: str | None = Query(None, max_length=50),
    since: float | None = None,
    until: float | None = None,
    before: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=200),
) -> JSONResponse:
    """Returns lines that hold the words, newest first; ``ranges`` are ``[from, to]`` in characters of ``text``."""
    wanted = HistoryFilter(task=task, status=status, tag=tag, since=since, until=until)
    hits, following = bench.search(q, wanted, before, limit)
    return answer({"hits": [asdict(hit) for hit in hits], "next": following})
