"""Who calls: a program on this machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from api.access import may_administer
from api.errors import ApiError

LOCAL = "program"


@dataclass(frozen=True, slots=True)
class Calling:
    """One caller; the machine is shared fairly between owners."""

    owner: str


async def _calling(request: Request) -> Calling:
    if not may_administer(request):
        raise ApiError("key_missing", status=401, headers={"www-authenticate": "Bearer"})
    return Calling(LOCAL)


Caller = Annotated[Calling, Depends(_calling)]
"""Lets through who may call; raises ApiError ``key_missing``."""
