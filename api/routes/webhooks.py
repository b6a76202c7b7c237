"""Addresses that are told when jobs have ended."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from pydantic import Field
from starlette.responses import JSONResponse

from api.access import Administrator, Bench, answer
from api.schema import Body
from workbench.history.programs import WebhookRow
from workbench.programs.webhooks import Attempt, Webhooks

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
    """Returns the addresses without their secrets, and how each answered last since the start."""
    return answer({"webhooks": [{**_told(row), "last": _last(hooks.last(row.id))} for row in hooks.all()]})


@router.post("", status_code=201)
def add(body: WebhookBody, hooks: Hooks) -> JSONResponse:
    """Makes an address known; ``secret`` signs what it is sent and is told this once."""
    row = hooks.add(body.url)
    return answer({**_told(row), "last": None, "secret": row.secret}, 201)


@router.post("/{webhook_id}/test")
def test(webhook_id: str, hooks: Hooks) -> JSONResponse:
    """Sends an address a message of the type ``test`` and tells how it answered."""
    return answer({"last": _last(hooks.test(webhook_id))})


@router.delete("/{webhook_id}")
def remove(webhook_id: str, hooks: Hooks) -> JSONResponse:
    """Forgets an address."""
    hooks.remove(webhook_id)
    return answer({"removed": True})


def _told(row: WebhookRow) -> dict[str, Any]:
    return {"id": row.id, "url": row.url, "created_at": row.created_at}


def _last(attempt: Attempt | None) -> dict[str, Any] | None:
    return None if attempt is None else {"at": attempt.at, "status": attempt.status, "fine": attempt.fine}
