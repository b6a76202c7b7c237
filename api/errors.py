"""Turns every error into one shape, in the reader's language."""

from __future__ import annotations

import logging
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from media.errors import WorkbenchError
from workbench.texts import Texts, nearest

log = logging.getLogger(__name__)

_BY_STATUS = {404: "not_found", 405: "method_not_allowed", 413: "too_large_request", 415: "not_json"}
_QUALITY = re.compile(r"q=([0-9.]+)")
_PROBLEM_VALUES = ("ge", "gt", "le", "lt", "min_length", "max_length")


class ApiError(WorkbenchError):
    """A request that cannot be answered for reasons of the protocol."""

    default_code = "request_malformed"
    default_status = 400

    def __init__(
        self,
        code: str | None = None,
        *,
        status: int | None = None,
        headers: Mapping[str, str] | None = None,
        **values: object,
    ) -> None:
        super().__init__(code, status=status, **values)
        self.headers = headers


def language_of(request: HTTPConnection) -> str:
    """Returns ``en`` or ``zh``: from ``?lang=``, else the header X-Roomtone-Language, else Accept-Language."""
    chosen = request.query_params.get("lang") or request.headers.get("x-roomtone-language")
    return nearest(chosen) if chosen else accepted_language(request.headers.get("accept-language", ""))


def accepted_language(header: str) -> str:
    """Returns the language of ours that a browser's Accept-Language header likes best, ``en`` when it names neither."""
    best, best_quality = "en", 0.0
    for item in header[:500].split(","):
        tag, _, rest = item.strip().partition(";")
        match = _QUALITY.search(rest)
        try:
            quality = float(match[1]) if match else 1.0
        except ValueError:
            continue
        if tag[:2].lower() in ("en", "zh") and quality > best_quality:
            best, best_quality = nearest(tag), quality
    return best


def error_answer(
    texts: Texts, language: str, error: WorkbenchError, headers: Mapping[str, str] | None = None
) -> JSONResponse:
    """Returns ``{"error": {"code", "message", "hint", "values"}}`` with the error's status."""
    message, hint = texts.error_sentence(language, error.code, error.values)
    body = {"code": error.code, "message": message, "hint": hint, "values": _plain(error.values)}
    return JSONResponse({"error": body}, error.status, dict(headers or {}))


def internal_answer(texts: Texts, language: str, what: str) -> JSONResponse:
    """Logs the exception being handled under a new reference and returns an answer that names only the reference."""
    values = {"reference": secrets.token_hex(4)}
    log.exception("error %s in %s", values["reference"], what)
    message = texts.say(language, "api.internal", **values)
    hint = texts.say(language, "api.internal.hint", **values)
    return JSONResponse({"error": {"code": "internal", "message": message, "hint": hint, "values": values}}, 500)


def install_error_handlers(app: FastAPI, texts: Texts) -> None:
    """Gives an app the handlers of all errors that a route may raise on purpose."""

    async def known(request: Request, error: Exception) -> Response:
        assert isinstance(error, WorkbenchError)
        if error.status >= 500:
            trace = error if error.status == 500 else None
            log.error("%s %s: %s", request.method, request.url.path, error, exc_info=trace)
        headers = dict(getattr(error, "headers", None) or {})
        if error.values.get("retry_s"):
            headers["retry-after"] = str(error.values["retry_s"])
        return error_answer(texts, language_of(request), error, headers)

    async def invalid(request: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        language = language_of(request)
        problems = [_problem(texts, language, found) for found in error.errors()[:10]]
        told = "; ".join(f"{p['field']}: {p['problem']}" if p["field"] else p["problem"] for p in problems)
        return error_answer(texts, language, ApiError(status=422, problem=told, problems=problems))

    async def by_status(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        code = _BY_STATUS.get(error.status_code, "request_malformed")
        told = ApiError(code, status=error.status_code, problem=str(error.detail), method=request.method, allowed="")
        return error_answer(texts, language_of(request), told, error.headers)

    async def gone(request: Request, error: Exception) -> Response:
        return Response(status_code=400)

    app.add_exception_handler(WorkbenchError, known)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(HTTPException, by_status)
    app.add_exception_handler(ClientDisconnect, gone)


class ErrorBorder:
    """The outermost net: an unknown exception becomes ``internal`` with a reference number, never a traceback."""

    def __init__(self, app: ASGIApp, texts: Texts) -> None:
        self._app = app
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, watched)
        except Exception:
            if started:
                raise
            request = Request(scope)
            answer = internal_answer(self._texts, language_of(request), f"{request.method} {request.url.path}")
            await answer(scope, receive, send)


def _problem(texts: Texts, language: str, found: Mapping[str, Any]) -> dict[str, str]:
    """Says one finding of pydantic in plain words."""
    place = [str(step) for step in found.get("loc", ()) if step not in ("body", "query", "path", "header")]
    kind = str(found.get("type", ""))
    context = found.get("ctx") or {}
    values = {"limit": next((context[name] for name in _PROBLEM_VALUES if name in context), "")}
    values["choices"] = context.get("expected", "")
    key = f"api.problem.{kind}"
    if kind == "json_invalid":
        place = []
    if not texts.has(language, key):
        key = "api.problem.other"
    return {"field": ".".join(place), "problem": texts.say(language, key, **values)}


def _plain(value: object) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
