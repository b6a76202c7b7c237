"""Sharper video: which ways there are, what a video is and will take, and jobs."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import FileResponse, JSONResponse

from api.access import Bench, JobId, Language, Owner, Sentences, answer
from api.handing_in import hand_in
from api.keys import Hears
from api.schema import Body, UploadId
from api.schema_tasks import VideoBody, VideoJobsBody
from api.views import Shown

router = APIRouter(prefix="/api/video")


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


@router.post("/jobs", status_code=201, dependencies=[Hears])
def submit(body: VideoJobsBody, bench: Bench, shown: Shown, owner: Owner) -> JSONResponse:
    """Makes one job of each upload; they share a batch id."""
    return answer({"jobs": shown.many(bench.jobs(hand_in(body, bench, owner, shown)))}, 201)


@router.post("/jobs/{job_id}/again", status_code=201, dependencies=[Hears])
def again(job_id: JobId, body: VideoBody, bench: Bench, shown: Shown, owner: Owner) -> JSONResponse:
    """Makes a new job of the same video, as the whole after a second of it was looked at."""
    request = body.to_request()
    bench.video.check_again(job_id, request)
    return answer({"job": shown.one(bench.again(job_id, request, owner))}, 201)
