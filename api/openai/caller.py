"""Who calls: a program of this machine, or one with a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request

from api.access import Bench
from api.keys import Keyring, admitted
from api.openai.multipart import Form, read_form
from api.sizes import announced_length, most_of, too_large, within
from workbench.core import Workbench
from workbench.history.keys import KeyRow
from workbench.programs.keys import Keys

_LOCAL = "program"
_FORM_BYTES = 2**20
"""What a form adds to its file at most, where the whole is measured."""


@dataclass(frozen=True, slots=True)
class Calling:
    """One caller; the machine is shared fairly between owners."""

    keys: Keys
    key: KeyRow | None

    @property
    def owner(self) -> str:
        return self.key.owner if self.key else _LOCAL

    async def form(self, request: Request, bench: Workbench) -> Form:
        """Reads a form whose file goes to disk; what is too large is refused before it is read where that is known."""
        await to_thread.run_sync(self.keys.may_hear, self.key)
        limits = [limit for limit in (most_of(self.key), bench.settings.max_upload_bytes) if limit is not None]
        limit = min(limits, default=None)
        length = announced_length(request)
        if limit is not None and length is not None and length > limit + _FORM_BYTES:
            raise too_large(limit)
        if length is not None:
            await to_thread.run_sync(bench.uploads.check, max(0, length - _FORM_BYTES))
        body = within(request.stream(), limit, _FORM_BYTES)
        return await read_form(body, request.headers.get("content-type", ""), bench.receive_async)


def _calling(request: Request, bench: Bench, keys: Keyring) -> Calling:
    return Calling(keys, admitted(request, keys, "transcribe"))


Caller = Annotated[Calling, Depends(_calling)]
"""Lets through who may call; raises ApiError ``key_missing`` and KeyRefused."""
