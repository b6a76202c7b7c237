"""Who gets a lease now, who waits, and what makes room for it."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from engines.errors import OutOfMemory
from engines.process import ShouldStop
from engines.residency.loader import Loader, Outside
from engines.residency.memory import Answer, Decision, Need, decide, leaks
from engines.residency.rooms import Ask, OnWait, Room, Table

log = logging.getLogger(__name__)


class Admission:
    """The line of those who wait for memory; carries out what ``engines.residency.memory.decide`` says."""

    def __init__(self, table: Table, loader: Loader, budgets: Mapping[str, int], outside: Outside) -> None:
        self._table = table
        self._loader = loader
        self._budgets = budgets
        self._outside = outside
        self._waiting: list[Ask] = []

    def acquire(self, ask: Ask, tell: OnWait, should_stop: ShouldStop) -> Room:
        """Waits until the ask fits, makes room for it, and returns its room with the memory held in it.

        Raises OutOfMemory where it can never fit, and Stopped.
        """
        with self._table.changed:
            self._waiting.append(ask)
        try:
            while True:
                self._table.check(should_stop)
                with self._table.changed:
                    decision = self._decide(ask)
                    granted = self._grant(ask) if decision.answer is Answer.GRANT else None
                    victims = [self._table.rooms[name] for name in decision.names]
                    if decision.answer is Answer.TOO_BIG:
                        victims = self._shrink(ask)
                    self._table.retire(victims)
                if granted is not None:
                    return granted
                self._loader.unload(victims)
                if decision.answer is Answer.WAIT:
                    if not ask.waited:
                        ask.waited = True
                        tell("memory")
                    with self._table.changed:
                        self._table.changed.wait(0.1)
        finally:
            with self._table.changed:
                self._waiting.remove(ask)
                self._table.changed.notify_all()

    def release(self, room: Room, working_mib: int) -> None:
        """Gives the memory of a lease back, and unloads the model where that was only waited for."""
        with self._table.changed:
            room.leases -= 1
            room.working_mib -= working_mib
            room.last_used = self._outside.clock()
            mine = self._table.rooms.get(room.spec.name) is room
            done = room.held().idle and mine and (room.doomed or _spent(room))
            gone = self._table.retire([room] if done else [])
            self._table.changed.notify_all()
        self._loader.unload(gone)

    def _decide(self, ask: Ask) -> Decision:
        need = self._need(ask)
        ahead = [self._need(other) for other in self._waiting[: self._waiting.index(ask)]]
        rules = self._loader.limits.rules
        return decide(self._table.held(), need, ahead, self._budget(need.device), self._outside.clock(), rules)

    def _shrink(self, ask: Ask) -> list[Room]:
        """Asks for less where even an empty device would not do: half the batch, then the next place.

        Returns what must be unloaded for it.
        """
        if ask.halve():
            return []
        room = self._table.rooms.get(ask.spec.name)
        if room is not None:
            return [room]
        if not ask.go_on():
            need = self._need(ask)
            need_mib, budget_mib = need.resident_mib + need.working_mib, self._budget(need.device)
            raise OutOfMemory(model=ask.spec.title, need_mib=need_mib, budget_mib=budget_mib)
        return []

    def _need(self, ask: Ask) -> Need:
        room = self._table.rooms.get(ask.spec.name)
        place = room.place if room is not None else ask.places[0]
        memory = self._loader.memory(ask.spec, place)
        return Need(ask.spec.name, place.device, memory.resident_mib, memory.working_mib(ask.batch))

    def _budget(self, name: str) -> int:
        """Returns the budget of a device, less where other programs hold its memory."""
        mine = sum(model.resident_mib for model in self._table.held() if model.device == name)
        free = self._outside.free_mib(name)
        budget = self._budgets.get(name, 0)
        return budget if free is None else min(budget, mine + free)

    def _grant(self, ask: Ask) -> Room:
        need = self._need(ask)
        room = self._table.rooms.get(ask.spec.name)
        if room is None:
            room = self._table.rooms[ask.spec.name] = Room(ask.spec, ask.places[0], resident_mib=need.resident_mib)
            room.choice = self._loader.guide.choice(ask.spec.name)
        room.leases += 1
        room.working_mib += need.working_mib
        room.most_working_mib = max(room.most_working_mib, room.working_mib)
        room.last_used = self._outside.clock()
        room.doomed = False
        ask.working_mib = need.working_mib
        return room


def _spent(room: Room) -> bool:
    """Tells whether a process that nobody uses any more should go: it is gone already, or it leaks."""
    if room.process is None or not room.process.alive:
        return True
    if room.place.device != "cpu" or not leaks(room.process.rss_mib(), room.loaded_mib, room.most_working_mib):
        return False
    log.warning("%s holds more memory than its work explains and is ended", room.spec.name)
    return True
