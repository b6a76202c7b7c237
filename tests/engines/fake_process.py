"""Stand-ins for engine processes, weights and time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from engines.base import ModelSpec, Place
from engines.errors import EngineCrashed, Stopped


class Clock:
    """Time that passes only when it is told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class AllWeights:
    """Finds the weights of every model."""

    def find(self, spec: ModelSpec) -> Path | None:
        return Path("weights")


class FakeProcess:
    """Returns ``{"item": item}``; an item that is an exception, or a function that returns one, is raised instead."""

    def __init__(self, spec: ModelSpec, place: Place) -> None:
        self.spec = spec
        self.place = place
        self.alive = True
        self.batches: list[list[Any]] = []
        self.n_freed = 0
        self.n_trimmed = 0
        self.held_mib = 100
        self.pid = 0

    def run(
        self,
        batch: Sequence[Any],
        report: Callable[[int, dict[str, Any]], None],
        should_stop: Callable[[], bool] = lambda: False,
        timeout_s: float | None = None,
        gives_way: Callable[[], bool] = lambda: False,
    ) -> list[dict[str, Any]]:
        self.batches.append(list(batch))
        results = []
        for index, item in enumerate(batch):
            if should_stop() or gives_way():
                raise Stopped()
            error = item(self, batch) if callable(item) else item
            if isinstance(error, Exception):
                self.alive = not isinstance(error, EngineCrashed)
                raise error
            if error == "write":
                report(index, {"partial": "wri"})
            results.append({"item": error})
            report(index, results[-1])
        return results

    def free_cache(self) -> None:
        self.n_freed += 1

    def trim(self) -> None:
        self.n_trimmed += 1

    def rss_mib(self) -> int:
        return self.held_mib if self.alive else 0

    def peak_mib(self) -> int:
        return self.rss_mib()

    def close(self) -> None:
        self.alive = False


class Starter:
    """Starts fake processes and remembers them; ``refuse`` may raise for a place."""

    def __init__(self, refuse: Callable[[ModelSpec, Place], None] = lambda *_: None) -> None:
        self.started: list[FakeProcess] = []
        self._refuse = refuse

    def __call__(self, spec: ModelSpec, weights: Path, place: Place, should_stop: Callable[[], bool]) -> FakeProcess:
        self._refuse(spec, place)
        process = FakeProcess(spec, place)
        self.started.append(process)
        return process

    def names(self) -> list[str]:
        """Returns the models in the order in which they were loaded."""
        return [process.spec.name for process in self.started]
