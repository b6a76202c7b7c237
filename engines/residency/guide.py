"""What loading goes by: what the administrator chose for a model, what it was measured to need, what was learned."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from engines.base import Memory, ModelSpec, Place
from engines.device import memory_of
from engines.places import Choice


class Guide(Protocol):
    """Answers at once and from any thread; nothing in it waits for the disk for long."""

    def choice(self, name: str) -> Choice:
        """Returns what the administrator chose for a model."""

    def memory(self, spec: ModelSpec, place: Place) -> Memory:
        """Returns what a model needs at a place: measured where it was measured, else the catalog's first guess."""

    def most(self, spec: ModelSpec, place: Place) -> int | None:
        """Returns the largest batch that did not run out of memory, 0 where even one item did, None while unknown."""

    def learn_limit(self, spec: ModelSpec, place: Place, batch: int) -> None:
        """Remembers that more than ``batch`` items at once ran out of memory at a place."""


@dataclass(slots=True)
class CatalogGuide:
    """Knows the catalog's figures, and what was learned since it was made."""

    limits: dict[tuple[str, Place], int] = field(default_factory=dict)
    choices: dict[str, Choice] = field(default_factory=dict)

    def choice(self, name: str) -> Choice:
        return self.choices.get(name, Choice())

    def memory(self, spec: ModelSpec, place: Place) -> Memory:
        return memory_of(spec, place.precision)

    def most(self, spec: ModelSpec, place: Place) -> int | None:
        return self.limits.get((spec.name, place))

    def learn_limit(self, spec: ModelSpec, place: Place, batch: int) -> None:
        self.limits[spec.name, place] = batch
