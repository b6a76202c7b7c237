"""One machine against one office: what it holds in memory, what it would be simulated with, how long people wait."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engines import catalog
from engines.base import ModelSpec
from engines.device import Gpu, budgets
from engines.device import Machine as Computer
from workbench.planning import speeds
from workbench.planning.capabilities import CAPABILITIES, ONE_BY_ONE
from workbench.planning.cards import Card
from workbench.planning.demand import Arrival, Question
from workbench.planning.needs import CPU_BATCH, GPU_BATCH, Holding, of_capability, of_text
from workbench.planning.scene import Model, Setting
from workbench.planning.simulation import Simulation
from workbench.planning.speeds import Own, Speed
from workbench.running import lanes

CPU_RULES, GPU_RULES = lanes.Rules(CPU_BATCH), lanes.Rules(GPU_BATCH, GPU_BATCH * 28.0, quick_alone=False)
RAM_MIB = 32 * 1024
MIB_A_GB = 1000
"""Of each GB that a card is sold with, what its driver tells: 960 (with error correction) to 1024."""


@dataclass(frozen=True, slots=True)
class Built:
    """A machine with the models that an office wants on it."""

    cards: tuple[Card, ...]
    spec: ModelSpec
    speeds: Mapping[str, Speed]
    holdings: tuple[Holding, ...]
    budgets_mib: Mapping[str, int]

    @property
    def together(self) -> bool:
        """Whether everything that needs the cards fits on them at once."""
        left: list[float] = sorted(
            (float(v) for k, v in self.budgets_mib.items() if k != "cpu" or not self.has_gpu), reverse=True
        )
        for need in sorted((h.gb * 1024 for h in self.holdings if not (self.has_gpu and h.on_cpu)), reverse=True):
            at = next((n for n, room in enumerate(left) if room >= need), None)
            if at is None:
                return False
            left[at] -= need
        return True

    @property
    def fits(self) -> bool:
        """Whether each model fits by itself."""
        most = max(v for k, v in self.budgets_mib.items() if k != "cpu" or not self.has_gpu)
        return all(h.gb * 1024 <= most for h in self.holdings if not (self.has_gpu and h.on_cpu))

    @property
    def has_gpu(self) -> bool:
        """Whether the models run on graphics cards."""
        return self.cards[0].runs == "cuda"


def build(cards: Sequence[Card], question: Question, own: Own, known_gb: Mapping[str, float]) -> Built:
    """Returns the machine with the program's own choice of model; ``known_gb`` is memory that was measured here."""
    gpus = tuple(Gpu(n, card.name, int(card.memory_gb * MIB_A_GB), int(card.memory_gb * MIB_A_GB), 8.0)
                 for n, card in enumerate(cards) if card.runs == "cuda")  # fmt: skip
    ram = RAM_MIB if gpus else int(cards[0].memory_gb * 1024)
    computer = Computer(cards[0].cores or 8, ram, ram, gpus)
    spec = catalog.for_quality(question.quality, computer, lambda name: True)
    best = max(cards, key=lambda card: card.memory_gb)
    found = {spec.name: speeds.of_whisper(spec.name, best, own)}
    for name in question.capabilities:
        found[name] = CAPABILITIES[name].speed(best, own)
    holdings = [of_text(spec, best, known_gb), *(of_capability(name, best, known_gb) for name in question.capabilities)]
    return Built(tuple(cards), spec, found, tuple(holdings), budgets(computer))


def setting(built: Built, question: Question, end: str = "x") -> Setting:
    """Returns what to simulate; ``end`` chooses ``low``, ``x`` or ``high`` of each speed."""
    rules = GPU_RULES if built.has_gpu else CPU_RULES
    models: dict[str, Model] = {}
    for holding in built.holdings:
        speed = getattr(built.speeds[holding.name], end)
        load_s = CAPABILITIES[holding.name].load_s if holding.name in CAPABILITIES else 5.0
        alone = holding.name in ONE_BY_ONE
        models[holding.name] = Model(
            holding.name,
            speeds.cost(speed, built.cards[0], 1 if alone else rules.size, load_s),
            int(holding.gb * 1024),
            built.has_gpu and holding.on_cpu,
            alone,
        )
    follow = {name: CAPABILITIES[name].per_hour_s / 3600.0 for name in question.capabilities}
    n_places = len(built.cards) if built.has_gpu else 1
    return Setting(
        models, built.spec.name, built.budgets_mib, rules, n_places, follow, question.n_live, question.speech,
        give_up_s=max(7200.0, 4 * question.wait_min * 60),
    )  # fmt: skip


def simulate(setting: Setting, rounds: Sequence[Sequence[Arrival]]) -> dict[str, Any]:
    """Returns what came of all rounds together: seconds at the median and for 95 of 100, and how busy it is."""
    waits: list[float] = []
    first: list[float] = []
    whole: list[float] = []
    lags: list[float] = []
    busy_s = until_s = 0.0
    over = False
    queue: list[tuple[float, float]] = []
    for arrivals in rounds:
        seen = Simulation(setting, arrivals).run()
        waits += seen.waits
        first += seen.first
        whole += seen.whole
        lags += seen.lags
        busy_s += seen.busy_s
        until_s += max(seen.until, 7200.0) * setting.n_places
        over = over or seen.unfinished > 0
        queue = queue or seen.queue
    return {
        "median_s": quantile(waits, 0.5), "p95_s": quantile(waits, 0.95), "first_s": quantile(first, 0.95),
        "whole_s": quantile(whole, 0.95), "lag_s": quantile(lags, 0.95), "busy": busy_s / until_s if until_s else 0.0,
        "over": over, "n": len(waits), "queue": queue,
    }  # fmt: skip


def quantile(values: Sequence[float], share: float) -> float | None:
    """Returns the value that this share of the others does not pass, None without any."""
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def split(question: Question, n: int) -> Question:
    """Returns the question of one of ``n`` equal machines, each for its own part of the people."""
    return replace(
        question,
        people=max(1, -(-question.people // n)),
        hours_a_day=max(0.1, question.hours_a_day / n),
        n_live=-(-question.n_live // n),
    )
