"""Leaves a server alone for a while that has failed several times: pure, but for the clock that is passed in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

FAILURES = 3
REST_S = 30.0


Reason = TypeVar("Reason")


class Circuit(Generic[Reason]):
    """Counts failures one after another; once there are enough, calls are refused until the rest is over.

    The first call after it is the trial: when that fails too, the next rest begins. ``clock`` is in seconds, ``reason``
    is that of the last failure.
    """

    def __init__(self, clock: Callable[[], float], failures: int = FAILURES, rest_s: float = REST_S) -> None:
        self.reason: Reason | None = None
        self._clock = clock
        self._most = failures
        self._rest_s = rest_s
        self._failures = 0
        self._until = float("-inf")

    def rests_s(self) -> float:
        """Returns how many seconds calls are still refused, 0 when they may be made."""
        return max(0.0, self._until - self._clock())

    def failed(self, reason: Reason) -> None:
        """Counts a failure."""
        self.reason = reason
        self._failures += 1
        if self._failures >= self._most:
            self._until = self._clock() + self._rest_s

    def worked(self) -> None:
        """Forgets all failures."""
        self._failures = 0
        self._until = float("-inf")
