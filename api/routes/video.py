"""Sharper video: which ways there are, what a video is and will take, and jobs."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.responses import FileResponse, JSONResponse

from api.access import Bench, JobId, Language, Owner, Sentences, answer
from api.schema import Body, UploadId
from api.views import Shown
from engines.requests_video import VideoRequest

router = APIRouter(prefix="/api/video")


class VideoBody(Body):
    """What a person chose for a video; the meaning of each field stands at ``VideoRequest``."""

    source: Literal["clean", "compressed", "blurred", "quick"] = "clean"
    scale: Literal[2, 4] = 4
    codec: Literal["h264", "h265", "av1"] = "h264"
    quality: Literal["small", "good", "best"] = "good"
    start: float = Field(default=0.0, ge=0)
    end: float | None = Field(default=None, gt=0)
    trial: bool = False
    then_start: float = Field(default=0.0, ge=0)
    then_end: float | None = Field(default=None, gt=0)

    def to_request(self) -> VideoRequest:
        """Returns the request that the workbench takes."""
        return VideoRequest(**self.model_dump())


class VideoJobsBody(Body):
    """Uploaded videos, and how each is made sharper."""

    uploads: list[UploadId] = Field(min_length=1, max_length=100)
    request: VideoBody = VideoBody()


class VideoLookBody(Body):
    """An uploaded video, and what would be done with it."""

    upload: UploadId
    request: VideoBody = VideoBody()


@router.get("/choices")
def choices(bench: Bench) -> JSONResponse:
    """Returns the ways of making a video sharper, with what each needs and how fast it is on this machine."""
    return answer({"choices": bench.video.choices()})


@router.post("/look")
def look(body: VideoLookBody, bench: Bench, shown: Shown, texts: Sentences, language: Language) -> JSONResponse:
    """Returns what an uploaded video is, why it cannot be done where that is so, and what the request will take."""
    told = bench.video.look(body.upload)
    problems = {scale: shown.error(problem) for scale, problem in told["problem"].items()}
    expected = bench.video.expected(body.upload, body.request.to_request())
    notes = [texts.note(language, code, None) for code in told["notes"]]
    return answer({"facts": told["facts"], "problem": problems, "notes": notes, "expected": expected})


@router.get("/room")
def room(bench: Bench) -> JSONResponse:
    """Returns how much room the disk has on which results are made."""
    return answer({"free_bytes": bench.video.free_bytes()})


@router.get("/still/{upload}")
def still(upload: UploadId, bench: Bench, at: Annotated[float, Query(ge=0)] = 0.0) -> FileResponse:
    """Sends a picture of an uploaded video at a moment in seconds, as JPEG."""
    return FileResponse(bench.video.still(upload, at), media_type="image/jpeg")


@router.post("/jobs")
def submit(body: VideoJobsBody, bench: Bench, shown: Shown, owner: Owner) -> JSONResponse:
    """Makes one job of each upload; they share a batch id."""
    request = body.request.to_request()
    bench.video.check(body.uploads, request)
    return answer({"jobs": shown.many(bench.submit(body.uploads, request, owner))}, 201)


@router.post("/jobs/{job_id}/again")
def again(job_id: JobId, body: VideoBody, bench: Bench, shown: Shown, owner: Owner) -> JSONResponse:
    """Makes a new job of the same video, as the whole after a second of it was looked at."""
    request = body.to_request()
    bench.video.check_again(job_id, request)
    return answer({"job": shown.one(bench.again(job_id, request, owner))}, 201)
