"""Takes files in, as the raw body of a request."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from api.access import Bench, answer
from api.errors import ApiError

router = APIRouter(prefix="/api/uploads")


@router.post("")
async def upload(request: Request, bench: Bench, name: str = "") -> JSONResponse:
    """Streams the body to disk and returns ``{"id", "name", "size"}``; the id is what ``POST /api/jobs`` takes."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise ApiError("upload_multipart", status=415)
    stored = await bench.receive_async(name, request.stream(), announced_length(request))
    return answer({"id": stored.id, "name": stored.name, "size": stored.size}, 201)


def announced_length(request: Request) -> int | None:
    """Returns the Content-Length, None for a body of unknown length."""
    told = request.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() else None
