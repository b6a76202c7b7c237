"""Which models are in memory, who uses them, and when they go."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from engines import device
from engines.base import ModelSpec, Place
from engines.errors import OutOfMemory, Stopped, WeightsMissing
from engines.lease import Lease
from engines.memory import Answer, Decision, Held, Need, Step, decide, expired
from engines.process import EngineProcess, ShouldStop, never
from engines.rooms import Ask, Freed, Limits, OnWait, Process, Resident, Room, Weights


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
        self._store = store
        self._machine = machine
        self.limits = limits or Limits()
        self._budgets = device.budgets(machine, budget_mib)
        self._keep_alive_s = keep_alive_s
        self._clock = clock
        self._start = start
        self._free_mib = free_mib
        self._rooms: dict[str, Room] = {}
        self._waiting: list[Ask] = []
        self._changed = threading.Condition()
        self._loading = threading.Lock()
        self._closed = threading.Event()
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
        room = self._acquire(ask, tell, should_stop)
        try:
            yield Lease(self, room, ask.batch, tell, ask.steps)
        finally:
            self._release(room, ask.working_mib)

    def status(self) -> list[Resident]:
        """Returns the models in memory, by name."""
        with self._changed:
            now = self._clock()
            rooms = sorted(self._rooms.values(), key=lambda room: room.spec.name)
            return [
                Resident(
                    room.spec.name,
                    room.spec.title,
                    room.state,
                    room.place,
                    room.process.rss_mib() if room.process else 0,
                    room.leases,
                    max(0.0, now - room.last_used),
                )
                for room in rooms
            ]

    def unload(self, name: str) -> bool:
        """Unloads a model; one in use goes when its last lease ends. Returns whether it is gone now."""
        with self._changed:
            room = self._rooms.get(name)
            if room is None:
                return True
            if not room.held().idle:
                room.doomed = True
                return False
            room.state = "unloading"
        self._unload([room])
        return True

    def clear(self) -> Freed:
        """Unloads every model that nobody uses, and returns when its memory is back."""
        before = self._rss_mib()
        with self._changed:
            idle = [room for room in self._rooms.values() if room.held().idle]
            held = tuple(sorted(room.spec.name for room in self._rooms.values() if not room.held().idle))
            for room in idle:
                room.state = "unloading"
        self._unload(idle)
        return Freed(before, self._rss_mib(), held)

    def tick(self) -> None:
        """Unloads what nobody has used for the keep-alive time, and what has died while idle."""
        with self._changed:
            names = expired([room.held() for room in self._rooms.values()], self._clock(), self._keep_alive_s)
            dead = [r.spec.name for r in self._rooms.values() if r.held().idle and r.process and not r.process.alive]
            gone = [self._rooms[name] for name in {*names, *dead}]
            for room in gone:
                room.state = "unloading"
        self._unload(gone)

    def close(self) -> None:
        """Ends all models at once; runs end with Stopped, waiting leases too."""
        self._closed.set()
        with self._changed:
            rooms = list(self._rooms.values())
            self._changed.notify_all()
        for room in rooms:
            if room.process is not None:
                room.process.close()

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called."""
        return self._closed.is_set()

    # What follows is for Lease.

    def ready(self, room: Room, on_wait: OnWait, should_stop: ShouldStop) -> Process:
        """Returns the room's process, and loads the model first where there is none; ``room.running`` is held."""
        if room.process is not None and room.process.alive:
            return room.process
        weights = self._store.find(room.spec)
        if weights is None:
            raise WeightsMissing(model=room.spec.title)
        on_wait("loading")
        while not self._loading.acquire(timeout=0.2):
            self._check(should_stop)
        try:
            self._check(should_stop)
            self._mark(room, "loading", None)
            process = self._start(room.spec, weights, room.place, lambda: should_stop() or self.closed)
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
        with self._changed:
            return any(self._beside(room))

    def evict_idle(self, room: Room) -> None:
        """Unloads every idle model on the device of ``room``."""
        with self._changed:
            idle = list(self._beside(room))
            for other in idle:
                other.state = "unloading"
        self._unload(idle)

    def move(self, room: Room, place: Place) -> None:
        """Ends the room's process, so that the next run loads the model at ``place``; ``room.running`` is held."""
        self._end(room)
        with self._changed:
            room.place = place
            room.resident_mib = device.memory_of(room.spec, place.precision).resident_mib
            self._changed.notify_all()

    def _beside(self, room: Room) -> Iterator[Room]:
        for other in self._rooms.values():
            if other is not room and other.held().idle and other.place.device == room.place.device:
                yield other

    def _mark(self, room: Room, state: str, process: Process | None) -> None:
        rss_mib = process.rss_mib() if process is not None and room.place.device == "cpu" else 0
        with self._changed:
            room.state, room.process = state, process
            room.loaded_at = room.last_used = self._clock()
            if rss_mib:
                room.resident_mib = rss_mib
            self._changed.notify_all()

    def _check(self, should_stop: ShouldStop) -> None:
        if self.closed or should_stop():
            raise Stopped()

    def _acquire(self, ask: Ask, tell: OnWait, should_stop: ShouldStop) -> Room:
        told = False
        with self._changed:
            self._waiting.append(ask)
            self._watch()
        try:
            while True:
                self._check(should_stop)
                with self._changed:
                    decision = self._decide(ask)
                    if decision.answer is Answer.GRANT:
                        return self._grant(ask)
                    victims = [self._rooms[name] for name in decision.names]
                    if decision.answer is Answer.TOO_BIG:
                        victims = self._shrink(ask)
                    for room in victims:
                        room.state = "unloading"
                self._unload(victims)
                if decision.answer is Answer.WAIT:
                    if not told:
                        told = True
                        tell("memory")
                    with self._changed:
                        self._changed.wait(0.1)
        finally:
            with self._changed:
                self._waiting.remove(ask)
                self._changed.notify_all()

    def _shrink(self, ask: Ask) -> list[Room]:
        """Asks for less where even an empty device would not do: half the batch, then the next place.

        Returns what must be unloaded for it.
        """
        room = self._rooms.get(ask.spec.name)
        if ask.batch > 1:
            ask.batch //= 2
            ask.steps.append(Step.HALVE_BATCH)
        elif room is not None:
            return [room]
        elif len(ask.places) > 1:
            left = ask.places.pop(0)
            ask.steps.append(Step.LOWER_PRECISION if ask.places[0].device == left.device else Step.CPU)
        else:
            need = self._need(ask)
            budget = self._budget(need.device, [room.held() for room in self._rooms.values()])
            raise OutOfMemory(model=ask.spec.title, need_mib=need.resident_mib + need.working_mib, budget_mib=budget)
        return []

    def _need(self, ask: Ask) -> Need:
        room = self._rooms.get(ask.spec.name)
        place = room.place if room is not None else ask.places[0]
        memory = device.memory_of(ask.spec, place.precision)
        return Need(ask.spec.name, place.device, memory.resident_mib, memory.working_mib(ask.batch))

    def _decide(self, ask: Ask) -> Decision:
        need = self._need(ask)
        held = [room.held() for room in self._rooms.values()]
        ahead = [self._need(other) for other in self._waiting[: self._waiting.index(ask)]]
        return decide(held, need, ahead, self._budget(need.device, held), self._clock(), self.limits.rules)

    def _budget(self, name: str, held: Sequence[Held]) -> int:
        """Returns the budget of a device, less where other programs hold its memory."""
        mine = sum(model.resident_mib for model in held if model.device == name)
        free = self._free_mib(name)
        budget = self._budgets.get(name, 0)
        return budget if free is None else min(budget, mine + free)

    def _grant(self, ask: Ask) -> Room:
        need = self._need(ask)
        room = self._rooms.get(ask.spec.name)
        if room is None:
            room = self._rooms[ask.spec.name] = Room(ask.spec, ask.places[0], resident_mib=need.resident_mib)
        room.leases += 1
        room.working_mib += need.working_mib
        room.last_used = self._clock()
        room.doomed = False
        ask.working_mib = need.working_mib
        return room

    def _release(self, room: Room, working_mib: int) -> None:
        with self._changed:
            room.leases -= 1
            room.working_mib -= working_mib
            room.last_used = self._clock()
            empty = room.process is None or not room.process.alive
            gone = room.held().idle and (room.doomed or empty) and self._rooms.get(room.spec.name) is room
            if gone:
                room.state = "unloading"
            self._changed.notify_all()
        if gone:
            self._unload([room])

    def _unload(self, rooms: Sequence[Room]) -> None:
        for room in rooms:
            self._end(room)
            with self._changed:
                if self._rooms.get(room.spec.name) is room:
                    del self._rooms[room.spec.name]
                self._changed.notify_all()

    def _end(self, room: Room) -> None:
        """Ends the process and waits until its memory is really back; a driver gives a GPU's back some time after the
        process is gone.
        """
        process, room.process = room.process, None
        if process is None:
            return
        before = self._free_mib(room.place.device) if room.place.device != "cpu" else None
        process.close()
        if before is None:
            return
        wanted, until = before + room.resident_mib // 2, self._clock() + self.limits.memory_back_s
        while (self._free_mib(room.place.device) or wanted) < wanted and self._clock() < until:
            if self._closed.wait(0.1):
                return

    def _rss_mib(self) -> int:
        with self._changed:
            processes = [room.process for room in self._rooms.values() if room.process is not None]
        return sum(process.rss_mib() for process in processes)

    def _watch(self) -> None:
        if self._keeper is None and self.limits.tick_s is not None:
            self._keeper = threading.Thread(
                target=self._keep, args=(self.limits.tick_s,), name="residency", daemon=True
            )
            self._keeper.start()

    def _keep(self, tick_s: float) -> None:
        while not self._closed.wait(tick_s):
            self.tick()
