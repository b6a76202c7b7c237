"""How large a body may be, and that it is not larger."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator

from fastapi import Request

from api.errors import ApiError
from workbench.history.keys import KeyRow


def announced_length(request: Request) -> int | None:
    """Returns the Content-Length, None for a body of unknown length."""
    told = request.headers.get("content-length", "")
    return int(told) if told.isascii() and told.isdigit() else None


def most_of(key: KeyRow | None) -> int | None:
    """Returns how many bytes a file may have for a key, None where it has no limit of its own."""
    return key.upload_mb * 10**6 if key is not None and key.upload_mb is not None else None


async def within(stream: AsyncIterable[bytes], limit: int | None, beside: int = 0) -> AsyncIterator[bytes]:
    """Passes blocks on; raises ApiError ``too_large`` before more than ``limit`` and ``beside`` bytes have come."""
    n_bytes = 0
    async for block in stream:
        n_bytes += len(block)
        if limit is not None and n_bytes > limit + beside:
            raise too_large(limit)
        yield block


def too_large(limit: int) -> ApiError:
    """Returns the error of a file with more bytes than ``limit``."""
    return ApiError("too_large", status=413, limit_mib=limit // 2**20)
