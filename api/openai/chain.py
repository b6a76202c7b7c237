"""Follows one job and then the one that is made of its result, as if they were one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from types import TracebackType
from typing import Self

from anyio import to_thread
from fastapi import Request

from api.openai.waiting import Following
from workbench.jobs import JobView


class Chain:
    """One caller's hold on two jobs; ``then`` makes the second of the first one's id, in another thread."""

    def __init__(self, first: Following, then: Callable[[str], str], follow: Callable[[str], Following]) -> None:
        self._now = first
        self._then: Callable[[str], str] | None = then
        self._follow = follow
        self._request: Request | None = None
        self.first_id = first.job_id

    @property
    def job_id(self) -> str:
        """The job that runs now."""
        return self._now.job_id

    def listen(self, request: Request) -> None:
        """See ``Following.listen``."""
        self._request = request
        self._now.listen(request)

    def deafen(self) -> None:
        """See ``Following.deafen``."""
        self._request = None
        self._now.deafen()

    async def end(self, within_s: float) -> JobView | None:
        """Returns the second job once it has ended, or the first if it failed, None if that takes longer."""
        loop = asyncio.get_running_loop()
        until = loop.time() + within_s
        while True:
            view = await self._now.end(max(0.0, until - loop.time()))
            if view is None or view.status != "succeeded" or self._then is None:
                return view
            then, self._then = self._then, None
            second = await to_thread.run_sync(then, self.first_id)
            self._now.leave()
            self._now = self._follow(second)
            if self._request is not None:
                self._now.listen(self._request)

    def leave(self) -> None:
        """See ``Following.leave``."""
        self._now.leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.leave()
