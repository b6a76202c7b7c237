"""What can be asked of this server: for programs as OpenAPI, for people as a page."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api.access import Language, Sentences
from api.openapi import written

router = APIRouter()
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8" /><base href="./" /><title>Roomtone</title>
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" />
<link rel="icon" type="image/svg+xml" href="screens/icons/roomtone.svg" />
<script src="screens/boot.js"></script>
<link rel="stylesheet" href="screens/style.css" /><link rel="stylesheet" href="screens/reference.css" />
<script type="module" src="screens/reference.js"></script></head><body></body></html>
"""


@router.get("/api/openapi.json")
def openapi(request: Request, sentences: Sentences, language: Language) -> Response:
    """Returns this description, its sentences in English or Chinese."""
    known: dict[str, bytes] = request.app.state.openapi
    if language not in known:
        known[language] = written(request.app.routes, sentences.all(language))
    return Response(known[language], media_type="application/json")


@router.get("/docs", include_in_schema=False)
async def page() -> HTMLResponse:
    """Returns the page for people; its script fills it from ``/api/openapi.json``."""
    return HTMLResponse(_PAGE, headers={"cache-control": "no-cache"})
