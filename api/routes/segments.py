"""The lines of a transcript."""

from __future__ import annotations

from fastapi import APIRouter, Query
from starlette.responses import JSONResponse

from api.access import Bench, JobId, answer
from api.schema import LAST_NUMBER, ReplaceBody, SegmentsPatch
from api.views import Shown

router = APIRouter(prefix="/api/jobs/{job_id}")


@router.get("/segments")
def segments(
    job_id: JobId, bench: Bench, after: int = Query(-1, ge=-1, le=LAST_NUMBER), limit: int = Query(500, ge=1, le=2_000)
) -> JSONResponse:
    """Returns lines in order; ``next`` is the ``after`` of the lines that follow.

    While a job runs, ``live`` is true, the lines are those of the chunks done so far, and ``after`` counts chunks.
    """
    return answer(bench.segments(job_id, after, limit))


@router.patch("/segments")
def edit(job_id: JobId, body: SegmentsPatch, bench: Bench) -> JSONResponse:
    """Writes new texts; what the model wrote is kept beside them. 409 ``line_changed`` where ``was`` is not true."""
    edits = {int(number): text for number, text in body.edits.items()}
    was = {int(number): text for number, text in body.was.items()}
    return answer({"n": len(edits), "revision": bench.edit(job_id, edits, was)})


@router.post("/replace")
def replace(job_id: JobId, body: ReplaceBody, bench: Bench) -> JSONResponse:
    """Replaces a text in all lines and returns how often."""
    return answer({"n": bench.replace(job_id, body.find, body.replacement, body.match_case)})


@router.post("/restore")
def restore(job_id: JobId, bench: Bench, shown: Shown) -> JSONResponse:
    """Brings back what the model wrote."""
    bench.restore(job_id)
    return answer(shown.one(bench.job(job_id)))
