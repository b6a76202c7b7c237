"""Cleaning up sound: which ways there are, jobs, and what they made."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse

from api.access import Bench, JobId, Owner, answer, checked_id
from api.schema import Body, UploadId
from api.views import Shown
from engines.requests import SoundRequest

router = APIRouter(prefix="/api/sound")


class SoundBody(Body):
    """What a person chose for cleaning up sound; the meaning of each field stands at ``SoundRequest``."""

    kind: Literal["denoise", "restore"] = "denoise"
    mode: int = Field(default=0, ge=0, le=2)
    strength: float = Field(default=1.0, ge=0, le=1)
    loudness: Literal["keep", "-16", "-23"] = "keep"
    trim: bool = False

    def to_request(self) -> SoundRequest:
        """Returns the request that the workbench takes."""
        return SoundRequest(**self.model_dump())


class SoundJobsBody(Body):
    """Uploaded files, and how the sound of each is cleaned up."""

    uploads: list[UploadId] = Field(min_length=1, max_length=500)
    request: SoundBody = SoundBody()


@router.get("/choices")
def choices(bench: Bench) -> JSONResponse:
    """Returns the ways of cleaning up sound, with what each needs and how fast it is on this machine."""
    return answer({"choices": bench.sound_choices()})


@router.post("/jobs")
def submit(body: SoundJobsBody, bench: Bench, shown: Shown, owner: Owner) -> JSONResponse:
    """Makes one job of each upload; they share a batch id."""
    return answer({"jobs": shown.many(bench.submit(body.uploads, body.request.to_request(), owner))}, 201)


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
