"""What an office asks of its machine in the busiest hour: a question becomes recordings that arrive."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from workbench.planning.capabilities import CAPABILITIES

HOUR_S = 3600.0
SHORTEST_S, LONGEST_S = 20.0, 6 * 3600.0
SPREAD = 0.9
"""Standard deviation of the logarithm of lengths: the longest tenth is about three times the usual one."""


class Unfit(ValueError):
    """A question with a number that cannot be; the only argument is the field's name."""


@dataclass(frozen=True, slots=True)
class Question:
    """What the office wants. ``busiest`` is the share of a day's recordings that come in its busiest hour.

    ``wait_min`` is how many minutes the finished text may take in the busiest hour, for 95 of 100 recordings. Prices
    are in CNY; ``price_kwh`` for a kilowatt hour.
    """

    people: int = 20
    hours_a_day: float = 10.0
    length_min: float = 30.0
    quality: str = "balanced"
    n_live: int = 0
    capabilities: tuple[str, ...] = ()
    wait_min: float = 15.0
    busiest: float = 0.25
    speech: float = 0.85
    days_a_year: int = 250
    years: float = 4.0
    price_kwh: float = 0.8
    computer: float = 9000.0
    always_on: bool = True

    def checked(self) -> Question:
        """Returns itself, or raises Unfit."""
        for name, (least, most) in LIMITS.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
                raise Unfit(name)
        if self.quality not in ("fast", "balanced", "best"):
            raise Unfit("quality")
        if unknown := [name for name in self.capabilities if name not in CAPABILITIES]:
            raise Unfit(unknown[0])
        return self


LIMITS = {
    "people": (1, 5000), "hours_a_day": (0.1, 2000.0), "length_min": (0.5, 300.0), "n_live": (0, 500),
    "wait_min": (0.5, 600.0), "busiest": (0.05, 1.0), "speech": (0.1, 1.0), "days_a_year": (1, 366), "years": (1, 10),
    "price_kwh": (0.0, 20.0), "computer": (0.0, 1e6),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Arrival:
    """A recording that comes at second ``at``; ``lane`` is None where the usual rule chooses it."""

    at: float
    length_s: float
    owner: str
    lane: str | None = None


def arrivals(question: Question, seed: int = 1) -> list[Arrival]:
    """Returns the recordings of the hour before the busiest one and of that hour itself, the same for the same seed.

    They come at random; lengths are lognormal around the usual one. The hour before is three fifths as busy and fills
    the queue as it would be; only what comes from second 3600 on is counted.
    """
    chance = random.Random(seed)
    mean_s = question.length_min * 60.0
    # The busiest hour is at least one recording long, or a small office would be planned for an empty machine.
    busiest_n = max(1.0, question.hours_a_day * HOUR_S * question.busiest / mean_s)
    found = [*_hour(question, chance, 0.6 * busiest_n, 0.0), *_hour(question, chance, busiest_n, HOUR_S)]
    return sorted(found, key=lambda arrival: arrival.at)


def _hour(question: Question, chance: random.Random, mean_n: float, begin: float) -> Iterable[Arrival]:
    mu = math.log(question.length_min * 60.0) - SPREAD**2 / 2
    at = begin
    while (at := at + chance.expovariate(mean_n / HOUR_S)) < begin + HOUR_S:
        length = min(LONGEST_S, max(SHORTEST_S, chance.lognormvariate(mu, SPREAD)))
        yield Arrival(at, length, f"person {chance.randrange(question.people)}")


def busiest_hour(past: Sequence[Arrival]) -> list[Arrival]:
    """Returns the two hours of an office's own past of which the second brought most sound, as ``arrivals`` does.

    Times of ``past`` are seconds since 1970, in order.
    """
    best, best_end = 0.0, 0
    total, begin = 0.0, 0
    for end, arrival in enumerate(past):
        total += arrival.length_s
        while past[begin].at <= arrival.at - HOUR_S:
            total -= past[begin].length_s
            begin += 1
        if total > best:
            best, best_end = total, end
    if not past:
        return []
    start = past[best_end].at - 2 * HOUR_S
    inside = [arrival for arrival in past[: best_end + 1] if arrival.at > start]
    return [Arrival(a.at - start, a.length_s, a.owner, a.lane) for a in inside]
