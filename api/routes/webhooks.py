"""Addresses that are told when jobs have ended."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import JSONResponse

from api.access import Administrator, Bench, answer
from api.schema import Body
from workbench.programs.webhooks import Webhooks

router = APIRouter(prefix="/api/webhooks", dependencies=[Administrator])


class WebhookBody(Body):
    """Where to send messages."""

    url: str = Field(max_length=2_000)


def _hooks(request: Request, bench: Bench) -> Webhooks:
    found: Webhooks | None = getattr(request.app.state, "webhooks", None)
    return found or Webhooks(bench.history, bench.events)


Hooks = Annotated[Webhooks, Depends(_hooks)]


@router.get("")
def all_webhooks(hooks: Hooks) -> JSONResponse:
    """Returns the addresses without their secrets."""
    return answer({"webhooks": [{"id": row.id, "url": row.url, "created_at": row.created_at} for row in hooks.all()]})


@router.post("")
def add(body: WebhookBody, hooks: Hooks) -> JSONResponse:
    """Makes an address known; ``secret`` signs what it is sent and is told this once."""
    row = hooks.add(body.url)
    return answer({"id": row.id, "url": row.url, "created_at": row.created_at, "secret": row.secret}, 201)


@router.delete("/{webhook_id}")
def remove(webhook_id: str, hooks: Hooks) -> JSONResponse:
    """Forgets an address."""
    hooks.remove(webhook_id)
    return answer({"removed": True})
