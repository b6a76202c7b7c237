"""Jobs: hand them in, look at them, change them."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Query, Request
from starlette.responses import JSONResponse

from api.access import Bench, JobId, Owner, answer
from api.errors import ApiError
from api.handing_in import AnyJob, hand_in
from api.keys import Hears, once_of
from api.schema import AgainBody, JobPatch
from api.views import Shown
from workbench.history.rows import HistoryFilter

router = APIRouter(prefix="/api/jobs")
Repeats = Annotated[str | None, Header(alias="Idempotency-Key")]


@router.post("", status_code=201, dependencies=[Hears])
def submit(
    body: AnyJob, bench: Bench, shown: Shown, owner: Owner, request: Request, once: Repeats = None
) -> JSONResponse:
    """Makes jobs of any task; those of several uploads share a batch id.

    With ``Idempotency-Key`` a request that is sent again within a day makes no job, and is answered with 200 and the
    first ones.
    """

    def make() -> list[str]:
        return hand_in(body, bench, owner, shown)

    if once is None:
        return answer({"jobs": shown.many(bench.jobs(make()))}, 201)
    # Without a key of its own a program has a new name with each call.
    name = owner if owner.startswith("key:") else ""
    ids, again = once_of(request, bench).jobs(name, once, body.model_dump_json(), make)
    return answer({"jobs": shown.many(bench.jobs(ids))}, 200 if again else 201)


@router.get("")
def page(
    bench: Bench,
    shown: Shown,
    q: str = Query("", max_length=500),
    task: str | None = Query(None, max_length=100),
    status: str | None = Query(None, max_length=20),
    since: float | None = None,
    until: float | None = None,
    tag: str | None = Query(None, max_length=50),
    deleted: bool = False,
    before: str | None = Query(None, max_length=200),
    limit: int = Query(50, ge=1, le=200),
) -> JSONResponse:
    """Returns a page of the history, newest first; ``next`` is the ``before`` of the page after it, null at the end.

    ``since`` and ``until`` are seconds since 1970; ``q`` is looked for in titles.
    """
    wanted = HistoryFilter(query=q, task=task, status=status, since=since, until=until, tag=tag, deleted=deleted)
    views, following = bench.page(wanted, before, limit)
    return answer({"jobs": shown.many(views), "next": following})


@router.get("/{job_id}")
def one(job_id: JobId, bench: Bench, shown: Shown) -> JSONResponse:
    """Returns one job."""
    return answer(shown.one(bench.job(job_id)))


@router.patch("/{job_id}")
def change(job_id: JobId, body: JobPatch, bench: Bench, shown: Shown) -> JSONResponse:
    """Gives a job another title or other tags."""
    if body.title is None and body.tags is None:
        raise ApiError("nothing_to_change", status=422)
    if body.title is not None:
        bench.rename(job_id, body.title)
    if body.tags is not None:
        bench.set_tags(job_id, body.tags)
    return answer(shown.one(bench.job(job_id)))


@router.delete("/{job_id}")
def delete(job_id: JobId, bench: Bench) -> JSONResponse:
    """Puts a job into the bin, from which ``undelete`` takes it back; one that runs is cancelled."""
    bench.job(job_id)
    bench.delete([job_id])
    return answer({"deleted": True})


@router.post("/{job_id}/undelete")
def undelete(job_id: JobId, bench: Bench, shown: Shown) -> JSONResponse:
    """Takes a job back out of the bin."""
    bench.job(job_id)
    bench.undelete([job_id])
    return answer(shown.one(bench.job(job_id)))


@router.post("/{job_id}/cancel")
def cancel(job_id: JobId, bench: Bench, shown: Shown) -> JSONResponse:
    """Stops a job within one chunk; one that has ended stays as it is."""
    return answer(shown.one(bench.cancel(job_id)))


@router.post("/{job_id}/retry", dependencies=[Hears])
def retry(job_id: JobId, bench: Bench, shown: Shown) -> JSONResponse:
    """Runs again what failed or was cancelled; chunks that were done are kept."""
    return answer(shown.one(bench.retry(job_id)))


@router.post("/{job_id}/again", status_code=201, dependencies=[Hears])
def again(job_id: JobId, bench: Bench, shown: Shown, owner: Owner, body: AgainBody | None = None) -> JSONResponse:
    """Makes a new job of the same recording, with the same or other settings."""
    request = body.request.to_request() if body and body.request else None
    return answer(shown.one(bench.again(job_id, request, owner)), 201)
