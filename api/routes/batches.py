"""Batches: the jobs that were handed in together; and what is loaded."""

from __future__ import annotations

from collections import Counter

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.access import Bench, answer, checked_id
from api.views import Shown
from workbench.core import Workbench
from workbench.errors import NotFound
from workbench.history.programs import jobs_of_batch

router = APIRouter(prefix="/api")
_ENDED = ("succeeded", "failed", "cancelled")


@router.get("/batches/{batch_id}")
def batch(batch_id: str, bench: Bench, shown: Shown) -> JSONResponse:
    """Returns the jobs of a batch and how many of them are in which state."""
    views = bench.jobs(_ids(bench, batch_id))
    counts = Counter(view.status for view in views)
    finished = all(view.status in _ENDED for view in views)
    return answer({"id": batch_id, "finished": finished, "counts": dict(counts), "jobs": shown.many(views)})


@router.post("/batches/{batch_id}/cancel")
def cancel(batch_id: str, bench: Bench, shown: Shown) -> JSONResponse:
    """Cancels what of a batch has not ended."""
    open_jobs = [view.id for view in bench.jobs(_ids(bench, batch_id)) if view.status not in _ENDED]
    return answer({"jobs": shown.many([bench.cancel(job_id) for job_id in open_jobs])})


@router.get("/ps")
def loaded(bench: Bench) -> JSONResponse:
    """Returns the models that are in memory."""
    return answer({"models": bench.system()["residents"]})


def _ids(bench: Workbench, batch_id: str) -> list[str]:
    ids = jobs_of_batch(bench.history, checked_id(batch_id))
    if not ids:
        raise NotFound("batch_unknown")
    return ids
