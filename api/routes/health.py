"""Whether the server is there."""

from __future__ import annotations

from fastapi import APIRouter, Request

router = APIRouter()


@router.api_route("/health", methods=["GET", "HEAD"])
async def health(request: Request) -> dict[str, str]:
    """Answers at once; ``status`` is ``starting`` until jobs can be taken."""
    return {"status": "starting" if request.app.state.workbench is None else "ok"}
