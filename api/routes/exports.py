"""Transcripts as files."""

from __future__ import annotations

from fastapi import APIRouter, Query
from starlette.responses import Response, StreamingResponse

from api.access import Bench, JobId, checked_id, ids_in
from api.errors import ApiError
from api.filenames import disposition
from api.views import Shown
from media.documents import EXPORTS
from workbench import exports

router = APIRouter(prefix="/api")
_SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"


@router.get("/jobs/{job_id}/export")
def export(job_id: JobId, bench: Bench, shown: Shown, format: str = Query("txt", max_length=20)) -> Response:
    """Sends a transcript, with its edits and speakers, as ``txt``, ``srt``, ``vtt``, ``json``, ``docx`` or ``rttm``."""
    kind = EXPORTS[_known(format)]
    title, content = exports.export(bench.history, job_id, format, shown.speaker)
    headers = {
        "content-disposition": disposition(exports.file_name(title, kind.suffix, set())),
        "content-security-policy": _SANDBOX,
    }
    return Response(content, media_type=kind.media_type, headers=headers)


@router.get("/export.zip")
def export_many(bench: Bench, shown: Shown, jobs: str = "", format: str = Query("txt", max_length=20)) -> Response:
    """Sends the transcripts of many jobs as one zip archive, written while it is sent."""
    ids = [checked_id(job_id) for job_id in ids_in(jobs)]
    stream = exports.export_zip(bench.history, ids, _known(format), shown.speaker)
    headers = {"content-disposition": disposition("transcripts.zip"), "content-security-policy": _SANDBOX}
    return StreamingResponse(stream, media_type="application/zip", headers=headers)


def _known(format: str) -> str:
    if format not in EXPORTS:
        raise ApiError("format_unknown", status=422, format=format, known=list(EXPORTS))
    return format
