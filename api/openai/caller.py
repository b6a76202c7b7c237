"""Who calls: a program of this machine, or one with a key."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated

from anyio import to_thread
from fastapi import Depends, Request

from api.access import Bench
from api.errors import ApiError
from api.keys import Keyring, admitted
from api.openai.multipart import Form, read_form
from api.routes.uploads import announced_length
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
        limit = self._limit(bench)
        length = announced_length(request)
        if limit is not None and length is not None and length > limit + _FORM_BYTES:
            raise _too_large(limit)
        if length is not None:
            await to_thread.run_sync(bench.uploads.check, max(0, length - _FORM_BYTES))

        async def limited() -> AsyncIterator[bytes]:
            n_bytes = 0
            async for block in request.stream():
                n_bytes += len(block)
                if limit is not None and n_bytes > limit + _FORM_BYTES:
                    raise _too_large(limit)
                yield block

        return await read_form(limited(), request.headers.get("content-type", ""), bench.receive_async)

    def _limit(self, bench: Workbench) -> int | None:
        own = self.key.upload_mb * 10**6 if self.key and self.key.upload_mb is not None else None
        limits = [limit for limit in (own, bench.settings.max_upload_bytes) if limit is not None]
        return min(limits, default=None)


def _too_large(limit: int) -> ApiError:
    return ApiError("too_large", status=413, limit_mib=limit // 2**20)


def _calling(request: Request, bench: Bench, keys: Keyring) -> Calling:
    return Calling(keys, admitted(request, keys, "transcribe"))


Caller = Annotated[Calling, Depends(_calling)]
"""Lets through who may call; raises ApiError ``key_missing`` and KeyRefused."""
