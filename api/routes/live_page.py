"""The page on which others read along: a frame without Gradio, filled by ``assets/live_page.js``."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from starlette.responses import HTMLResponse, Response

from api.errors import ApiError
from api.lan.office import Office
from api.lan.picture import svg_of
from api.safety import is_loopback

router = APIRouter(prefix="/live")

_WORD = re.compile(r"[A-Za-z0-9_-]{16,64}")
_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8" /><base href="../" /><title>Roomtone</title>
<meta name="viewport" content="width=device-width, initial-scale=1" />
<meta name="color-scheme" content="light dark" /><meta name="referrer" content="no-referrer" />
<meta name="robots" content="noindex" />
<link rel="icon" type="image/svg+xml" href="screens/icons/roomtone.svg" />
<script src="screens/boot.js"></script>
<link rel="stylesheet" href="screens/style.css" /><link rel="stylesheet" href="screens/live.css" />
<script type="module" src="screens/live_page.js"></script></head><body></body></html>
"""


@router.get("/{word}", include_in_schema=False)
async def live_page(word: str) -> HTMLResponse:
    """Returns the same page for every word; the script says when nothing is to be read there (any more)."""
    del word
    return HTMLResponse(_PAGE, headers={"cache-control": "no-cache"})


@router.get("/{word}/qr.svg", include_in_schema=False)
def picture(word: str, request: Request) -> Response:
    """Returns the address of the page, as others in the house reach it, as a QR code; 404 where they cannot."""
    office: Office | None = request.app.state.office
    home = next(iter(office.addresses()), None) if office else _seen_from_outside(request)
    if home is None or not _WORD.fullmatch(word):
        raise ApiError("not_found", status=404)
    return Response(svg_of(f"{home}/live/{word}"), media_type="image/svg+xml", headers={"cache-control": "no-store"})


def _seen_from_outside(request: Request) -> str | None:
    return None if is_loopback(request.url.hostname) else f"{request.url.scheme}://{request.url.netloc}"
