"""The doctor: what is wrong with the machine or the program, what to press, and a file for whoever helps."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from api.access import Administrator, answer
from api.errors import ApiError
from api.filenames import disposition
from workbench.doctor.archive import NAME, write_archive
from workbench.doctor.doctor import Doctor
from workbench.doctor.finding import worst_first
from workbench.doctor.fixes import FIXES
from workbench.errors import NotFound

router = APIRouter(prefix="/api/doctor")


@router.get("")
def examine(request: Request, thorough: bool = False) -> JSONResponse:
    """Returns all findings, the worst first; their sentences are ``doctor.<code>``, ``.why`` and ``.do``."""
    findings = worst_first(_doctor(request).examine(thorough))
    return answer({"findings": [finding.to_dict() for finding in findings]})


@router.post("/mend/{name}", dependencies=[Administrator])
def mend(name: str, request: Request) -> JSONResponse:
    """Puts one kind of trouble right and returns how many things were changed."""
    if name not in FIXES:
        raise NotFound("not_found")
    return answer({"n": _doctor(request).mend(name)})


@router.get("/archive")
def archive(request: Request) -> Response:
    """Sends the diagnosis as a zip, in which no text, sound, key or name is."""
    doctor = _doctor(request)
    content = write_archive(doctor, doctor.examine())
    return Response(content, media_type="application/zip", headers={"content-disposition": disposition(NAME)})


def _doctor(request: Request) -> Doctor:
    held: Doctor | None = getattr(request.app.state, "doctor", None)
    if held is None:
        raise ApiError("starting", status=503)
    return held
