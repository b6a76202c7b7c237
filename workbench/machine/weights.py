"""Brings the weights of the models that jobs wait for, one at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from engines.base import ModelSpec
from engines.errors import Stopped, WeightsMissing
from media.errors import WorkbenchError
from workbench.events import Events
from workbench.machine.keeps import Keeps
from workbench.machine.terms import Terms
from workbench.running.board import ActiveJob, Board

log = logging.getLogger(__name__)
SHOW_EVERY_S = 0.3
GIVE_UP_AFTER = 3


class Fallback(Protocol):
    """Gives a job another model, or ends it; called without the board's lock."""

    def __call__(self, job: ActiveJob, error: WorkbenchError) -> None: ...


@dataclass(frozen=True, slots=True)
class Fetching:
    """A download as screens show it; ``progress`` is 0 to 1 or None while the size is unknown."""

    progress: float | None
    step: str
    source: str
    error: WorkbenchError | None = None


class Weights:
    """A thread that finds or fetches weights; jobs of a model are offered to the engines once they are there."""

    def __init__(self, board: Board, store: Keeps, events: Events, fallback: Fallback, terms: Terms) -> None:
        self._board = board
        self._store = store
        self._events = events
        self._fallback = fallback
        self._terms = terms
        self._asked: dict[str, ModelSpec] = {}
        self._fetching: dict[str, Fetching] = {}
        self._n_lost: dict[str, int] = {}
        self._thread = threading.Thread(target=self._run, name="weights", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Waits for the thread, which ends soon after the board is stopped; a download goes on at the next start."""
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def ask(self, spec: ModelSpec) -> None:
        """Makes sure that a model's weights are there; does nothing when they are, or are being fetched."""
        with self._board.changed:
            if spec.name not in self._board.ready_models and spec.name not in self._asked:
                self._asked[spec.name] = spec
                self._board.changed.notify_all()

    def lost(self, spec: ModelSpec, error: WorkbenchError) -> None:
        """Takes note that a model's weights turned out to be gone or damaged, and asks for them again."""
        with self._board.changed:
            self._board.ready_models.discard(spec.name)
            self._n_lost[spec.name] = self._n_lost.get(spec.name, 0) + 1
        if self._n_lost[spec.name] >= GIVE_UP_AFTER:
            self._n_lost[spec.name] = 0
            self._refuse(spec, error)
        else:
            self.ask(spec)

    def state(self, name: str) -> Fetching | None:
        """Returns how far a model's download is, or how the last one failed; None when there is nothing to tell."""
        with self._board.changed:
            told = self._fetching.get(name)
            # What failed before is tried again, though others may come first.
            return Fetching(None, "", "") if name in self._asked and (told is None or told.error) else told

    def _run(self) -> None:
        while (spec := self._next()) is not None:
            try:
                self._bring(spec)
            except Stopped:
                continue
            except WorkbenchError as error:
                self._refuse(spec, error)
            except Exception as error:
                log.exception("fetching %s failed", spec.name)
                self._refuse(spec, WorkbenchError("internal", what=type(error).__name__))
            finally:
                with self._board.changed:
                    self._asked.pop(spec.name, None)
                    self._board.changed.notify_all()

    def _next(self) -> ModelSpec | None:
        with self._board.changed:
            while not self._board.stopping:
                if self._asked:
                    return next(iter(self._asked.values()))
                self._board.changed.wait(5.0)
        return None

    def _bring(self, spec: ModelSpec) -> None:
        if self._store.find(spec) is None:
            if not self._store.lies_unchecked(spec):
                self._terms.check(spec)
            self._show(spec, Fetching(None, "", ""))
            shown = _Throttle(self._board.now)
            self._store.fetch(spec, lambda told: self._progress(spec, told, shown), lambda: self._board.stopping)
        with self._board.changed:
            self._board.ready_models.add(spec.name)
            self._fetching.pop(spec.name, None)
            jobs = list(self._board.of_model(spec.name))
            self._board.changed.notify_all()
        self._events.publish(*(job.id for job in jobs))

    def _progress(self, spec: ModelSpec, told: Any, shown: _Throttle) -> None:
        if shown.due():
            share = told.done_bytes / told.total_bytes if told.total_bytes else None
            self._show(spec, Fetching(share, str(told.step), str(told.source)))

    def _show(self, spec: ModelSpec, fetching: Fetching) -> None:
        with self._board.changed:
            self._fetching[spec.name] = fetching
            jobs = list(self._board.of_model(spec.name))
        self._events.publish(*(job.id for job in jobs))

    def _refuse(self, spec: ModelSpec, error: WorkbenchError) -> None:
        log.warning("no weights of %s: %s", spec.name, error)
        with self._board.changed:
            self._fetching[spec.name] = Fetching(None, "", "", error)
            self._asked.pop(spec.name, None)
            jobs = list(self._board.of_model(spec.name))
        for job in jobs:
            self._fallback(job, error)


class _Throttle:
    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._last = -SHOW_EVERY_S

    def due(self) -> bool:
        if self._now() - self._last < SHOW_EVERY_S:
            return False
        self._last = self._now()
        return True


def is_about_weights(error: WorkbenchError) -> bool:
    """Tells whether an error of a lease means that the weights have to be fetched again."""
    return isinstance(error, WeightsMissing) or error.code in ("weights_missing", "weights_damaged")
