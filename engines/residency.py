"""Which models are in memory, who uses them, and when they go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engines import device
from engines.admission import Admission
from engines.base import ModelSpec, Place
from engines.lease import Lease
from engines.loader import Loader, Outside
from engines.memory import expired
from engines.process import EngineProcess, ShouldStop, never
from engines.rooms import Ask, Freed, Limits, OnWait, Process, Resident, Room, Table, Weights


class Residency:
    """Grants leases on models, loads them one at a time, and unloads them; every method may be called from any thread.

    ``start(spec, weights, place, should_stop)`` gives a process whose model is loaded; ``free_mib(device)`` is the
    memory free now or None. ``budget_mib`` is for all models in main memory together (None: three quarters of it); an
    idle model goes after ``keep_alive_s``.
    """

    def __init__(
        self,
        store: Weights,
        machine: device.Machine,
        budget_mib: int | None = None,
        keep_alive_s: float = 600.0,
        clock: Callable[[], float] = time.monotonic,
        start: Callable[[ModelSpec, Path, Place, ShouldStop], Process] = EngineProcess.start,
        *,
        limits: Limits | None = None,
        free_mib: Callable[[str], int | None] = device.free_mib,
    ) -> None:
        self.limits = limits or Limits()
        self._machine = machine
        self._keep_alive_s = keep_alive_s
        self._clock = clock
        outside = Outside(start, free_mib, clock)
        self._table = Table()
        self._loader = Loader(self._table, store, machine, self.limits, outside)
        self._admission = Admission(self._table, self._loader, device.budgets(machine, budget_mib), outside)
        self._keeper: threading.Thread | None = None

    @contextmanager
    def lease(
        self, spec: ModelSpec, batch: int = 1, on_wait: OnWait | None = None, should_stop: ShouldStop = never
    ) -> Iterator[Lease]:
        """Waits until the model and a run of ``batch`` items fit in memory, and holds that memory inside the ``with``.

        The model itself is loaded by the first run. Raises OutOfMemory where it can never fit, WeightsMissing, Stopped.
        """
        tell = on_wait or (lambda _: None)
        ask = Ask(spec, max(1, batch), list(device.places(spec, self._machine, self.limits.threads)))
        self._watch()
        room = self._admission.acquire(ask, tell, should_stop)
        try:
            yield Lease(self._loader, room, ask.batch, tell, ask.steps)
        finally:
            self._admission.release(room, ask.working_mib)

    def status(self) -> list[Resident]:
        """Returns the models in memory, by name."""
        with self._table.changed:
            now = self._clock()
            rooms = sorted(self._table.rooms.values(), key=lambda room: room.spec.name)
            return [_shown(room, now) for room in rooms]

    def unload(self, name: str) -> bool:
        """Unloads a model; one in use goes when its last lease ends. Returns whether it is gone now."""
        with self._table.changed:
            room = self._table.rooms.get(name)
            if room is None:
                return True
            if not room.held().idle:
                room.doomed = True
                return False
            gone = self._table.retire([room])
        self._loader.unload(gone)
        return True

    def clear(self) -> Freed:
        """Unloads every model that nobody uses, and returns when its memory is back."""
        before = self._rss_mib()
        with self._table.changed:
            rooms = list(self._table.rooms.values())
            held = tuple(sorted(room.spec.name for room in rooms if not room.held().idle))
            idle = self._table.retire([room for room in rooms if room.held().idle])
        self._loader.unload(idle)
        return Freed(before, self._rss_mib(), held)

    def tick(self) -> None:
        """Unloads what nobody has used for the keep-alive time, and what has died while idle."""
        with self._table.changed:
            rooms = self._table.rooms
            names = expired(self._table.held(), self._clock(), self._keep_alive_s)
            dead = [r.spec.name for r in rooms.values() if r.held().idle and r.process and not r.process.alive]
            gone = self._table.retire(rooms[name] for name in {*names, *dead})
        self._loader.unload(gone)

    def close(self) -> None:
        """Ends all models at once; runs end with Stopped, waiting leases too."""
        self._table.closed.set()
        with self._table.changed:
            rooms = list(self._table.rooms.values())
            self._table.changed.notify_all()
        for room in rooms:
            if room.process is not None:
                room.process.close()

    def _rss_mib(self) -> int:
        with self._table.changed:
            processes = [room.process for room in self._table.rooms.values() if room.process is not None]
        return sum(process.rss_mib() for process in processes)

    def _watch(self) -> None:
        """Starts the thread that looks for idle models; a program that runs no model has none."""
        with self._table.changed:
            if self._keeper is None and self.limits.tick_s is not None:
                self._keeper = threading.Thread(
                    target=self._keep, args=(self.limits.tick_s,), name="residency", daemon=True
                )
                self._keeper.start()

    def _keep(self, tick_s: float) -> None:
        while not self._table.closed.wait(tick_s):
            self.tick()


def _shown(room: Room, now: float) -> Resident:
    rss_mib = room.process.rss_mib() if room.process else 0
    idle_s = max(0.0, now - room.last_used)
    return Resident(room.spec.name, room.spec.title, room.state, room.place, rss_mib, room.leases, idle_s)
