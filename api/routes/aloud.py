"""Reading texts aloud: voices, jobs, their sentences and files, and the pronunciation list."""

from __future__ import annotations

from functools import partial
from mimetypes import guess_type
from pathlib import Path
from typing import Annotated, Literal

from anyio import to_thread
from fastapi import APIRouter, Query, Request
from pydantic import Field, StringConstraints
from starlette.responses import FileResponse, JSONResponse, Response

from api.access import Bench, JobId, Owner, answer
from api.filenames import disposition
from api.handing_in import aloud
from api.keys import Hears
from api.schema import Body, UploadId
from api.schema_tasks import AloudJobBody
from api.streaming import Sound, sound_answer
from api.views import Shown
from media.spoken import RATE
from workbench.exports import file_name
from workbench.tasks.aloud import ROUND

router = APIRouter(prefix="/api/aloud")

Written = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=60)]
Number = Annotated[int, Field(ge=0, lt=ROUND)]


class AgainBody(Body):
    """Another text for a sentence; absent: the same once more."""

    text: str | None = Field(default=None, min_length=1, max_length=2_000)


class VideoBody(Body):
    """The video that gets the sound; absent: the one whose transcript was read."""

    upload: UploadId | None = None


class WordBody(Body):
    """A word and how it is said; empty: it is taken off the list."""

    written: Written
    spoken: str = Field(default="", max_length=120)


@router.get("/voices")
def voices(bench: Bench) -> JSONResponse:
    """Returns the voices that can be chosen, with what each needs."""
    return answer({"voices": bench.aloud.voices(), "speakers": bench.aloud.speakers()})


@router.get("/voices/{name}/sample")
def sample(name: str, bench: Bench, language: Literal["zh", "en"] = "en") -> Response:
    """Sends a WAV file in which a voice says a sentence; it is spoken when somebody first asks for it."""
    path = bench.aloud.sample(name, language)
    return FileResponse(path, media_type="audio/wav", headers={"cache-control": "private, max-age=3600"})


@router.post("/jobs", status_code=201, dependencies=[Hears])
def submit(body: AloudJobBody, bench: Bench, shown: Shown, owner: Owner) -> JSONResponse:
    """Makes a job that reads a text, a file or a transcript aloud."""
    return answer({"jobs": shown.many([bench.job(aloud(body, bench, owner, shown))])}, 201)


@router.get("/jobs/{job_id}/sentences")
def sentences(job_id: JobId, bench: Bench) -> JSONResponse:
    """Returns the sentences of a job; those that are spoken have ``start`` and ``end`` in seconds."""
    return answer(bench.aloud.sentences(job_id))


@router.get("/jobs/{job_id}/sentences/{number}")
async def sentence(job_id: JobId, number: Number, request: Request, bench: Bench) -> Response:
    """Sends one sentence as a WAV file, as soon as it is spoken."""
    path: Path = await to_thread.run_sync(bench.aloud.sound_of, job_id, number)
    found = await to_thread.run_sync(partial(Sound.of, path, RATE))
    return sound_answer(found, request.headers, request.method, {})


@router.post("/jobs/{job_id}/sentences/{number}/again")
def again(job_id: JobId, number: Number, body: AgainBody, bench: Bench, shown: Shown) -> JSONResponse:
    """Speaks one sentence anew, with another text where one is given."""
    bench.aloud.again(job_id, number, body.text)
    return answer({"jobs": shown.many([bench.job(job_id)])})


@router.get("/jobs/{job_id}/file")
def file(
    job_id: JobId,
    bench: Bench,
    kind: Annotated[str, Query(max_length=10)] = "mp3",
    download: bool = False,
) -> Response:
    """Sends the whole as MP3, WAV, Opus, M4A or FLAC; a kind that was not asked for before is made now."""
    view = bench.job(job_id)
    path, media_type = bench.aloud.file(job_id, kind)
    headers = {
        "content-disposition": disposition(
            file_name(view.title, path.suffix, set()), "attachment" if download else "inline"
        ),
        "cache-control": "private, no-cache",
    }
    return FileResponse(path, media_type=media_type, headers=headers)


@router.post("/jobs/{job_id}/video", status_code=201)
def dub(job_id: JobId, body: VideoBody, bench: Bench) -> JSONResponse:
    """Makes a video with this sound, of an upload, or of the video whose transcript was read."""
    bench.aloud.dub(job_id, bench.uploads.find(body.upload) if body.upload is not None else None)
    return answer({"ready": True}, 201)


@router.get("/jobs/{job_id}/video")
def video(job_id: JobId, bench: Bench) -> Response:
    """Sends that video."""
    view, path = bench.job(job_id), bench.aloud.video(job_id)
    name = disposition(file_name(view.title, path.suffix, set()), "attachment")
    headers = {"content-disposition": name, "cache-control": "private, no-cache"}
    return FileResponse(path, media_type=guess_type(path.name)[0] or "video/mp4", headers=headers)


@router.get("/words")
def words(bench: Bench) -> JSONResponse:
    """Returns the office's pronunciation list."""
    return answer({"words": bench.aloud.words()})


@router.put("/words")
def set_word(body: WordBody, bench: Bench) -> JSONResponse:
    """Notes how a word is said, or takes it off the list, and returns the list."""
    bench.aloud.set_word(body.written, body.spoken)
    return answer({"words": bench.aloud.words()})
