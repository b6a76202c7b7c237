"""Somebody who follows a live session: the latest state of what has changed since the last look."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any, Protocol

log = logging.getLogger(__name__)
LINES_AT_ONCE = 32


class Told(Protocol):
    """What a watch reads from its session; safe to call from any thread."""

    def lines(self, numbers: Iterable[int]) -> list[dict[str, Any]]: ...
    def lines_after(self, number: int, limit: int) -> list[dict[str, Any]]: ...
    def acknowledged(self) -> dict[str, Any]: ...
    def state(self) -> dict[str, Any]: ...
    def forget(self, watch: LiveWatch) -> None: ...


class LiveWatch:
    """Changes are not queued: it holds which lines changed, so a slow reader costs no memory and gets the newest.

    ``wake`` is called from the thread that made the change, at most once until ``take``; it must return at once. All
    lines there are come first. The caller closes it.
    """

    def __init__(self, told: Told, wake: Callable[[], None], from_start: bool = True) -> None:
        self._told = told
        self._wake = wake
        self._lock = threading.Lock()
        self._lines: set[int] = set()
        self._marks: set[str] = set()
        self._last: list[dict[str, Any]] = []
        self._next: int | None = 0 if from_start else None
        self._awake = False

    def add(self, lines: Iterable[int] = (), marks: Iterable[str] = ()) -> None:
        """Takes note of lines and of ``ack`` or ``state`` that have changed."""
        with self._lock:
            self._lines.update(lines)
            self._marks.update(marks)
            asleep, self._awake = not self._awake, True
        if asleep:
            self._call()

    def say(self, message: dict[str, Any]) -> None:
        """Hands over a message that must not be lost: an error, or the end."""
        with self._lock:
            self._last.append(message)
            asleep, self._awake = not self._awake, True
        if asleep:
            self._call()

    def take(self) -> list[dict[str, Any]]:
        """Returns what there is to tell; empty when all is told. Reads the database; call it until it is empty."""
        with self._lock:
            following = self._next
            lines, marks, last = self._lines, self._marks, self._last
            if following is not None:
                lines, last = set(), []
            else:
                self._lines, self._last = set(), []
            self._marks = set()
            self._awake = False
        found = self._told.lines_after(following - 1, LINES_AT_ONCE) if following is not None else []
        if following is not None:
            with self._lock:
                self._next = found[-1]["line"] + 1 if len(found) == LINES_AT_ONCE else None
                more = self._next is not None or bool(self._lines) or bool(self._last)
                self._awake = self._awake or more
            if more:
                self._call()
        else:
            found = self._told.lines(sorted(lines))
        if "ack" in marks:
            found.insert(0, self._told.acknowledged())
        if "state" in marks:
            found.append(self._told.state())
        return found + last

    def close(self) -> None:
        """Ends it."""
        self._told.forget(self)

    def _call(self) -> None:
        try:
            self._wake()
        except Exception:
            log.exception("a listener could not be woken")
