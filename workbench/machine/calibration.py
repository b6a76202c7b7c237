"""Measures each model on this machine when nothing else is to do, and gives way at once to real work."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engines.base import ModelSpec, Place
from engines.device import memory_of
from engines.errors import Stopped
from engines.residency.lease import Lease
from engines.residency.residency import Residency
from media.errors import WorkbenchError
from workbench.history.measured import Measurement
from workbench.machine import calibration_plan as plan
from workbench.machine.calibration_trials import Sound, Trial, trial_of
from workbench.machine.measured import Measured
from workbench.running.board import Board

log = logging.getLogger(__name__)
IDLE_S = 120.0
"""So long nobody must have worked before models are measured without being asked."""
LOOK_S = 15.0


@dataclass(frozen=True, slots=True)
class Progress:
    """What is being measured, or how the last attempt on a model ended: ``error``, or ``gave_way`` to real work."""

    model: str
    step: int
    n_steps: int
    error: WorkbenchError | None = None
    gave_way: bool = False


class Calibration:
    """A thread that measures one model at a time: those that were asked for, then those that nobody measured yet.

    ``installed()`` are the models with weights here. Nobody's asking is not enough where other programs are at work,
    which ``quiet()`` tells: the figures would be theirs too.
    """

    def __init__(
        self,
        board: Board,
        residency: Residency,
        measured: Measured,
        installed: Callable[[], Sequence[ModelSpec]],
        sound: Sound,
        quiet: Callable[[], bool] = lambda: True,
    ) -> None:
        self._board = board
        self._residency = residency
        self._measured = measured
        self._installed = installed
        self._sound = sound
        self._quiet = quiet
        self._asked: list[ModelSpec] = []
        self._now: Progress | None = None
        self._last: dict[str, Progress] = {}
        self._cancelled = False
        self._busy_at = board.now()
        self._thread = threading.Thread(target=self._run, name="calibration", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Waits for the thread, which ends soon after the board is stopped."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def ask(self, spec: ModelSpec) -> None:
        """Measures a model as soon as nobody works."""
        with self._board.changed:
            if spec not in self._asked:
                self._asked.append(spec)
            self._last.pop(spec.name, None)
            self._board.changed.notify_all()

    def cancel(self, name: str) -> None:
        """Stops measuring a model, or takes it off the list."""
        with self._board.changed:
            self._asked = [spec for spec in self._asked if spec.name != name]
            if self._now is not None and self._now.model == name:
                self._cancelled = True

    def state(self, name: str) -> tuple[str, Progress | None] | None:
        """Returns ``running``, ``waiting`` or ``ended`` with what is known of it; None where nothing is to be told."""
        with self._board.changed:
            if self._now is not None and self._now.model == name:
                return "running", self._now
            if any(spec.name == name for spec in self._asked):
                return "waiting", None
            last = self._last.get(name)
            return ("ended", last) if last is not None else None

    def measure(self, spec: ModelSpec, should_stop: Callable[[], bool]) -> Measurement:
        """Measures one model now; raises what a lease raises, and Stopped."""
        place = self._residency.places(spec)[0]
        trial = trial_of(spec, place, self._measured.most(spec, place), self._sound)
        was_loaded = any(one.name == spec.name for one in self._residency.status())
        self._residency.unload(spec.name)
        began, runs = self._board.now(), list[plan.Run]()
        with self._residency.lease(spec, max(trial.sizes), should_stop=should_stop) as lease:
            lease.load(lambda: should_stop() and not self._wanted(spec))
            loaded = self._board.now()
            resident_mib = lease.memory_mib()[0]
            steps = plan.steps(trial.sizes)
            self._tell(Progress(spec.name, 1, len(steps) + 2))
            warm = self._one(lease, trial, (1, 0), should_stop)
            if warm.took_s > plan.LONG_S:
                # It costs too much to be thrown away: it is the run of one item.
                runs.append(warm)
                steps = [size for size in steps if size > 1]
            # What is read from the disk as it is needed, as llama.cpp does, is there after the first run only.
            resident_mib = max(resident_mib, lease.memory_mib()[0]) if not trial.whole else resident_mib
            for number, size in enumerate(steps):
                self._tell(Progress(spec.name, number + 2, len(steps) + 2))
                if lease.place != place or not plan.worth(runs, size, self._board.now() - began):
                    break
                runs.append(self._one(lease, trial, (size, number + 1), should_stop))
        if not runs or lease.place != place:
            raise WorkbenchError("calibration_failed", model=spec.title)
        found = self._found(spec, place, trial, (loaded - began, resident_mib), runs)
        self._measured.keep(spec, place, found)
        if not was_loaded and not any(self._board.of_model(spec.name)):
            self._residency.unload(spec.name)
        return found

    def _found(
        self, spec: ModelSpec, place: Place, trial: Trial, loaded: tuple[float, int], runs: Sequence[plan.Run]
    ) -> Measurement:
        """Returns what came of the runs; ``loaded`` is the seconds of loading and the memory held after it."""
        guess = memory_of(spec, place.precision)
        memory = plan.memory_of(loaded[1], runs, self._measured.memory(spec, place))
        if not trial.whole:
            memory = plan.at_least(memory, guess)
        speeds = plan.speeds_of(runs, trial.work)
        return Measurement(round(loaded[0], 2), memory, speeds, trial.sound, 0, self._measured.now())

    def _one(self, lease: Lease, trial: Trial, which: tuple[int, int], should_stop: Callable[[], bool]) -> plan.Run:
        """Runs a batch; ``which`` is its size and the number of the run."""
        began = self._board.now()
        outcomes = lease.run(trial.items(*which), should_stop=should_stop)
        took_s = self._board.now() - began
        for outcome in outcomes:
            if isinstance(outcome, WorkbenchError):
                raise outcome
        return plan.Run(which[0], took_s, lease.memory_mib()[1])

    def _run(self) -> None:
        while (spec := self._next()) is not None:
            ended = Progress(spec.name, 0, 0)
            try:
                self.measure(spec, self._unwanted)
            except Stopped:
                ended = Progress(spec.name, 0, 0, gave_way=not self._cancelled)
            except WorkbenchError as error:
                log.warning("%s could not be measured: %s", spec.name, error)
                ended = Progress(spec.name, 0, 0, error)
            except Exception as error:
                log.exception("%s could not be measured", spec.name)
                ended = Progress(spec.name, 0, 0, WorkbenchError("internal", what=type(error).__name__))
            with self._board.changed:
                self._now = None
                if ended.gave_way:
                    self._asked.insert(0, spec)
                self._last[spec.name] = ended

    def _next(self) -> ModelSpec | None:
        """Waits for a model to measure and takes it; None at the end of the program."""
        while True:
            unknown = self._unmeasured()
            with self._board.changed:
                if self._board.stopping:
                    return None
                if self._board.jobs:
                    self._busy_at = self._board.now()
                elif self._asked or (unknown and self._board.now() - self._busy_at >= IDLE_S):
                    spec = self._asked.pop(0) if self._asked else unknown[0]
                    self._now, self._cancelled = Progress(spec.name, 0, 1), False
                    return spec
                self._board.changed.wait(LOOK_S)

    def _unmeasured(self) -> list[ModelSpec]:
        """Returns the models that would be measured unasked; what failed or was cancelled is left alone."""
        if self._board.jobs or self._board.now() - self._busy_at < IDLE_S or not self._quiet():
            return []
        return [
            spec
            for spec in self._installed()
            if spec.name not in self._last and self._measured.found(spec, self._residency.places(spec)[0]) is None
        ]

    def _unwanted(self) -> bool:
        return self._board.stopping or self._cancelled or bool(self._board.jobs)

    def _wanted(self, spec: ModelSpec) -> bool:
        """Tells whether work waits for just this model: then it is loaded to the end, and the work goes on with it."""
        return not self._board.stopping and not self._cancelled and any(self._board.of_model(spec.name))

    def _tell(self, progress: Progress) -> None:
        with self._board.changed:
            self._now = progress
