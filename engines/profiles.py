"""What a card of a given size can carry: precision and batch of each model, and which stay loaded together. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engines.base import Memory, ModelSpec

CARDS_GB = (4, 6, 8, 12, 24)
SHARE = 0.92
"""What models may hold of a card; the rest is for the driver and whatever draws the screen."""
_BATCHES = (16, 8, 4, 2, 1)
_GOOD_BATCH = 4
"""A card with room for so many items at once is used well; below that a lower precision with more of them is better."""
MemoryOf = Callable[[ModelSpec, str], Memory]


@dataclass(frozen=True, slots=True)
class Fit:
    """How one model runs within a budget: in MiB, and ``batch`` items at once.

    ``beside_mib`` is what its work needs beside other models, where ``beside_batch`` items at once will do.
    """

    name: str
    precision: str
    batch: int
    resident_mib: int
    working_mib: int
    beside_mib: int
    beside_batch: int = 1

    @property
    def whole_mib(self) -> int:
        """What it needs by itself."""
        return self.resident_mib + self.working_mib


@dataclass(frozen=True, slots=True)
class Profile:
    """What a budget carries: every model that fits by itself, and those that stay loaded side by side."""

    budget_mib: int
    fits: tuple[Fit, ...]
    together: tuple[Fit, ...]

    @property
    def together_mib(self) -> int:
        """Memory of those that stay together, with the work of the one that needs most: one runs at a time."""
        return _together(self.together)


def precisions(device: str) -> tuple[str, ...]:
    """Returns the precisions that are tried on a device, the best first."""
    return ("int8", "int4", "float32") if device == "cpu" else ("float16", "int8_float16", "int4", "float32")


def fit(spec: ModelSpec, budget_mib: int, memory: MemoryOf, tried: Sequence[str]) -> Fit | None:
    """Returns the first precision that leaves room for a good batch, else that with the largest; None if none fits."""
    found = [one for precision in tried if (one := _at(spec, precision, budget_mib, memory))]
    good = [one for one in found if one.batch >= _GOOD_BATCH]
    return good[0] if good else max(found, key=lambda one: one.batch, default=None)


def profile(models: Sequence[ModelSpec], budget_mib: int, memory: MemoryOf, tried: Sequence[str]) -> Profile:
    """Returns what a budget carries.

    Side by side stay first the best model of each task, then further ones from the best down. A best one that would
    keep another task out gives way to the next lower of its own task, and comes back where there is room after all.
    """
    fits = [(spec, one) for spec in models if (one := fit(spec, budget_mib, memory, tried)) is not None]
    general = sorted((pair for pair in fits if not pair[0].english_only), key=lambda pair: -pair[0].rank)
    chosen = _better(general, _one_of_each(general, budget_mib), budget_mib)
    for _, one in general:
        if one not in chosen and _together([*chosen, one]) <= budget_mib:
            chosen.append(one)
    return Profile(budget_mib, tuple(one for _, one in fits), tuple(chosen))


def _one_of_each(fits: Sequence[tuple[ModelSpec, Fit]], budget_mib: int) -> list[Fit]:
    """Returns a model for every task, as good as they fit together: the largest one is exchanged until they do."""
    ladders: dict[str, list[Fit]] = {}
    for spec, one in fits:
        ladders.setdefault(str(spec.task), []).append(one)
    while ladders and _together([ladder[0] for ladder in ladders.values()]) > budget_mib:
        task = max(ladders, key=lambda task: (len(ladders[task]) > 1, ladders[task][0].resident_mib))
        ladders[task].pop(0)
        if not ladders[task]:
            del ladders[task]
    return [ladder[0] for ladder in ladders.values()]


def _better(fits: Sequence[tuple[ModelSpec, Fit]], chosen: list[Fit], budget_mib: int) -> list[Fit]:
    """Returns the choice with each model exchanged for the best of its task that still fits beside the others."""
    tasks = {one.name: spec.task for spec, one in fits}
    for place, taken in enumerate(chosen):
        others = [*chosen[:place], *chosen[place + 1 :]]
        same = (one for spec, one in fits if spec.task == tasks[taken.name])
        best = next((one for one in same if one is taken or _together([*others, one]) <= budget_mib), taken)
        chosen = [*chosen[:place], best, *chosen[place + 1 :]]
    return chosen


def _at(spec: ModelSpec, precision: str, budget_mib: int, memory: MemoryOf) -> Fit | None:
    if precision not in spec.memory:
        return None
    needs = memory(spec, precision)
    for batch in _BATCHES:
        if needs.resident_mib + needs.working_mib(batch) <= budget_mib:
            beside = min(batch, _GOOD_BATCH)
            beside_mib = needs.working_mib(beside)
            return Fit(spec.name, precision, batch, needs.resident_mib, needs.working_mib(batch), beside_mib, beside)
    return None


def _together(chosen: Sequence[Fit]) -> int:
    return sum(one.resident_mib for one in chosen) + max((one.beside_mib for one in chosen), default=0)
