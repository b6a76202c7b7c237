"""The table of models in memory, its entries, and what they need of their surroundings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from engines.base import ModelSpec, Place, Report
from engines.errors import Stopped
from engines.places import Choice
from engines.process import ShouldStop
from engines.residency.memory import Held, Rules, Step

OnWait = Callable[[str], None]
"""Told why a lease is not granted yet: ``memory`` (others hold it) or ``loading`` (the model is being loaded), and
``granted`` or ``loaded`` when that is over.
"""


class Process(Protocol):
    """What Residency needs of an engine process; ``EngineProcess`` is one."""

    @property
    def alive(self) -> bool: ...
    def run(
        self,
        batch: Sequence[Any],
        report: Report,
        should_stop: ShouldStop = ...,
        timeout_s: float | None = ...,
        gives_way: ShouldStop = ...,
    ) -> list[dict[str, Any]]: ...
    @property
    def pid(self) -> int | None: ...
    def free_cache(self) -> None: ...
    def trim(self) -> None: ...
    def rss_mib(self) -> int: ...
    def peak_mib(self) -> int: ...
    def close(self) -> None: ...


class Weights(Protocol):
    """Where weights are found; ``engines.store.store.Store`` is one."""

    def find(self, spec: ModelSpec) -> Path | None: ...


@dataclass(frozen=True, slots=True)
class Resident:
    """One model in memory, as it is shown: ``state`` is ``waiting`` (not loaded yet), ``loading``, ``ready`` or
    ``unloading``.

    ``rss_mib`` is main memory, ``gpu_mib`` that of the GPU, None on the CPU and where the driver does not say.
    ``leaving`` ones end with their last lease.
    """

    name: str
    title: str
    state: str
    place: Place
    rss_mib: int
    leases: int
    idle_s: float
    pid: int | None = None
    gpu_mib: int | None = None
    pinned: bool = False
    leaving: bool = False

    @property
    def held_mib(self) -> int:
        """The memory it holds where it computes."""
        return self.rss_mib if self.gpu_mib is None else self.gpu_mib


@dataclass(frozen=True, slots=True)
class Freed:
    """Memory of all engine processes before and after, and the models that stay because they are in use or pinned."""

    before_mib: int
    after_mib: int
    held: tuple[str, ...]
    pinned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that bound what residency waits for.

    A run is hung after ``hang_s`` without any result. After an unload the GPU's memory is back within
    ``memory_back_s``; models in use are given ``trim_s`` to give back what they keep. ``tick_s`` is how often idle
    models are looked for, None never. ``threads`` are those of a model on the CPU, None all (at most eight).
    """

    hang_s: float = 900.0
    memory_back_s: float = 10.0
    trim_s: float = 0.5
    tick_s: float | None = 5.0
    threads: int | None = None
    rules: Rules = field(default_factory=Rules)


@dataclass(slots=True, eq=False)
class Room:
    """A model's entry in the table.

    ``running`` is held by whoever runs, loads or moves it; the rest by the table's lock. ``loaded_mib`` is what it held
    when it was loaded, ``most_working_mib`` the largest working memory it was granted. ``interrupted`` tells the lease
    that its process was ended on purpose.
    """

    spec: ModelSpec
    place: Place
    state: str = "waiting"
    process: Process | None = None
    leases: int = 0
    working_mib: int = 0
    resident_mib: int = 0
    loaded_at: float = 0.0
    last_used: float = 0.0
    doomed: bool = False
    interrupted: bool = False
    loaded_mib: int = 0
    most_working_mib: int = 0
    choice: Choice = field(default_factory=Choice)
    running: threading.Lock = field(default_factory=threading.Lock)

    def held(self) -> Held:
        """Returns the entry as a value for decisions."""
        busy = self.state in ("loading", "unloading")
        return Held(
            self.spec.name,
            self.place.device,
            self.resident_mib,
            self.working_mib,
            self.leases,
            self.loaded_at,
            self.last_used,
            busy,
            self.choice.pinned,
            self.choice.keep_alive_s,
        )


class Table:
    """The rooms by the names of their models.

    ``changed`` is its lock, held by whoever reads or changes it, and told of every change. ``closed`` is set once and
    for all.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.closed = threading.Event()
        self.rooms: dict[str, Room] = {}

    def held(self) -> list[Held]:
        """Returns all rooms as values for decisions."""
        return [room.held() for room in self.rooms.values()]

    def idle_beside(self, room: Room) -> list[Room]:
        """Returns the other rooms on the same device that nobody uses."""
        others = (other for other in self.rooms.values() if other is not room)
        return [other for other in others if other.held().idle and other.place.device == room.place.device]

    def retire(self, rooms: Iterable[Room]) -> list[Room]:
        """Keeps everybody else away from rooms that are about to be unloaded, and returns them."""
        retired = list(rooms)
        for room in retired:
            room.state = "unloading"
        return retired

    def check(self, should_stop: ShouldStop) -> None:
        """Raises Stopped where the caller stops or everything is closed; needs no lock."""
        if self.closed.is_set() or should_stop():
            raise Stopped()


@dataclass(slots=True, eq=False)
class Ask:
    """A request for a lease on its way; it shrinks while it does not fit."""

    spec: ModelSpec
    batch: int
    places: list[Place]
    steps: list[Step] = field(default_factory=list)
    working_mib: int = 0
    waited: bool = False

    def halve(self) -> bool:
        """Asks for half the batch; returns whether there was something to halve."""
        if self.batch <= 1:
            return False
        self.batch //= 2
        self.steps.append(Step.HALVE_BATCH)
        return True

    def go_on(self) -> bool:
        """Asks for the next place; returns whether there is one."""
        if len(self.places) <= 1:
            return False
        left = self.places.pop(0)
        self.steps.append(Step.LOWER_PRECISION if self.places[0].device == left.device else Step.CPU)
        return True
