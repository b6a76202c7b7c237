"""Writing from transcripts and texts: what can write, jobs, what they wrote so far, results in parts, and templates."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import Field, StringConstraints
from starlette.responses import JSONResponse, Response

from api.access import Bench, JobId, Language, Owner, Sentences, answer
from api.errors import ApiError
from api.filenames import disposition
from api.handing_in import writing as written
from api.keys import Hears
from api.schema import Body
from api.schema_tasks import WriteJobBody
from api.views import Shown
from workbench import exports
from workbench.writing.files import FORMATS, Words, saved
from workbench.writing.languages import NAMES
from workbench.writing.wish import KINDS, LENGTHS, MOST_TEMPLATE, STYLES

router = APIRouter(prefix="/api")
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80)]
_SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


class RefusedBody(Body):
    """The sentences of which the original is kept; all others are taken."""

    refused: list[Annotated[int, Field(ge=1)]] = Field(max_length=100_000)


class ChapterBody(Body):
    """Where a new matter begins (seconds), and what it is called."""

    start: float = Field(ge=0)
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]


class ChaptersBody(Body):
    """All chapters of a recording; an empty list takes them away."""

    chapters: list[ChapterBody] = Field(max_length=2_000)


class TemplateBody(Body):
    """A form of the office."""

    name: Name
    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=MOST_TEMPLATE)]


@router.get("/writing/choices")
def choices(bench: Bench, shown: Shown) -> JSONResponse:
    """Returns what can be written, in which languages, and what writes it on this machine."""
    told = {"kinds": list(KINDS), "styles": list(STYLES), "lengths": list(LENGTHS), "languages": list(NAMES)}
    here = bench.written.choices()
    here["models"] = [shown.model(model) for model in here["models"]]
    return answer({**told, **here, "templates": bench.written.templates()})


@router.post("/writing/jobs", status_code=201, dependencies=[Hears])
def submit(body: WriteJobBody, bench: Bench, shown: Shown, owner: Owner) -> JSONResponse:
    """Makes a job that writes from a transcript or a text."""
    return answer({"job": shown.one(bench.job(written(body, bench, owner, shown)))}, 201)


@router.get("/writing/jobs")
def recent(bench: Bench, shown: Shown, limit: int = Query(20, ge=1, le=100)) -> JSONResponse:
    """Returns what was written last, from all transcripts and texts."""
    return answer({"jobs": shown.many(bench.jobs(bench.written.of(None, limit)))})


@router.get("/jobs/{job_id}/writings")
def writings(job_id: JobId, bench: Bench, shown: Shown) -> JSONResponse:
    """Returns the jobs that wrote from a transcript, newest first."""
    bench.job(job_id)
    return answer({"jobs": shown.many(bench.jobs(bench.written.of(job_id)))})


@router.get("/jobs/{job_id}/writing")
def state(job_id: JobId, bench: Bench) -> JSONResponse:
    """Returns what a job has written so far, question by question, or its result."""
    return answer(bench.written.state(job_id))


@router.patch("/jobs/{job_id}/writing")
def refuse(job_id: JobId, body: RefusedBody, bench: Bench) -> JSONResponse:
    """Keeps the original of some sentences."""
    bench.written.refuse(job_id, body.refused)
    return answer({"refused": sorted(set(body.refused))})


@router.post("/jobs/{job_id}/writing/apply")
def apply(job_id: JobId, bench: Bench) -> JSONResponse:
    """Takes lines, the title or the chapters over into the transcript; returns what was there before."""
    before: dict[str, Any] = bench.written.apply(job_id)
    return answer({**before, "lines": {str(number): text for number, text in before["lines"].items()}})


@router.get("/jobs/{job_id}/writing/file")
def file(
    job_id: JobId, bench: Bench, texts: Sentences, language: Language, format: str = Query("docx", max_length=10)
) -> Response:
    """Sends a result as ``md``, ``docx`` or ``txt``; sentences with times also as ``srt`` and ``vtt``, in two languages
    as ``srt2`` and ``vtt2``.
    """
    if format not in FORMATS:
        raise ApiError("format_unknown", status=422, format=format, known=list(FORMATS))
    view, result = bench.job(job_id), bench.written.result(job_id)
    left = frozenset(bench.written.refused(job_id))

    def say(key: str, **values: object) -> str:
        return texts.say(language, key, **values)

    kind = FORMATS[format]
    content = saved(result, view.title, format, Words(say), left)
    headers = {
        "content-disposition": disposition(exports.file_name(view.title, kind.suffix, set())),
        "content-security-policy": _SANDBOX,
    }
    return Response(content, media_type=kind.media_type, headers=headers)


@router.get("/jobs/{job_id}/chapters")
def chapters(job_id: JobId, bench: Bench) -> JSONResponse:
    """Returns where new matters begin in a recording."""
    bench.job(job_id)
    return answer({"chapters": bench.written.chapters(job_id)})


@router.patch("/jobs/{job_id}/chapters")
def set_chapters(job_id: JobId, body: ChaptersBody, bench: Bench) -> JSONResponse:
    """Gives a recording these chapters and no others."""
    bench.written.set_chapters(job_id, [one.model_dump() for one in body.chapters])
    return answer({"chapters": bench.written.chapters(job_id)})


@router.post("/writing/templates", status_code=201)
def add_template(body: TemplateBody, bench: Bench) -> JSONResponse:
    """Writes a new form that everybody in the office sees."""
    made = bench.written.write_template(body.name, body.text)
    return answer({"id": made, "templates": bench.written.templates()}, 201)


@router.patch("/writing/templates/{template_id}")
def change_template(template_id: str, body: TemplateBody, bench: Bench) -> JSONResponse:
    """Writes a form anew."""
    bench.written.write_template(body.name, body.text, template_id)
    return answer({"id": template_id, "templates": bench.written.templates()})


@router.delete("/writing/templates/{template_id}")
def drop_template(template_id: str, bench: Bench) -> JSONResponse:
    """Removes a form."""
    bench.written.drop_template(template_id)
    return answer({"templates": bench.written.templates()})
