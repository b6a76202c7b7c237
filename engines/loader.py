"""Loads models into their rooms, moves them, and ends them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from engines import device
from engines.base import ModelSpec, Place
from engines.errors import Stopped, WeightsMissing
from engines.process import EngineProcess, ShouldStop
from engines.rooms import Limits, OnWait, Process, Room, Table, Weights


@dataclass(frozen=True, slots=True)
class Outside:
    """What loading touches: processes, memory and time.

    ``start(spec, weights, place, should_stop)`` gives a process whose model is loaded; ``free_mib(device)`` is the
    memory free now or None.
    """

    start: Callable[[ModelSpec, Path, Place, ShouldStop], Process] = EngineProcess.start
    free_mib: Callable[[str], int | None] = device.free_mib
    clock: Callable[[], float] = time.monotonic


class Loader:
    """Brings the processes of rooms up, one at a time, and down again; ``table.changed`` must not be held."""

    def __init__(self, table: Table, store: Weights, machine: device.Machine, limits: Limits, outside: Outside) -> None:
        self.limits = limits
        self._table = table
        self._store = store
        self._machine = machine
        self._outside = outside
        self._loading = threading.Lock()

    @property
    def closed(self) -> bool:
        """Whether everything is being ended."""
        return self._table.closed.is_set()

    def ready(self, room: Room, on_wait: OnWait, should_stop: ShouldStop) -> Process:
        """Returns the room's process, and loads the model first where there is none; ``room.running`` is held."""
        if room.process is not None and room.process.alive:
            return room.process
        weights = self._store.find(room.spec)
        if weights is None:
            raise WeightsMissing(model=room.spec.title)
        on_wait("loading")
        while not self._loading.acquire(timeout=0.2):
            self._table.check(should_stop)
        try:
            self._table.check(should_stop)
            self._mark(room, "loading", None)
            process = self._outside.start(room.spec, weights, room.place, lambda: should_stop() or self.closed)
        except BaseException:
            self._mark(room, "waiting", None)
            raise
        finally:
            self._loading.release()
        self._mark(room, "ready", process)
        if self.closed:
            process.close()
            raise Stopped()
        return process

    def later_places(self, room: Room) -> tuple[Place, ...]:
        """Returns where the model could go from where it is, best first."""
        known = device.places(room.spec, self._machine, self.limits.threads)
        return known[known.index(room.place) + 1 :] if room.place in known else ()

    def others_idle(self, room: Room) -> bool:
        """Returns whether another model on the same device could be unloaded."""
        with self._table.changed:
            return bool(self._table.idle_beside(room))

    def evict_idle(self, room: Room) -> None:
        """Unloads every idle model on the device of ``room``."""
        with self._table.changed:
            idle = self._table.retire(self._table.idle_beside(room))
        self.unload(idle)

    def move(self, room: Room, place: Place) -> None:
        """Ends the room's process, so that the next run loads the model at ``place``; ``room.running`` is held."""
        self._end(room)
        with self._table.changed:
            room.place = place
            room.resident_mib = device.memory_of(room.spec, place.precision).resident_mib
            self._table.changed.notify_all()

    def unload(self, rooms: Sequence[Room]) -> None:
        """Ends retired rooms and takes them off the table; returns when their memory is back."""
        for room in rooms:
            self._end(room)
            with self._table.changed:
                if self._table.rooms.get(room.spec.name) is room:
                    del self._table.rooms[room.spec.name]
                self._table.changed.notify_all()

    def _end(self, room: Room) -> None:
        """Ends the process and waits until its memory is really back; a driver gives a GPU's back some time after the
        process is gone.
        """
        process, room.process = room.process, None
        if process is None:
            return
        free_mib, clock = self._outside.free_mib, self._outside.clock
        before = free_mib(room.place.device) if room.place.device != "cpu" else None
        process.close()
        if before is None:
            return
        wanted, until = before + room.resident_mib // 2, clock() + self.limits.memory_back_s
        while (free_mib(room.place.device) or wanted) < wanted and clock() < until:
            if self._table.closed.wait(0.1):
                return

    def _mark(self, room: Room, state: str, process: Process | None) -> None:
        rss_mib = process.rss_mib() if process is not None and room.place.device == "cpu" else 0
        with self._table.changed:
            room.state, room.process = state, process
            room.loaded_at = room.last_used = self._outside.clock()
            if rss_mib:
                room.resident_mib = rss_mib
            self._table.changed.notify_all()
