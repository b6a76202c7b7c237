"""What models need and manage on this machine: measured, learned from work, or the catalog's first guess."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from engines.base import Memory, ModelSpec, Place
from engines.device import Machine, memory_of
from engines.hardware import hardware_of, library_version, processor_name, revision_of
from engines.places import Choice
from media.errors import WorkbenchError
from workbench.history.history import History
from workbench.history.measured import Measurement, Subject

log = logging.getLogger(__name__)
LIMIT_HOLDS_S = 7 * 24 * 3600.0
"""A batch that ran out of memory is tried again after so long: what else held the memory may be gone."""
_WEIGHT = 0.1
"""What one batch of real work counts against all that is known of a speed."""
_GOOD_ENOUGH = 0.95


@dataclass(frozen=True, slots=True)
class Seen:
    """One batch of real work: its size, seconds of sound a second, and the most memory held, in MiB or 0."""

    batch: int
    realtime_x: float
    peak_mib: int = 0


class Measured:
    """The ``Guide`` of this data folder; reads the database once and writes through, from any thread."""

    def __init__(
        self,
        history: History,
        machine: Machine,
        processor: Callable[[], str] = processor_name,
        library: Callable[[str], str] = library_version,
    ) -> None:
        self._history = history
        self._machine = machine
        self._processor = processor()
        self._library = library
        self._versions: dict[str, str] = {}
        self._lock = threading.Lock()
        self._choices = history.choices()
        self._found = history.measurements()
        self._limits = history.batch_limits()

    # For residency

    def choice(self, name: str) -> Choice:
        """Returns what the administrator chose for a model."""
        with self._lock:
            return self._choices.get(name, Choice())

    def memory(self, spec: ModelSpec, place: Place) -> Memory:
        """Returns what was measured, else the catalog's first guess."""
        found = self.found(spec, place)
        return found.memory if found is not None else memory_of(spec, place.precision)

    def most(self, spec: ModelSpec, place: Place) -> int | None:
        """Returns the largest batch that fits, None where nothing is known or it was long ago."""
        with self._lock:
            known = self._limits.get((spec.name, self._hardware(place), place.precision))
        if known is None or self._history.clock() - known[1] > LIMIT_HOLDS_S:
            return None
        return known[0]

    def learn_limit(self, spec: ModelSpec, place: Place, batch: int) -> None:
        """Keeps a limit; where it cannot be written it holds until the end of the program."""
        key = spec.name, self._hardware(place), place.precision
        with self._lock:
            self._limits[key] = (batch, self._history.clock())
        self._write(lambda: self._history.set_batch_limit(*key, batch))

    # For screens and schedulers

    def now(self) -> float:
        """Returns the time, in seconds since 1970, as the database writes it."""
        return self._history.clock()

    def found(self, spec: ModelSpec, place: Place) -> Measurement | None:
        """Returns what was measured of these weights with this library on this hardware."""
        with self._lock:
            return self._found.get(self._subject(spec, place))

    def choose(self, name: str, choice: Choice) -> None:
        """Keeps what the administrator chose."""
        self._history.set_choice(name, choice)
        with self._lock:
            self._choices[name] = choice

    def pinned(self) -> list[str]:
        """Returns the models that are to be in memory all the time."""
        with self._lock:
            return [name for name, choice in self._choices.items() if choice.pinned]

    def forget_limits(self, name: str) -> None:
        """Lets a model try larger batches again."""
        self._history.forget_batch_limits(name)
        with self._lock:
            self._limits = {key: limit for key, limit in self._limits.items() if key[0] != name}

    def keep(self, spec: ModelSpec, place: Place, found: Measurement) -> None:
        """Keeps a new measurement."""
        subject = self._subject(spec, place)
        with self._lock:
            self._found[subject] = found
        self._history.set_measurement(subject, found)

    def saw(self, spec: ModelSpec, place: Place, seen: Seen) -> None:
        """Learns from a batch of real work, where the model was measured before."""
        before = self.found(spec, place)
        if before is None:
            return
        subject, after = self._subject(spec, place), learned(before, seen)
        with self._lock:
            self._found[subject] = after
        self._write(lambda: self._history.set_measurement(subject, after))

    def best_batch(self, spec: ModelSpec, place: Place, usual: int) -> int:
        """Returns how many chunks should run together: what measured well and fits, at most ``usual``."""
        found = self.found(spec, place)
        size = best_batch(found.speeds, usual) if found else usual
        return max(1, min(size, self.most(spec, place) or size))

    def _hardware(self, place: Place) -> str:
        return hardware_of(place, self._machine.gpus, self._processor)

    def _subject(self, spec: ModelSpec, place: Place) -> Subject:
        return Subject(
            spec.name, revision_of(spec), self._version(spec.library), self._hardware(place), place.precision
        )

    def _version(self, library: str) -> str:
        """Returns a library with its version, looked for once it is installed: that takes milliseconds each time."""
        if library not in self._versions:
            found = self._library(library)
            if found == library:
                return found
            self._versions[library] = found
        return self._versions[library]

    def _write(self, write: Callable[[], None]) -> None:
        try:
            write()
        except WorkbenchError as error:
            log.warning("what was learned could not be written: %s", error)


def learned(before: Measurement, seen: Seen) -> Measurement:
    """Returns a measurement after one more batch: speeds follow slowly, memory grows at once."""
    speeds = dict(before.speeds)
    nearest = min(speeds, key=lambda size: abs(size - seen.batch), default=seen.batch)
    known = speeds.get(nearest, seen.realtime_x)
    speeds[nearest] = round(known + (seen.realtime_x - known) * _WEIGHT, 3)
    memory = before.memory
    over = seen.peak_mib - memory.resident_mib - memory.working_mib(seen.batch)
    if over > 0:
        more = -(-over // seen.batch)
        memory = replace(memory, working_item_mib=memory.working_item_mib + more)
    return replace(before, speeds=speeds, memory=memory, n_runs=before.n_runs + 1)


def best_batch(speeds: Mapping[int, float], usual: int) -> int:
    """Returns the smallest batch that is nearly as fast as the fastest; where that is the largest that was tried, the
    usual one, which may be larger still.
    """
    if not speeds:
        return usual
    best = max(speeds.values())
    size = min(size for size, speed in speeds.items() if speed >= _GOOD_ENOUGH * best)
    return usual if size == max(speeds) else min(size, usual)
