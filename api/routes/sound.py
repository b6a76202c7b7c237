"""Cleaning up sound: which ways there are, jobs, and what they made."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import JSONResponse

from api.access import Bench, JobId, Owner, answer, checked_id
from api.handing_in import hand_in
from api.keys import Hears
from api.schema_tasks import SoundJobsBody
from api.views import Shown

router = APIRouter(prefix="/api/sound")


@router.get("/choices")
def choices(bench: Bench) -> JSONResponse:
    """Returns the ways of cleaning up sound, with what each needs and how fast it is on this machine."""
    return answer({"choices": bench.sound_choices()})


@router.post("/jobs", status_code=201, dependencies=[Hears])
def submit(body: SoundJobsBody, bench: Bench, shown: Shown, owner: Owner) -> JSONResponse:
    """Makes one job of each upload; they share a batch id."""
    return answer({"jobs": shown.many(bench.jobs(hand_in(body, bench, owner, shown)))}, 201)


@router.post("/compare/{job_id}")
def as_it_came(job_id: JobId, bench: Bench, shown: Shown, owner: Owner) -> JSONResponse:
    """Returns the job that writes down the same recording without cleaning; makes it where there is none."""
    return answer(shown.one(bench.job(bench.comparing.as_it_came(job_id, owner))))


@router.get("/compare/{job_id}/{other_id}")
def compare(job_id: JobId, other_id: str, bench: Bench) -> JSONResponse:
    """Returns ``{"rows", "n_words", "n_different"}`` of two finished texts of one recording.

    Each row is ``{"start", "one", "other"}`` with runs ``[text, same]`` of words that are in both texts, or not.
    """
    return answer(bench.comparing.differing(job_id, checked_id(other_id)))
