"""The bin: what was deleted and can still be had back."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.access import Bench, answer, checked_id, ids_in

router = APIRouter(prefix="/api/bin")


@router.delete("")
def empty(bench: Bench, jobs: str | None = None) -> JSONResponse:
    """Removes for good what is in the bin, or of it ``jobs``, and the recordings that nothing else needs.

    An empty list is refused: whoever means nothing must not lose everything.
    """
    ids = None if jobs is None else [checked_id(job_id) for job_id in ids_in(jobs)]
    return answer({"n": bench.empty_bin(ids)})
