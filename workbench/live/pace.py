"""How much a machine can do while people speak: pure decisions on measured times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Partials = Literal["on", "thin", "off"]

EVERY_S = 1.0
"""An open utterance is decoded so often where the machine keeps up."""
SLOW_S = 1.2
"""A pass that takes longer comes too seldom to read along calmly."""
USELESS_S = 5.0
FAR_BEHIND_S = 20.0
TRY_AGAIN_S = 30.0
"""After so long it is looked again whether the machine is still too busy for provisional text."""
FORSAKEN_S = 15 * 60.0
SPEED_A_SESSION = 2.5
"""Times of real time that a model must manage for each session: an utterance is heard about twice, in short windows,
which cost more than long ones, and people do not speak all the time. Three people who spoke without rest on two cores
with Whisper base, which managed 8 to 15 times, had their final text 0.3 s after the pause, at worst about 1.0 s.
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """Whether provisional text comes, and how many seconds lie between two passes."""

    partials: Partials
    every_s: float


def pace(took_s: float | None, behind_s: float) -> Pace:
    """Returns the pace for passes that took ``took_s`` from asking to text, None where none was made lately.

    ``behind_s`` are the seconds of ended speech that wait for their text: these go first.
    """
    took_s = took_s or 0.0
    if took_s > USELESS_S or behind_s > FAR_BEHIND_S:
        return Pace("off", TRY_AGAIN_S)
    if took_s > SLOW_S or behind_s > FAR_BEHIND_S / 2:
        return Pace("thin", max(EVERY_S, 2 * took_s))
    return Pace("on", max(EVERY_S, took_s))


def smoothed(known_s: float | None, took_s: float) -> float:
    """Returns the running mean of what a pass takes."""
    return took_s if known_s is None else 0.6 * known_s + 0.4 * took_s


def most_sessions(realtime_x: float, n_places: int) -> int:
    """Returns how many people can speak at once on models of this speed; one always can."""
    return max(1, int(realtime_x * n_places / SPEED_A_SESSION))


def is_forsaken(left_at: float | None, now: float) -> bool:
    """Tells whether a session has waited long enough for its browser; ``left_at`` is None while it is connected."""
    return left_at is not None and now - left_at >= FORSAKEN_S
