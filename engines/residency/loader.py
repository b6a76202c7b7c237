"""Loads models into their rooms, moves them, and ends them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from engines import device
from engines.base import Memory, ModelSpec, Place
from engines.errors import Stopped, WeightsMissing
from engines.process import EngineProcess, ShouldStop
from engines.profiles import Fit, fit, precisions
from engines.residency.guide import Guide
from engines.residency.rooms import Limits, OnWait, Process, Room, Table, Weights


@dataclass(frozen=True, slots=True)
class Outside:
    """What loading touches: processes, memory and time.

    ``start(spec, weights, place, should_stop)`` gives a process whose model is loaded; ``free_mib(device)`` is the
    memory free now or None; ``used_mib(device, pid)`` is what one process holds, or None.
    """

    start: Callable[[ModelSpec, Path, Place, ShouldStop], Process] = EngineProcess.start
    free_mib: Callable[[str], int | None] = device.free_mib
    clock: Callable[[], float] = time.monotonic
    used_mib: Callable[[str, int], int | None] = device.used_mib


class Loader:
    """Brings the processes of rooms up, one at a time, and down again; ``table.changed`` must not be held."""

    def __init__(
        self, table: Table, store: Weights, machine: device.Machine, limits: Limits, outside: Outside, guide: Guide
    ) -> None:
        self.limits = limits
        self.guide = guide
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
            free_before = self._free(room)
            process = self._outside.start(room.spec, weights, room.place, lambda: should_stop() or self.closed)
        except BaseException:
            self._mark(room, "waiting", None)
            raise
        finally:
            self._loading.release()
        self._mark(room, "ready", process, free_before)
        if self.closed:
            process.close()
            raise Stopped()
        on_wait("loaded")
        return process

    def memory_mib(self, room: Room) -> tuple[int, int]:
        """Returns what a room's process holds now where it computes, and the most since it was loaded; 0 unknown."""
        process = room.process
        if process is None:
            return 0, 0
        if room.place.device == "cpu":
            return process.rss_mib(), max(process.peak_mib(), process.rss_mib())
        used = self._outside.used_mib(room.place.device, process.pid) if process.pid else None
        return used or 0, used or 0

    def later_places(self, room: Room) -> tuple[Place, ...]:
        """Returns where the model could go from where it is, best first."""
        known = self.places(room.spec)
        return known[known.index(room.place) + 1 :] if room.place in known else ()

    def places(self, spec: ModelSpec) -> tuple[Place, ...]:
        """Returns where a model may be loaded, best first, without those where even one item ran out of memory.

        Where the administrator did not choose a precision, a card too small for a good batch gets a lower one at once.
        """
        choice = self.guide.choice(spec.name)
        known = device.places(spec, self._machine, self.limits.threads, choice)
        if choice.precision is None and known[0].device != "cpu":
            fitted = self._fit(spec, known[0])
            if fitted is not None and fitted.precision != known[0].precision:
                choice = replace(choice, device=known[0].device, precision=fitted.precision)
                known = device.places(spec, self._machine, self.limits.threads, choice)
        return tuple(place for place in known if self.guide.most(spec, place) != 0) or known[-1:]

    def _fit(self, spec: ModelSpec, place: Place) -> Fit | None:
        """Returns how a model would run best within the whole memory of a GPU."""
        budget_mib = device.budgets(self._machine)[place.device]
        tried = [p for p in precisions(place.device) if p in device.options(spec, self._machine)[place.device]]
        return fit(spec, budget_mib, lambda spec, p: self.memory(spec, replace(place, precision=p)), tried)

    def memory(self, spec: ModelSpec, place: Place) -> Memory:
        """Returns what a model needs at a place."""
        return self.guide.memory(spec, place)

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
            room.resident_mib = self.memory(room.spec, place).resident_mib
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
        before = self._free(room)
        process.close()
        if before is None:
            return
        wanted, until = before + room.resident_mib // 2, clock() + self.limits.memory_back_s
        while (free_mib(room.place.device) or wanted) < wanted and clock() < until:
            if self._table.closed.wait(0.1):
                return

    def _mark(self, room: Room, state: str, process: Process | None, free_before: int | None = None) -> None:
        held_mib = self._held(room, process, free_before) if process is not None else 0
        with self._table.changed:
            room.state, room.process = state, process
            room.loaded_at = room.last_used = self._outside.clock()
            room.loaded_mib, room.most_working_mib, room.interrupted = held_mib, room.working_mib, False
            if held_mib:
                room.resident_mib = held_mib
            self._table.changed.notify_all()

    def _free(self, room: Room) -> int | None:
        return None if room.place.device == "cpu" else self._outside.free_mib(room.place.device)

    def _held(self, room: Room, process: Process, free_before: int | None) -> int:
        """Returns what a model that was just loaded holds where it computes, 0 where that cannot be known.

        In a container the driver's process numbers are others than ours: there the free memory before and after tells.
        """
        if room.place.device == "cpu":
            return process.rss_mib()
        told = self._outside.used_mib(room.place.device, process.pid) if process.pid else None
        if told is None and free_before is not None:
            told = free_before - (self._free(room) or free_before)
        return max(0, told or 0)
