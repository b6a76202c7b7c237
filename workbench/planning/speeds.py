"""How fast a model is on a card: measured here, published, or scaled from one of these, with an honest range."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engines.quality import cpu_rtf
from workbench.planning.cards import Card

Kind = Literal["measured", "published", "estimated"]
CHUNK_S = 14.0
"""Sound in a usual chunk, as ``workbench.running.chunks`` cuts."""
EACH_SHARE = 0.31
"""Of the cost of such a chunk, what does not grow with its sound: 2.9 s cost 0.48 s and 11 s cost 0.91 s here."""
GPU_SHARE, CPU_SHARE = 0.24, 0.03
"""Of the cost of a full batch, what its longest chunk costs however many go with it: published, one by one against
eight at once on a GPU; on a processor batches bring 1.2 times.
"""
LOWER_WEIGHT = 0.7
"""How much the slower of bandwidth and arithmetic counts between two GPUs: the same recording on an RTX 3090 and a 4090
took 1.2 to 1.4 times, with 1.08 times the bandwidth and 2.3 times the arithmetic.
"""
ANCHOR = Card("rtx3070ti", "RTX 3070 Ti 8 GB", 8, 608, 21.7, 290, 0, 0)
ANCHOR_LARGE_X = 46.0
"""Published: large-v2 with beam 5, eight at once, reads 13 minutes in 17 s on that card."""
AGAINST_LARGE: Mapping[str, tuple[float, float, float]] = {
    "tiny": (6.0, 10.0, 14.0),
    "base": (4.0, 7.0, 10.0),
    "small": (2.5, 4.0, 5.5),
    "medium": (1.4, 2.0, 2.6),
    "turbo": (2.3, 2.7, 4.0),
    "large": (0.9, 1.0, 1.1),
}
"""Published: how many times faster than the large model, as slowest, likely and fastest."""


@dataclass(frozen=True, slots=True)
class Speed:
    """Seconds of sound a second with full batches: the slow end, the likely value, the fast end; where it is from."""

    low: float
    x: float
    high: float
    kind: Kind
    source: str

    def times(self, low: float, mid: float, high: float, kind: Kind, source: str) -> Speed:
        """Returns a speed so many times this one."""
        return Speed(self.low * low, self.x * mid, self.high * high, kind, source)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a batch costs on one place; ``x`` is the speed of full batches of ``size`` chunks."""

    x: float
    size: int
    share: float
    load_s: float = 5.0

    def seconds(self, sounds_s: list[float]) -> float:
        """Returns how long a batch of chunks with so much sound takes."""
        full_s = self.size * CHUNK_S / self.x
        parts = [EACH_SHARE + (1 - EACH_SHARE) * sound_s / CHUNK_S for sound_s in sounds_s]
        return full_s * (self.share * max(parts) + (1 - self.share) * sum(parts) / self.size)


def between(known: Card, other: Card) -> tuple[float, float, float]:
    """Returns how many times faster ``other`` is than ``known``: at least, likely, at most. Both are GPUs."""
    ratios = sorted((other.bandwidth_gbs / known.bandwidth_gbs, other.tflops / known.tflops))
    lower, upper = ratios
    likely = lower**LOWER_WEIGHT * upper ** (1 - LOWER_WEIGHT)
    return 0.8 * lower, likely, 1.3 * lower ** (1 - LOWER_WEIGHT) * upper**LOWER_WEIGHT


@dataclass(frozen=True, slots=True)
class Own:
    """What this machine has measured: speeds by card and model, its card or None, and the cores of its processor."""

    measured: Mapping[tuple[str, str], float]
    card: Card | None = None
    cores: int = 0


THIS_CPU = "this-cpu"
"""The processor of this machine, as a card."""


def of_whisper(model: str, card: Card, own: Own) -> Speed:
    """Returns the speed of a Whisper model on a card, from the best that is known."""
    known = of_own(model, card, own)
    if known is not None:
        return known
    if card.runs == "cpu":
        guess = 1.0 / cpu_rtf(model, max(1, min(card.cores, 8)))
        return Speed(0.6 * guess, guess, 1.6 * guess, "estimated", "scaled_size")
    anchor = Speed(ANCHOR_LARGE_X, ANCHOR_LARGE_X, ANCHOR_LARGE_X, "published", "anchor")
    low, mid, high = AGAINST_LARGE[family(model)]
    slow, likely, fast = between(ANCHOR, card)
    return anchor.times(0.7 * low * slow, mid * likely, high * fast, "estimated", "scaled_published")


def of_own(model: str, card: Card, own: Own, per: float = 1.0) -> Speed | None:
    """Returns what this machine measured of a model, scaled where it is another card; None where it measured nothing.

    ``per`` is how many seconds of sound or video one unit of the model's work is (``docs/planner.md``).
    """
    same = own.measured.get((card.id, model))
    if same:
        return Speed(0.9 * per * same, per * same, 1.1 * per * same, "measured", "here")
    if card.runs == "cpu":
        here = own.measured.get((THIS_CPU, model))
        if not here or not own.cores:
            return None
        scaled = per * here * (max(1, min(card.cores, 8)) / max(1, min(own.cores, 8))) ** 0.9
        return Speed(0.7 * scaled, scaled, 1.5 * scaled, "estimated", "scaled_here")
    here = own.measured.get((own.card.id, model)) if own.card is not None else None
    if own.card is None or not here:
        return None
    known = Speed(per * here, per * here, per * here, "measured", "here")
    return known.times(*between(own.card, card), "estimated", "scaled_here")


def family(model: str) -> str:
    """Returns the size that a model's speed goes by."""
    name = model.removesuffix(".en").removeprefix("distil-")
    return next((size for size in AGAINST_LARGE if name.startswith(size)), "large")


def cost(speed_x: float, card: Card, size: int, load_s: float = 5.0) -> Cost:
    """Returns what batches cost at a speed on a card."""
    return Cost(speed_x, size, CPU_SHARE if card.runs == "cpu" else GPU_SHARE, load_s)
