"""Memory decisions: what fits, what goes, who waits, and what is tried when there is not enough.

Values in, values out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from engines.base import Place


@dataclass(frozen=True, slots=True)
class Held:
    """A model that holds memory.

    ``busy`` while it is loaded or unloaded; times are those of one monotonic clock, in seconds. A ``pinned`` one goes
    last; ``keep_alive_s`` is its own, None the usual.
    """

    name: str
    device: str
    resident_mib: int
    working_mib: int = 0
    leases: int = 0
    loaded_at: float = 0.0
    last_used: float = 0.0
    busy: bool = False
    pinned: bool = False
    keep_alive_s: float | None = None

    @property
    def idle(self) -> bool:
        """Whether it may be taken out of memory."""
        return self.leases == 0 and not self.busy


@dataclass(frozen=True, slots=True)
class Need:
    """What a lease asks for: the model's resident memory counts only while the model is not held yet."""

    name: str
    device: str
    resident_mib: int
    working_mib: int


def missing_mib(held: Sequence[Held], need: Need, budget_mib: int) -> int:
    """Returns by how much the need passes the budget of its device, 0 or less when it fits."""
    here = [model for model in held if model.device == need.device]
    used = sum(model.resident_mib + model.working_mib for model in here)
    loaded = any(model.name == need.name for model in here)
    return used + need.working_mib + (0 if loaded else need.resident_mib) - budget_mib


def fits(held: Sequence[Held], need: Need, budget_mib: int) -> bool:
    """Returns whether resident and working memory fit beside what is held."""
    return missing_mib(held, need, budget_mib) <= 0


def evict(held: Sequence[Held], need: Need, budget_mib: int) -> tuple[str, ...] | None:
    """Returns the idle models to unload so that the need fits, least recently used first and pinned ones last; None
    where even all do not suffice.

    A model that went although the next ones free enough without it is kept.
    """
    missing = missing_mib(held, need, budget_mib)
    if missing <= 0:
        return ()
    idle = [m for m in held if m.idle and m.device == need.device and m.name != need.name]
    gone: list[Held] = []
    for model in sorted(idle, key=lambda model: (model.pinned, model.last_used)):
        gone.append(model)
        missing -= model.resident_mib
        if missing <= 0:
            break
    if missing > 0:
        return None
    for model in sorted(gone, key=lambda model: not model.pinned):
        if missing + model.resident_mib <= 0:
            gone.remove(model)
            missing += model.resident_mib
    return tuple(model.name for model in gone)


class Answer(StrEnum):
    """What becomes of a request for a lease."""

    GRANT = "grant"
    EVICT = "evict"
    WAIT = "wait"
    TOO_BIG = "too_big"


@dataclass(frozen=True, slots=True)
class Rules:
    """How long a model keeps its turn while others wait for its memory, and how short a pause does not end it, in
    seconds.
    """

    turn_s: float = 30.0
    pause_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, and with EVICT the names that go first."""

    answer: Answer
    names: tuple[str, ...] = ()


def decide(
    held: Sequence[Held], need: Need, ahead: Sequence[Need], budget_mib: int, now: float, rules: Rules
) -> Decision:
    """Decides about one request; ``ahead`` are the older ones that still wait.

    A loaded model serves new requests past older ones for other models only within its turn, and an idle one stays for
    a short pause within it: so two models that do not fit together alternate, and not with every chunk.
    """
    others = [n for n in ahead if n.device == need.device and n.name != need.name]
    mine = next((m for m in held if m.name == need.name and m.device == need.device), None)
    if mine is not None and mine.busy and mine.leases == 0:
        return Decision(Answer.WAIT)
    if others and (mine is None or now - mine.loaded_at >= rules.turn_s):
        return Decision(Answer.WAIT)
    names = evict([_with_turn(model, now, rules) for model in held], need, budget_mib)
    if names is None:
        alone = not any(m.device == need.device and m.name != need.name for m in held)
        shared = mine is not None and mine.leases > 0
        return Decision(Answer.TOO_BIG if alone and not shared else Answer.WAIT)
    return Decision(Answer.EVICT, names) if names else Decision(Answer.GRANT)


def _with_turn(model: Held, now: float, rules: Rules) -> Held:
    in_turn = now - model.loaded_at < rules.turn_s and now - model.last_used < rules.pause_s
    return replace(model, busy=True) if in_turn and model.idle else model


def expired(held: Sequence[Held], now: float, keep_alive_s: float) -> tuple[str, ...]:
    """Returns the idle models that nobody has used for their own keep-alive time, or else ``keep_alive_s``."""
    loose = [model for model in held if model.idle and not model.pinned]
    return tuple(
        m.name for m in loose if now - m.last_used >= (keep_alive_s if m.keep_alive_s is None else m.keep_alive_s)
    )


def leaks(held_mib: int, loaded_mib: int, working_mib: int) -> bool:
    """Tells whether an idle model holds far more than it did when it was loaded, even with its work's memory kept."""
    return loaded_mib > 0 and held_mib > loaded_mib + working_mib + max(128, loaded_mib // 4)


class Step(StrEnum):
    """What is done about running out of memory, in this order; the value is the code a person's sentence goes by."""

    FREE_CACHE = "free_cache"
    HALVE_BATCH = "halve_batch"
    EVICT_IDLE = "evict_idle"
    LOWER_PRECISION = "lower_precision"
    CPU = "cpu"
    GIVE_UP = "give_up"


@dataclass(frozen=True, slots=True)
class Ladder:
    """How far down a run already is. ``places`` are those still to be tried, best first."""

    batch: int
    place: Place
    places: tuple[Place, ...] = ()
    others_idle: bool = False
    cache_freed: bool = False


def next_step(ladder: Ladder) -> tuple[Step, Ladder]:
    """Returns what to do now and the ladder after it."""
    if not ladder.cache_freed:
        return Step.FREE_CACHE, replace(ladder, cache_freed=True)
    if ladder.batch > 1:
        return Step.HALVE_BATCH, replace(ladder, batch=ladder.batch // 2)
    if ladder.others_idle:
        return Step.EVICT_IDLE, replace(ladder, others_idle=False)
    if ladder.places:
        place, *rest = ladder.places
        step = Step.LOWER_PRECISION if place.device == ladder.place.device else Step.CPU
        return step, replace(ladder, place=place, places=tuple(rest))
    return Step.GIVE_UP, ladder
