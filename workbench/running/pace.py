"""How fast work goes: what a speed belongs to, and how it follows what was measured."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

NEWEST = 0.4
"""What the newest batch counts: a machine that has become busy is believed soon, one slow batch is soon forgotten."""

SURE, SURE_S = 0.2, 10.0
"""From this share of a chunk on its own speed says more than that of the chunk before it, or what was expected."""


class Effort(NamedTuple):
    """What a speed belongs to: a model, and how many candidates it follows at once, 0 where it knows no such number."""

    model: str
    beam: int = 0


def speed_told(told: Mapping[str, Any], sound_s: float, anew: bool) -> float | None:
    """Returns in seconds of sound a second how fast an engine says it makes pictures; ``sound_s`` is all of the chunk.

    None where it says nothing of it, or where a chunk has hardly begun: the first seconds are those of getting ready.
    Where nothing better is known, as is told by ``anew``, some time is enough.
    """
    share, took_s = float(told.get("share", 1.0)), float(told.get("took_s") or 0.0)
    if not told.get("frames_a_second") or took_s <= 0 or (share < SURE and not (anew and took_s >= SURE_S)):
        return None
    return sound_s * share / took_s


def effort_of(model: str, asked: Any) -> Effort:
    """Returns what the speed of a request depends on."""
    return Effort(model, int(getattr(asked, "beam", 0)))


def blended(known: float | None, newest: float, share: float = NEWEST) -> float:
    """Returns a speed in seconds of sound a second after one more batch.

    What is averaged is the time that a second of sound takes: that is what people wait. A mean of speeds would hardly
    notice a slow batch among quick ones.
    """
    return newest if known is None else 1.0 / ((1.0 - share) / known + share / newest)
