"""The bin: what was deleted and can still be had back."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.access import Bench, answer, checked_id, ids_in

router = APIRouter(prefix="/api/bin")


@router.delete("")
def empty(bench: Bench, jobs: str = "") -> JSONResponse:
    """Removes for good what is in the bin, or of it ``jobs``, and the recordings that nothing else needs."""
    ids = [checked_id(job_id) for job_id in ids_in(jobs)] if jobs else None
    return answer({"n": bench.empty_bin(ids)})
