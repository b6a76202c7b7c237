"""Which model a job gets, and what is known of it before it runs."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from types import ModuleType

from engines import environments
from engines.base import ModelSpec, Place, Task
from engines.device import Machine
from engines.quality import QUALITIES, guessed_speed
from engines.requests import USUAL_BEAM
from workbench.errors import JobError, NotFound
from workbench.history.history import History
from workbench.machine.keeps import Keeps
from workbench.machine.measured import Measured


class Models:
    """The catalog as this machine can use it; ``places`` tells where a model would be loaded, best first."""

    def __init__(
        self,
        catalog: ModuleType,
        store: Keeps,
        machine: Machine,
        places: Callable[[ModelSpec], tuple[Place, ...]],
        measured: Measured,
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._machine = self.machine = machine
        self.places = places
        self._measured = measured

    def all(self) -> tuple[ModelSpec, ...]:
        """Returns every model of the catalog."""
        found: tuple[ModelSpec, ...] = self._catalog.MODELS
        return found

    def of_task(self, task: Task) -> tuple[ModelSpec, ...]:
        """Returns the models of one task."""
        return tuple(spec for spec in self.all() if spec.task == task)

    def has_pack(self, spec: ModelSpec) -> bool:
        """Tells whether the packages are installed that a model runs on; they may have come a moment ago."""
        if spec.environment is not None:
            return environments.has(spec.environment, spec.needs)
        importlib.invalidate_caches()
        return all(importlib.util.find_spec(name) is not None for name in spec.needs)

    def is_here(self, spec: ModelSpec) -> bool:
        """Tells whether a model's weights are on disk, checked or not needing to be fetched."""
        return spec.inside is not None or self._store.find(spec) is not None

    def lies_unchecked(self, spec: ModelSpec) -> bool:
        """Tells whether a model's files lie on disk and are only to be checked before their first use."""
        return spec.inside is None and self._store.lies_unchecked(spec)

    def can_be_had(self, spec: ModelSpec) -> bool:
        """Tells whether a model's weights are on disk, or can be fetched from where this machine reaches."""
        return spec.inside is not None or self._store.available(spec.name)

    def named(self, name: str) -> ModelSpec:
        """Returns one model; raises NotFound ``model_unknown``."""
        try:
            found: ModelSpec = self._catalog.by_name(name)
        except KeyError:
            raise NotFound("model_unknown", model=name) from None
        return found

    def title(self, name: str) -> str:
        """Returns a model's title, or its name where the catalog does not have it any more."""
        try:
            return self.named(name).title
        except NotFound:
            return name

    def chosen(self, quality: str) -> ModelSpec:
        """Returns the model for a quality, which is on disk or in reach; raises JobError ``request_invalid``."""
        try:
            found: ModelSpec = self._catalog.for_quality(quality, self._machine, self._store.available)
        except KeyError:
            raise JobError("request_invalid", status=422, field="quality", value=quality) from None
        return found

    def meanings(self) -> dict[str, list[str]]:
        """Returns by a model's name the qualities that mean it here and now."""
        found: dict[str, list[str]] = {}
        for quality in QUALITIES:
            found.setdefault(self.chosen(quality).name, []).append(quality)
        return found

    def instead_of(self, name: str, quality: str) -> ModelSpec | None:
        """Returns the best model on disk in place of one that cannot be had, None where there is none."""

        def here(other: str) -> bool:
            return other != name and self._store.find(self.named(other)) is not None

        wanted = "best" if quality.startswith("model:") else quality
        found: ModelSpec = self._catalog.for_quality(wanted, self._machine, here)
        return found if here(found.name) else None

    def speed(self, spec: ModelSpec, history: History, beam: int = USUAL_BEAM) -> float:
        """Returns how many seconds of sound a second a model manages here: in real work before, else when it was
        measured, else guessed.
        """
        place = self.places(spec)[0]
        found = self._measured.found(spec, place)
        known = history.speed(spec.name, place.device, place.precision, beam)
        measured = known or (max(found.speeds.values(), default=0.0) if found else 0.0)
        return measured or guessed_speed(spec.name, place.device, self._machine.cpu_count)
