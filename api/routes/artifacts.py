"""The files that jobs made."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, JSONResponse, Response

from api.access import Bench, JobId, answer
from api.filenames import disposition
from api.views import Shown
from engines.base import Task
from workbench.errors import NotFound
from workbench.exports import file_name
from workbench.sound.sounding import RESULT

router = APIRouter(prefix="/api/jobs/{job_id}/artifacts")


@router.get("")
def artifacts(job_id: JobId, bench: Bench) -> JSONResponse:
    """Returns what files a job made: name, media type and size in bytes of each."""
    bench.job(job_id)
    rows = bench.history.artifacts(job_id)
    return answer(
        {"artifacts": [{"name": r.name, "media_type": r.media_type, "size_bytes": r.size_bytes} for r in rows]}
    )


@router.get("/{name}")
@router.head("/{name}", include_in_schema=False)
def artifact(job_id: JobId, name: str, bench: Bench, shown: Shown, download: bool = False) -> Response:
    """Sends one file; Range, If-Range and HEAD work. ``download`` names it after the recording."""
    view = bench.job(job_id)
    found = bench.artifacts.find(job_id, name)
    if found is None:
        raise NotFound("artifact_missing", name=name[:50])
    row, path = found
    # Beside the original in one folder it has to be told apart.
    title = shown.cleaned(view.title) if view.task == Task.SOUND and name == RESULT else view.title
    called = file_name(title, Path(row.path).suffix, set())
    headers = {
        "content-disposition": disposition(called, "attachment" if download else "inline"),
        "content-security-policy": "sandbox",
        "cache-control": "private, no-cache",
    }
    return FileResponse(path, media_type=row.media_type, headers=headers)
