"""Entries in the table of models in memory, and what they need of their surroundings."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from engines.base import ModelSpec, Place, Report
from engines.memory import Held, Rules, Step
from engines.process import ShouldStop

OnWait = Callable[[str], None]
"""Told why a lease is not granted yet: ``memory`` (others hold it) or ``loading`` (the model is being loaded)."""


class Process(Protocol):
    """What Residency needs of an engine process; ``EngineProcess`` is one."""

    @property
    def alive(self) -> bool: ...
    def run(
        self, batch: Sequence[Any], report: Report, should_stop: ShouldStop = ..., timeout_s: float | None = ...
    ) -> list[dict[str, Any]]: ...
    def free_cache(self) -> None: ...
    def rss_mib(self) -> int: ...
    def close(self) -> None: ...


class Weights(Protocol):
    """Where weights are found; ``engines.store.Store`` is one."""

    def find(self, spec: ModelSpec) -> Path | None: ...


@dataclass(frozen=True, slots=True)
class Resident:
    """One model in memory, as it is shown: ``state`` is ``waiting`` (not loaded yet), ``loading``, ``ready`` or
    ``unloading``.
    """

    name: str
    title: str
    state: str
    place: Place
    rss_mib: int
    leases: int
    idle_s: float


@dataclass(frozen=True, slots=True)
class Freed:
    """Memory of all engine processes before and after, and the models that stay because they are in use."""

    before_mib: int
    after_mib: int
    held: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that bound what residency waits for.

    A run is hung after ``hang_s`` without any result. After an unload the GPU's memory is back within
    ``memory_back_s``. ``tick_s`` is how often idle models are looked for, None never. ``threads`` are those of a model
    on the CPU, None all (at most eight).
    """

    hang_s: float = 900.0
    memory_back_s: float = 10.0
    tick_s: float | None = 5.0
    threads: int | None = None
    rules: Rules = field(default_factory=Rules)


@dataclass(slots=True, eq=False)
class Room:
    """A model's entry in the table.

    ``running`` is held by whoever runs, loads or moves it; the rest by the table's lock.
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
        )


@dataclass(slots=True, eq=False)
class Ask:
    """A request for a lease on its way; it shrinks while it does not fit."""

    spec: ModelSpec
    batch: int
    places: list[Place]
    steps: list[Step] = field(default_factory=list)
    working_mib: int = 0
