"""Takes files in, as the raw body of a request."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse

from api.access import Bench, answer
from api.errors import ApiError
from api.keys import Hears, key_of
from api.sizes import announced_length, most_of, too_large, within

router = APIRouter(prefix="/api/uploads")
_BODY: dict[str, Any] = {
    "required": True,
    "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
}


@router.post("", status_code=201, dependencies=[Hears], openapi_extra={"requestBody": _BODY})
async def upload(request: Request, bench: Bench, name: str = "") -> JSONResponse:
    """Streams the body to disk and returns ``{"id", "name", "size"}``; the id is what ``POST /api/jobs`` takes."""
    if request.headers.get("content-type", "").startswith("multipart/"):
        raise ApiError("upload_multipart", status=415)
    length, most = announced_length(request), most_of(key_of(request))
    if most is not None and length is not None and length > most:
        raise too_large(most)
    stored = await bench.receive_async(name, within(request.stream(), most), length)
    return answer({"id": stored.id, "name": stored.name, "size": stored.size}, 201)
