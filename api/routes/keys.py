"""Keys of programs on other computers: made, listed and revoked by whoever looks after the machine."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.responses import JSONResponse

from api.access import Administrator, answer
from api.keys import Keyring
from api.schema import Body, Title
from workbench.history.keys import KeyRow
from workbench.programs.keys import Wanted

router = APIRouter(prefix="/api/keys", dependencies=[Administrator])


class KeyBody(Body):
    """A new key; null is no limit."""

    name: Title
    scope: Literal["transcribe", "all"] = "transcribe"
    requests_a_minute: int | None = Field(default=None, ge=1, le=100_000)
    hours_a_day: float | None = Field(default=None, gt=0, le=10_000)
    upload_mb: int | None = Field(default=None, ge=1, le=10_000_000)


@router.get("")
def all_keys(keys: Keyring) -> JSONResponse:
    """Returns the keys that work, without their secrets."""
    return answer({"keys": [_told(row) for row in keys.all() if row.revoked_at is None]})


@router.post("", status_code=201)
def make(body: KeyBody, keys: Keyring) -> JSONResponse:
    """Makes a key; ``secret`` is told this once and never again."""
    row, secret = keys.make(Wanted(**body.model_dump()))
    return answer({**_told(row), "secret": secret}, 201)


@router.delete("/{key_id}")
def revoke(key_id: str, keys: Keyring) -> JSONResponse:
    """Ends a key at once and for good."""
    keys.revoke(key_id)
    return answer({"revoked": True})


def _told(row: KeyRow) -> dict[str, Any]:
    told = asdict(row)
    del told["revoked_at"]
    return told
