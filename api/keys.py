"""Which key a request carries, and where the keys are kept."""

from __future__ import annotations

from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request
from starlette.requests import HTTPConnection

from api.access import Bench, may_administer
from api.errors import ApiError
from workbench.core import Workbench
from workbench.history.keys import KeyRow
from workbench.programs.keys import PREFIX, KeyRefused, Keys
from workbench.programs.once import Once

_SUBPROTOCOL = "openai-insecure-api-key."
"""Browsers cannot set headers of a WebSocket: a key comes as one of its subprotocols there."""


def secret_of(request: HTTPConnection) -> str | None:
    """Returns the key of ``Authorization: Bearer``, None where there is none of ours.

    Clients of OpenAI always send something there; on this machine nothing is asked of them.
    """
    found = [secret for secret in _shown(request) if secret.startswith(PREFIX)]
    return found[0] if found else None


def _shown(request: HTTPConnection) -> list[str]:
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    shown = [secret.strip()] if kind.lower() == "bearer" else []
    if request.scope["type"] == "websocket":
        words = request.headers.get("sec-websocket-protocol", "").split(",")
        shown += [one.strip()[len(_SUBPROTOCOL) :] for one in words if one.strip().startswith(_SUBPROTOCOL)]
    return shown


def keys_of(request: HTTPConnection, bench: Workbench) -> Keys:
    """Returns the keys of a workbench."""
    found: Keys | None = getattr(request.app.state, "keys", None)
    if found is None:
        found = request.app.state.keys = Keys(bench.history)
    return found


def _keyring(request: HTTPConnection, bench: Bench) -> Keys:
    return keys_of(request, bench)


Keyring = Annotated[Keys, Depends(_keyring)]


def admitted(request: HTTPConnection, keys: Keys, scope: str) -> KeyRow | None:
    """Returns the key of a request, None for a program of this machine that shows none.

    Raises KeyRefused, and ApiError ``key_missing`` for other computers.
    """
    secret = secret_of(request)
    if secret is not None:
        return keys.admit(secret, scope)
    if may_administer(request):
        return None
    if any(_shown(request)):
        raise KeyRefused()
    raise ApiError("key_missing", status=401, headers={"www-authenticate": "Bearer"})


async def _keyed(request: HTTPConnection) -> None:
    bench = request.app.state.workbench
    secret = secret_of(request)
    if bench is None or secret is None or not request.url.path.startswith("/api/"):
        return
    row = await to_thread.run_sync(keys_of(request, bench).admit, secret, "all")
    request.scope["state"]["owner"] = row.owner


Keyed = Depends(_keyed)
"""Where a program shows a key to ``/api``, it must be one for everything; its jobs are the key's."""


def once_of(request: Request, bench: Workbench) -> Once:
    """Returns what remembers requests that may come twice."""
    found: Once | None = getattr(request.app.state, "once", None)
    if found is None:
        found = request.app.state.once = Once(bench.history)
    return found
