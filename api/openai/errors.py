"""Errors in OpenAI's shape: ``{"error": {"message", "type", "param", "code"}}``."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response

from api.errors import ApiError, internal_answer, language_of
from media.errors import WorkbenchError
from workbench.texts import Texts

_PARAMS = {"quality": "model", "hotwords": "prompt"}
"""What the fields of our requests are called by OpenAI."""
_CODES = {401: "invalid_api_key", 404: "not_found", 405: "method_not_allowed", 429: "rate_limit_exceeded"}


class OpenAIRoute(APIRoute):
    """A route whose errors all have OpenAI's shape."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Returns the handler of FastAPI within a net."""
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                return await inner(request)
            except ClientDisconnect:
                return Response(status_code=499)
            except Exception as error:
                return refused(request, error)

        return handle


def refused(request: Request, error: Exception) -> Response:
    """Returns the answer to a call that failed; what nobody foresaw is logged and told by its reference."""
    texts: Texts = request.app.state.texts
    language = language_of(request)
    known = _known(error)
    if known is None:
        told = json.loads(bytes(internal_answer(texts, language, f"{request.method} {request.url.path}").body))
        return _answer(500, {"message": told["error"]["message"], "param": None, "code": "internal"})
    headers = dict(getattr(known, "headers", None) or {})
    if known.values.get("retry_s"):
        headers["retry-after"] = str(known.values["retry_s"])
    return _answer(status_of(known), body_of(texts, language, known), headers)


def body_of(texts: Texts, language: str, error: WorkbenchError) -> dict[str, Any]:
    """Returns what stands under ``error``, with ``type`` still to come."""
    message, hint = texts.error_sentence(language, error.code, error.values)
    field = str(error.values.get("param") or error.values.get("field") or "") or None
    if field is not None and field.startswith("vad."):
        field = "chunking_strategy"
    if field is None and error.code.startswith(("media_", "upload_", "too_large")):
        field = "file"
    told = " ".join(part for part in (message, hint) if part)
    return {"message": told, "param": _PARAMS.get(field or "", field), "code": error.code}


def status_of(error: WorkbenchError) -> int:
    """Returns the status that OpenAI's clients read rightly: they try 409 again, which means something else here."""
    return 400 if error.status in (409, 415, 422) else error.status


def typed(status: int, told: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the whole body."""
    kind = "invalid_request_error"
    if status == 429:
        kind = "requests"
    elif status >= 500:
        kind = "server_error"
    return {"error": {"message": told["message"], "type": kind, "param": told["param"], "code": told["code"]}}


def _answer(status: int, told: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> JSONResponse:
    more = dict(headers or {})
    if status >= 500 and "retry-after" not in more:
        # Another attempt would end the same way.
        more["x-should-retry"] = "false"
    return JSONResponse(typed(status, told), status, more)


def _known(error: Exception) -> WorkbenchError | None:
    if isinstance(error, WorkbenchError):
        return error
    if isinstance(error, HTTPException):
        code = {404: "not_found", 405: "method_not_allowed"}.get(error.status_code, "request_malformed")
        return ApiError(code, status=error.status_code, problem=str(error.detail), method="", allowed="")
    if isinstance(error, RequestValidationError):
        first = error.errors()[0]
        place = ".".join(str(step) for step in first.get("loc", ())[1:])
        return ApiError("parameter_unfit", status=400, param=place, value=str(first.get("input"))[:100])
    return None
