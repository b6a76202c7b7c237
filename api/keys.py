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
from workbench.programs.keys import PREFIX, KeyRefused, Keys, Left
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
        state = request.scope["state"]
        try:
            row = keys.admit(secret, scope)
        except KeyRefused as refused:
            if refused.code == "key_rate":
                limit, retry_s = refused.values["limit"], refused.values["retry_s"]
                state["left"] = Left(int(str(limit)), 0, int(str(retry_s)))
            raise
        state["left"] = keys.left(row)
        return row
    if may_administer(request):
        return None
    if any(_shown(request)):
        raise KeyRefused()
    raise key_missing()


async def _keyed(request: HTTPConnection) -> None:
    bench = request.app.state.workbench
    if bench is None or not request.url.path.startswith("/api/"):
        return
    secret = secret_of(request)
    if secret is None:
        if not (may_administer(request) or is_page(request)):
            raise KeyRefused() if any(_shown(request)) else key_missing()
        return
    row = await to_thread.run_sync(keys_of(request, bench).admit, secret, "all")
    request.scope["state"].update(owner=row.owner, key=row)


Keyed = Depends(_keyed)
"""Who may ask ``/api``: pages, programs of this machine, and others with a key for everything; their jobs are its."""


async def _hears(request: Request, bench: Bench) -> None:
    key = key_of(request)
    # A browser names the origin of everything that its pages send.
    by_hand = "origin" in request.headers or request.headers.get("sec-fetch-site") == "same-origin"
    if key is not None or not by_hand:
        await to_thread.run_sync(keys_of(request, bench).may_hear, key)


Hears = Depends(_hears)
"""Takes sound or work in from programs within the limits of the queue and of their key; people always may."""


def key_of(request: HTTPConnection) -> KeyRow | None:
    """Returns the key that a request to ``/api`` was let in with."""
    found: KeyRow | None = request.scope["state"].get("key")
    return found


def is_page(request: HTTPConnection) -> bool:
    """Tells whether a page of this server asks: its browser has the cookie that pages give, or says so itself."""
    return request.scope["state"].get("visited", False) or request.headers.get("sec-fetch-site") == "same-origin"


def key_missing() -> ApiError:
    """Returns the error of a program that shows no key and needs one."""
    return ApiError("key_missing", status=401, headers={"www-authenticate": "Bearer"})


def once_of(request: Request, bench: Workbench) -> Once:
    """Returns what remembers requests that may come twice."""
    found: Once | None = getattr(request.app.state, "once", None)
    if found is None:
        found = request.app.state.once = Once(bench.history)
    return found
