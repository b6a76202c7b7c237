"""Which models are in memory, who uses them, and when they go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from engines import device
from engines.base import ModelSpec, Place
from engines.process import EngineProcess, ShouldStop, never
from engines.residency.admission import Admission
from engines.residency.guide import CatalogGuide, Guide
from engines.residency.lease import Lease
from engines.residency.loader import Loader, Outside
from engines.residency.memory import expired
from engines.residency.rooms import Ask, Freed, Limits, OnWait, Process, Resident, Room, Table, Weights


class Residency:
    """Grants leases on models, loads them one at a time, and unloads them; every method may be called from any thread.

    ``start(spec, weights, place, should_stop)`` gives a process whose model is loaded; ``free_mib(device)`` is the
    memory free now or None. ``budget_mib`` is for all models in main memory together (None: three quarters of it); an
    idle model goes after ``keep_alive_s``. ``guide`` knows what was chosen and measured for each model.
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
        used_mib: Callable[[str, int], int | None] = device.used_mib,
        guide: Guide | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.guide: Guide = guide or CatalogGuide()
        self._used_mib = used_mib
        self._keep_alive_s = keep_alive_s
        self._clock = clock
        outside = Outside(start, free_mib, clock, used_mib)
        self._table = Table()
        self._loader = Loader(self._table, store, machine, self.limits, outside, self.guide)
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
        places = self._loader.places(spec)
        ask = Ask(spec, max(1, min(batch, self.guide.most(spec, places[0]) or batch)), list(places))
        self._watch()
        room = self._admission.acquire(ask, tell, should_stop)
        try:
            if ask.waited:
                tell("granted")
            yield Lease(self._loader, room, ask.batch, tell, ask.steps)
        finally:
            self._admission.release(room, ask.working_mib)

    def load(self, spec: ModelSpec, on_wait: OnWait | None = None, should_stop: ShouldStop = never) -> None:
        """Loads a model before anybody needs it; it stays for its keep-alive time. Raises what a lease raises."""
        with self.lease(spec, 1, on_wait, should_stop) as lease:
            lease.load(should_stop)

    def places(self, spec: ModelSpec) -> tuple[Place, ...]:
        """Returns where a model would be loaded, best first."""
        return self._loader.places(spec)

    def refresh(self, name: str) -> None:
        """Takes up what the administrator chose anew; a loaded model moves to its new place when it is next loaded."""
        with self._table.changed:
            room = self._table.rooms.get(name)
            if room is not None:
                before, room.choice = room.choice, self.guide.choice(name)
                moved = (before.device, before.precision) != (room.choice.device, room.choice.precision)
                room.doomed = room.doomed or moved
        self.tick()

    def status(self) -> list[Resident]:
        """Returns the models in memory, by name."""
        with self._table.changed:
            now = self._clock()
            rooms = sorted(self._table.rooms.values(), key=lambda room: room.spec.name)
            shown = [_shown(room, now) for room in rooms]
        return [one if one.place.device == "cpu" or not one.pid else self._with_gpu(one) for one in shown]

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

    def clear(self, interrupt: bool = False) -> Freed:
        """Unloads every model that nobody uses and nobody pinned, and returns when its memory is back.

        Those in use give back what they keep for later, within a moment. With ``interrupt`` their processes are ended
        in the middle of their work, which is then done again from its last finished item.
        """
        before = self._rss_mib()
        with self._table.changed:
            rooms = list(self._table.rooms.values())
            idle = self._table.retire([room for room in rooms if room.held().idle and not room.choice.pinned])
            kept = [room for room in rooms if room not in idle]
            working = [room for room in kept if room.process is not None]
            for room in working:
                room.interrupted = interrupt and not room.held().idle
        for process, ended in [(room.process, room.interrupted) for room in working]:
            if process is not None:
                process.close() if ended else process.trim()
        self._loader.unload(idle)
        if working:
            self._table.closed.wait(self.limits.trim_s)
        pinned = tuple(sorted(room.spec.name for room in kept if room.held().idle))
        return Freed(before, self._rss_mib(), tuple(sorted(r.spec.name for r in kept if not r.held().idle)), pinned)

    def tick(self) -> None:
        """Unloads what nobody has used for the keep-alive time, and what has died while idle."""
        with self._table.changed:
            rooms = self._table.rooms
            names = expired(self._table.held(), self._clock(), self._keep_alive_s)
            dead = [r.spec.name for r in rooms.values() if r.held().idle and (r.doomed or _is_dead(r))]
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

    def _with_gpu(self, one: Resident) -> Resident:
        return replace(one, gpu_mib=self._used_mib(one.place.device, one.pid or 0))

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
    process = room.process
    return Resident(
        room.spec.name,
        room.spec.title,
        room.state,
        room.place,
        process.rss_mib() if process else 0,
        room.leases,
        max(0.0, now - room.last_used),
        pid=process.pid if process else None,
        pinned=room.choice.pinned,
        leaving=room.doomed,
    )


def _is_dead(room: Room) -> bool:
    """Tells whether the process of an idle model ended by itself."""
    return room.process is not None and not room.process.alive
