"""Tells screens which jobs have changed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Self

log = logging.getLogger(__name__)


class Events:
    """One hub for all changes of jobs; thread-safe.

    Changes are not queued one by one: a subscriber holds the set of jobs that changed since it last looked, so a slow
    page costs no memory and gets the newest state once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._subscriptions: set[Subscription] = set()
        self._by_job: dict[str, set[Subscription]] = {}

    def subscribe(self, job_ids: Iterable[str] | None = None, wake: Callable[[], None] | None = None) -> Subscription:
        """Opens a subscription to some jobs, or to all for None; the caller closes it.

        ``wake`` is called from the thread that made the change, at most once until ``take`` is called; it must return
        at once and not raise. An asyncio loop passes ``lambda: loop.call_soon_threadsafe(event.set)``.
        """
        subscription = Subscription(self, None if job_ids is None else frozenset(job_ids), wake)
        with self._lock:
            if subscription.job_ids is None:
                self._subscriptions.add(subscription)
            else:
                for job_id in subscription.job_ids:
                    self._by_job.setdefault(job_id, set()).add(subscription)
        return subscription

    def publish(self, *job_ids: str) -> None:
        """Tells all subscribers that these jobs have changed."""
        with self._lock:
            told: dict[Subscription, list[str]] = {}
            for job_id in job_ids:
                for subscription in self._subscriptions | self._by_job.get(job_id, set()):
                    told.setdefault(subscription, []).append(job_id)
        for subscription, changed in told.items():
            subscription._add(changed)

    def _forget(self, subscription: Subscription) -> None:
        with self._lock:
            self._subscriptions.discard(subscription)
            for job_id in subscription.job_ids or ():
                listeners = self._by_job.get(job_id)
                if listeners is not None:
                    listeners.discard(subscription)
                    if not listeners:
                        del self._by_job[job_id]


class Subscription:
    """The jobs that changed since the last ``take``; a context manager that closes itself."""

    def __init__(self, events: Events, job_ids: frozenset[str] | None, wake: Callable[[], None] | None) -> None:
        self.job_ids = job_ids
        self._events = events
        self._wake = wake
        self._changed: set[str] = set()
        self._ready = threading.Condition()
        self._closed = False

    def wait(self, timeout: float | None = None) -> set[str]:
        """Blocks until a job changes, the time (seconds) is over or ``close`` is called; then takes the changes."""
        with self._ready:
            self._ready.wait_for(lambda: bool(self._changed) or self._closed, timeout)
        return self.take()

    def take(self) -> set[str]:
        """Returns the jobs that changed since the last call, without waiting."""
        with self._ready:
            changed, self._changed = self._changed, set()
            return changed

    def close(self) -> None:
        """Ends the subscription and wakes whoever waits on it."""
        self._events._forget(self)
        with self._ready:
            self._closed = True
            self._ready.notify_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _add(self, job_ids: list[str]) -> None:
        with self._ready:
            if self._closed:
                return
            was_empty = not self._changed
            self._changed.update(job_ids)
            self._ready.notify_all()
        if was_empty and self._wake is not None:
            try:
                self._wake()
            except Exception:
                log.exception("a listener could not be woken")
