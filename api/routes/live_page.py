"""The page on which others read along: a frame without Gradio, filled by ``assets/live_page.js``."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse

router = APIRouter()

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


@router.get("/live/{word}", include_in_schema=False)
async def live_page(word: str) -> HTMLResponse:
    """Returns the same page for every word; the script says when nothing is to be read there (any more)."""
    del word
    return HTMLResponse(_PAGE, headers={"cache-control": "no-cache"})
