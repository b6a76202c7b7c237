"""What has been handed to a session's thread and not been done yet."""

from __future__ import annotations

import threading
from collections import deque
from typing import Any

from media.audio import BYTES_A_SAMPLE, SAMPLE_RATE

SOUND = "sound"


class Orders:
    """Orders in the order in which they came, each ``(kind, *values)``; thread-safe."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._orders: deque[tuple[Any, ...]] = deque()
        self._n_bytes = 0
        self._woken = False

    def put(self, *order: Any) -> None:
        """Adds one; ``("sound", number, samples)`` counts as backlog until it is taken."""
        with self._changed:
            if order[0] == SOUND:
                self._n_bytes += len(order[2])
            self._orders.append(order)
            self._changed.notify_all()

    def wake(self) -> None:
        """Makes ``take`` return."""
        with self._changed:
            self._woken = True
            self._changed.notify_all()

    def take(self, timeout_s: float) -> list[tuple[Any, ...]]:
        """Waits for orders, and returns all."""
        with self._changed:
            self._changed.wait_for(lambda: bool(self._orders) or self._woken, timeout_s)
            self._woken = False
            orders = list(self._orders)
            self._orders.clear()
            return orders

    def done(self, samples: bytes) -> None:
        """Takes sound out of the backlog."""
        with self._changed:
            self._n_bytes -= len(samples)

    @property
    def backlog_s(self) -> float:
        """Seconds of sound that came and are not on disk yet."""
        return self._n_bytes / BYTES_A_SAMPLE / SAMPLE_RATE
