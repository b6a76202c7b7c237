"""``/v1/chat/completions``: says plainly that the capability to write is not there."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.errors import ApiError
from api.openai.caller import Caller
from api.openai.errors import OpenAIRoute

router = APIRouter(prefix="/v1/chat", route_class=OpenAIRoute)


@router.post("/completions")
async def completions(caller: Caller) -> Response:
    """Answers 501: no model that writes is part of this version."""
    raise ApiError("writing_missing", status=501)
