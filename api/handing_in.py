"""Jobs of every task: what may be handed in, and how it becomes jobs."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag

from api.errors import ApiError
from api.schema import Body, SpeakersBody, SubmitBody
from api.schema_tasks import AloudJobBody, JobRef, SoundJobsBody, VideoJobsBody, WriteJobBody
from api.views import Views
from engines.base import Task
from workbench.core import Workbench
from workbench.errors import JobError
from workbench.reading_aloud.papers import MOST_BYTES, read_paper
from workbench.reading_aloud.script import of_text
from workbench.reading_aloud.written import of_result
from workbench.running.lanes import Lane
from workbench.writing.files import Words


class TranscribeJobs(SubmitBody):
    """Recordings that are written down; the task that is meant where none is named."""

    task: Literal["automatic-speech-recognition"] = "automatic-speech-recognition"


class SoundJobs(SoundJobsBody):
    """Recordings whose sound is cleaned up."""

    task: Literal["audio-to-audio"]
    lane: Literal["interactive", "batch"] | None = None


class VideoJobs(VideoJobsBody):
    """Videos that are made sharper."""

    task: Literal["video-to-video"]
    lane: Literal["interactive", "batch"] | None = None


class WriteJob(WriteJobBody):
    """Something that is written from a transcript or a text."""

    task: Literal["text-generation"]


class AloudJob(AloudJobBody):
    """A text, a document or a transcript that is read aloud."""

    task: Literal["text-to-speech"]


class SpeakersJob(Body):
    """A finished transcript whose speakers are told apart; its job is the one that is followed."""

    task: Literal["speaker-diarization"]
    job: JobRef
    request: SpeakersBody = SpeakersBody()


def _task(told: Any) -> Any:
    task = told.get("task", Task.TRANSCRIBE.value) if isinstance(told, dict) else getattr(told, "task", None)
    return task if isinstance(task, str) else None


AnyJob = Annotated[
    Annotated[TranscribeJobs, Tag("automatic-speech-recognition")]
    | Annotated[SoundJobs, Tag("audio-to-audio")]
    | Annotated[VideoJobs, Tag("video-to-video")]
    | Annotated[WriteJob, Tag("text-generation")]
    | Annotated[AloudJob, Tag("text-to-speech")]
    | Annotated[SpeakersJob, Tag("speaker-diarization")],
    Discriminator(_task),
]
"""The body of ``POST /api/jobs``: ``task`` says which."""


def hand_in(body: Any, bench: Workbench, owner: str, shown: Views) -> list[str]:
    """Makes jobs of one ``AnyJob`` and returns their ids; ``shown`` has the caller's language."""
    if isinstance(body, VideoJobsBody):
        return videos(body, bench, owner, getattr(body, "lane", None))
    if isinstance(body, SubmitBody | SoundJobsBody):
        views = bench.submit(body.uploads, body.request.to_request(), owner, getattr(body, "lane", None))
        return [view.id for view in views]
    if isinstance(body, WriteJobBody):
        return [writing(body, bench, owner, shown)]
    if isinstance(body, AloudJobBody):
        return [aloud(body, bench, owner, shown)]
    bench.job(body.job)
    bench.tell_speakers(body.job, body.request.to_request())
    return [body.job]


def videos(body: VideoJobsBody, bench: Workbench, owner: str, lane: Lane | None = None) -> list[str]:
    """Makes one job of each video; raises what keeps one of them from being made sharper."""
    request = body.request.to_request()
    bench.video.check(body.uploads, request)
    return [view.id for view in bench.submit(body.uploads, request, owner, lane)]


def writing(body: WriteJobBody, bench: Workbench, owner: str, shown: Views) -> str:
    """Makes a job that writes from a transcript or a text; raises JobError ``write_empty`` where there is neither."""
    request = body.request.to_request()
    if body.job is not None:
        return bench.written.from_job(body.job, request, owner, body.title, shown.speaker)
    if body.text is not None:
        return bench.written.from_text(body.text, request, owner, body.title)
    raise JobError("write_empty", status=422)


def aloud(body: AloudJobBody, bench: Workbench, owner: str, shown: Views) -> str:
    """Makes a job that reads a text, a file, a transcript or what was written from one; raises ApiError for others."""
    if [body.text, body.upload, body.job].count(None) != 2:
        raise ApiError("aloud_one_text", status=422)
    name, request = "", body.request.to_request()
    if body.text is not None:
        script = of_text(body.text)
    elif body.upload is not None:
        upload = bench.uploads.find(body.upload)
        with open(bench.uploads.source(upload.sha256), "rb") as file:
            script = read_paper(upload.name, file.read(MOST_BYTES + 1))
        name = upload.name
    else:
        view = bench.job(body.job or "")
        name, of = view.title, view.id
        if view.task == Task.WRITE:
            left = frozenset(bench.written.refused(view.id))
            script = of_result(bench.written.result(view.id), Words(shown.say), left, request.in_time)
            of = (bench.written.state(view.id)["source"] or {}).get("id", "")
        else:
            script = bench.aloud.of_job(view.id, lambda key: key, request.in_time)
        request = replace(request, of=of)
    return bench.aloud.submit(script, name, request, owner)
