"""Whether the server is there."""

from __future__ import annotations

from fastapi import APIRouter, Request

router = APIRouter()


@router.get("/health")
@router.head("/health", include_in_schema=False)
async def health(request: Request) -> dict[str, str]:
    """Answers at once; ``status`` is ``starting`` until jobs can be taken."""
    return {"status": "starting" if request.app.state.workbench is None else "ok"}
