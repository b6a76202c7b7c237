"""What an office may want besides text: how fast it is and what memory it takes, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from workbench.planning.cards import Card
from workbench.planning.speeds import Kind, Own, Speed


@dataclass(frozen=True, slots=True)
class Need:
    """Memory in GB: what this program needs, what the users' own plan says, and how sure ours is."""

    ours_gb: float
    plan_gb: float | None
    kind: Kind


@dataclass(frozen=True, slots=True)
class Capability:
    """Work that follows on each recording, or comes by itself.

    ``speed`` returns seconds of sound (or of video) a second on a card. ``per_hour_s`` is how many seconds of it an
    hour of recording makes.
    """

    name: str
    need: Need
    speed: Callable[[Card, Own], Speed]
    per_hour_s: float = 3600.0
    load_s: float = 5.0


def _two_cores(x: float, spread: float, kind: Kind = "measured") -> Callable[[Card, Own], Speed]:
    """Returns the speed of work that runs on the processor whatever the card; ``x`` was measured on two cores."""

    def speed(card: Card, own: Own) -> Speed:
        cores = card.cores or own.cores or 8
        scale = (max(1, min(cores, 8)) / 2) ** 0.9
        same = cores == 2
        return Speed(x * scale / spread, x * scale, x * scale * spread, kind if same else "estimated", "two_cores")

    return speed


def _speakers(card: Card, own: Own) -> Speed:
    if card.runs == "cpu":
        return _two_cores(40.0, 2.0, "estimated")(card, own)
    return Speed(100.0, 250.0, 600.0, "estimated", "size")


def _restore(card: Card, own: Own) -> Speed:
    if card.runs == "cpu":
        return _two_cores(1 / 4.4, 1.2)(card, own)
    scale = card.tflops / 35.6
    return Speed(2.0 * scale, 6.0 * scale, 15.0 * scale, "estimated", "size")


WRITTEN_TOKENS, READ_TOKENS = 1500.0, 12000.0
"""Minutes of an hour of talk, and its transcript, in tokens."""
WRITER_GB = 10.0


def _writing(card: Card, own: Own) -> Speed:
    """Writing is bound by how fast the model's weights are read: once for each word."""
    if card.runs == "cpu":
        return _two_cores(3600 / (WRITTEN_TOKENS / 16.0 + READ_TOKENS / 60.0), 1.5)(card, own)

    def x(efficiency: float) -> float:
        return 3600 / (WRITTEN_TOKENS * WRITER_GB / (card.bandwidth_gbs * efficiency) + READ_TOKENS / 2500.0)

    return Speed(x(0.25), x(0.5), x(0.75), "estimated", "bandwidth")


def _video(card: Card, own: Own) -> Speed:
    """Seconds of video of 320 x 180 at 25 frames a second, made four times as large."""
    if card.runs == "cpu":
        return _two_cores(1 / (25 * 6.6), 1.2)(card, own)
    scale = card.tflops / 13.4
    published = 1 / (25 * 0.063)
    return Speed(0.5 * published * scale, published * scale, 2.0 * published * scale, "estimated", "paper")


def _aloud(card: Card, own: Own) -> Speed:
    return _two_cores(1 / 0.68, 1.2)(card, own)


CAPABILITIES: Mapping[str, Capability] = {
    one.name: one
    for one in (
        Capability("speakers", Need(0.6, 8.0, "estimated"), _speakers),
        Capability("clean", Need(0.3, None, "estimated"), _two_cores(1 / 0.14, 1.2)),
        Capability("restore", Need(2.0, 6.0, "measured"), _restore, load_s=33.0),
        Capability("writing", Need(WRITER_GB, 28.0, "estimated"), _writing, load_s=20.0),
        Capability("video", Need(1.2, 4.0, "measured"), _video, per_hour_s=60.0),
        Capability("aloud", Need(0.5, None, "estimated"), _aloud, per_hour_s=300.0),
    )
}
ON_CPU = frozenset({"clean", "aloud"})
"""These run on the processor, whatever card is there."""
CPU_WRITER_GB = 1.9
"""Without a GPU the writer is the small model of 1.5 thousand million parameters in four bits."""
WHISPER_PLAN_GB: Mapping[str, float] = {"base": 4.0, "large": 12.0}
"""What the users' plan says of Whisper."""


def need_gb(name: str, card: Card) -> float:
    """Returns what a capability holds on a card while it works."""
    if name == "writing" and card.runs == "cpu":
        return CPU_WRITER_GB
    return CAPABILITIES[name].need.ours_gb
