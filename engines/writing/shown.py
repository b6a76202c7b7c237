"""How often a person is shown what is being written."""

from __future__ import annotations

from collections.abc import Callable

from engines.base import Report
from engines.requests_writing import Partial
from engines.writing.unfolding import Unfolding

EVERY_S = 0.08
"""Twelve times a second looks like flowing; each time the whole text so far is sent."""


class Shown:
    """Reports what there is of one item, at once at first and then not too often; ``clock`` is in seconds.

    Reporting is also how an engine hears that it is to stop: ``tell`` raises Stopped then.
    """

    def __init__(self, report: Report, index: int, clock: Callable[[], float]) -> None:
        self._report = report
        self._index = index
        self._clock = clock
        self._last: float | None = None

    def tell(self, unfolding: Unfolding) -> None:
        """Reports the text so far if it is time to."""
        now = self._clock()
        if self._last is not None and now - self._last < EVERY_S:
            return
        self._last = now
        part: Partial = {"partial": unfolding.text, "reasoning": unfolding.reasoning}
        self._report(self._index, dict(part))
