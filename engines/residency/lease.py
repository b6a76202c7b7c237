"""The right to run on a model, and what is done when a run fails."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import Any

from engines.base import Place, Report, is_partial
from engines.errors import EngineCrashed, EngineError, EngineHung, OutOfMemory, Stopped, WeightsMissing
from engines.process import ShouldStop, never
from engines.residency.loader import Loader
from engines.residency.memory import Ladder, Step, next_step
from engines.residency.rooms import Room
from media.errors import WorkbenchError

log = logging.getLogger(__name__)

Outcome = dict[str, Any] | WorkbenchError


class Lease:
    """Runs batches on one model while it is held; ``Residency.lease`` makes it."""

    def __init__(
        self, loader: Loader, room: Room, batch: int, on_wait: Callable[[str], None], steps: Sequence[Step] = ()
    ) -> None:
        self._loader = loader
        self._room = room
        self._batch = max(1, batch)
        self._on_wait = on_wait
        self.steps: list[str] = list(dict.fromkeys(step.value for step in steps))
        """Steps of the out-of-memory ladder that were used, by their codes (``memory.Step``), in order,
        each once.
        """

    @property
    def place(self) -> Place:
        """Where the model runs; a step of the ladder may change it."""
        return self._room.place

    def load(self, should_stop: ShouldStop = never) -> None:
        """Loads the model where it is not loaded yet; raises Stopped, WeightsMissing, EngineError, OutOfMemory."""
        with self._room.running:
            self._loader.ready(self._room, self._on_wait, should_stop)

    def memory_mib(self) -> tuple[int, int]:
        """Returns what the model holds now where it computes, and the most that it held since it was loaded; 0 unknown.

        On a GPU both are what it holds now: its libraries keep what a run needed.
        """
        return self._loader.memory_mib(self._room)

    def run(
        self,
        items: Sequence[Any],
        report: Report | None = None,
        should_stop: ShouldStop = never,
        timeout_s: float | None = None,
        gives_way: ShouldStop = never,
    ) -> list[Outcome]:
        """Runs the items and returns a result or the error of each, in order; ``report`` is told each result as it is
        done, and what there is of an unfinished one (``engines.base.is_partial``).

        What takes a batch down is run again, item by item, so that one bad item costs no other: an item that ends the
        process twice gets that error. Raises Stopped, WeightsMissing, and EngineError where the model cannot be loaded.
        ``should_stop`` ends the process if need be, ``gives_way`` only asks it to end the run at its next step.
        """
        return _Attempt(self, self._loader, self._room, items, report or (lambda *_: None), gives_way).run(
            should_stop, timeout_s or self._loader.limits.hang_s
        )

    def note(self, step: Step) -> None:
        """Remembers a step of the ladder."""
        if step.value not in self.steps:
            self.steps.append(step.value)


class _Attempt:
    """One call of ``Lease.run``."""

    def __init__(
        self,
        lease: Lease,
        loader: Loader,
        room: Room,
        items: Sequence[Any],
        report: Report,
        gives_way: ShouldStop,
    ) -> None:
        self._lease = lease
        self._loader = loader
        self._room = room
        self._items = items
        self._report = report
        self._gives_way = gives_way
        self._outcomes: list[Outcome | None] = [None] * len(items)
        self._failures = [0] * len(items)
        self._alone = False
        self._load_failed = False
        self._ladder: Ladder | None = None
        self._batch = max(1, min(lease._batch, len(items)))

    def run(self, should_stop: ShouldStop, timeout_s: float) -> list[Outcome]:
        while open_items := [at for at, outcome in enumerate(self._outcomes) if outcome is None]:
            part = open_items[: 1 if self._alone else self._batch]
            with self._room.running:
                self._run_part(part, should_stop, timeout_s)
        return [outcome for outcome in self._outcomes if outcome is not None]

    def _run_part(self, part: list[int], should_stop: ShouldStop, timeout_s: float) -> None:
        if self._loader.closed or should_stop() or self._gives_way():
            raise Stopped()
        try:
            process = self._loader.ready(self._room, self._lease._on_wait, should_stop)
        except (Stopped, WeightsMissing):
            raise
        except OutOfMemory as error:
            self._step(part, error, loaded=False)
            return
        except EngineError as error:
            self._not_loaded(error)
            return
        try:
            results = process.run(
                [self._items[at] for at in part],
                lambda at, result: self._done(part[at], result),
                should_stop,
                timeout_s,
                self._gives_way,
            )
            for at, result in zip(part, results, strict=True):
                self._done(at, result)
        except Stopped:
            raise
        except OutOfMemory as error:
            self._step(self._open(part), error)
        except WorkbenchError as error:
            if self._loader.closed:
                raise Stopped() from error
            if self._room.interrupted:
                self._room.interrupted = False
                return
            self._failed(part, error)

    def _open(self, part: Sequence[int]) -> list[int]:
        return [at for at in part if self._outcomes[at] is None]

    def _done(self, at: int, result: dict[str, Any]) -> None:
        if self._outcomes[at] is None:
            self._outcomes[at] = None if is_partial(result) else result
            self._report(at, result)

    def _failed(self, part: Sequence[int], error: WorkbenchError) -> None:
        """Counts a failure against all that was under way; alone, an item is to blame, at once or when its process
        ended a second time.
        """
        log.warning("%s failed with %d items: %s", self._room.spec.name, len(part), error)
        transient = isinstance(error, (EngineCrashed, EngineHung))
        for at in self._open(part):
            self._failures[at] += 1
            if len(part) == 1 and (not transient or self._failures[at] >= 2):
                self._outcomes[at] = error
        self._alone = True

    def _not_loaded(self, error: EngineError) -> None:
        """A crash while loading is tried once more; a GPU that cannot load the model gives way to the CPU."""
        if isinstance(error, EngineCrashed) and not self._load_failed:
            self._load_failed = True
            return
        on_cpu = [place for place in self._loader.later_places(self._room) if place.device == "cpu"]
        if not on_cpu:
            raise error
        log.warning("%s cannot be loaded on %s: %s", self._room.spec.name, self._room.place.device, error)
        self._lease.note(Step.CPU)
        self._loader.move(self._room, on_cpu[0])

    def _step(self, part: Sequence[int], error: OutOfMemory, loaded: bool = True) -> None:
        """Goes one step down the ladder; at its end the items that ran out of memory get the error.

        What was too much is remembered, so that the next job begins where this one arrived. A smaller batch does not
        help a model that could not even be loaded.
        """
        known, place = self._ladder or Ladder(self._batch, self._room.place), self._room.place
        step, self._ladder = next_step(
            Ladder(
                self._batch if loaded and not self._alone else 1,
                place,
                self._loader.later_places(self._room),
                self._loader.others_idle(self._room),
                known.cache_freed,
            )
        )
        log.warning("%s is out of memory on %s: %s", self._room.spec.name, self._room.place.device, step)
        if step is Step.GIVE_UP:
            for at in part:
                self._outcomes[at] = error
            return
        self._lease.note(step)
        if step is Step.HALVE_BATCH:
            self._batch = self._ladder.batch
            self._loader.guide.learn_limit(self._room.spec, place, self._batch)
        if step is Step.FREE_CACHE and self._room.process is not None:
            self._room.process.free_cache()
        elif step is Step.EVICT_IDLE:
            self._loader.evict_idle(self._room)
        elif step in (Step.LOWER_PRECISION, Step.CPU):
            self._loader.guide.learn_limit(self._room.spec, place, 0)
            self._loader.move(self._room, self._ladder.place)
