"""Which chunks run next: pure decisions over lanes, fairness between people, and loaded models."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Lane = Literal["live", "interactive", "batch"]
LANES: tuple[Lane, ...] = ("live", "interactive", "batch")

AGEING_S = 300.0
"""A batch job that got nothing for so long is taken like an interactive one."""
SAME_MODEL_RUNS = 4
"""So many batches in a row may go to the model that is loaded already, before another one's older claim is honoured."""
SOUND_S = 112.0
"""Seconds of sound that any batch may have."""
BATCH_FILES = 4
"""Files dropped at once from which on they go to the batch lane."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A chunk that can run; ``sound_s`` is the length of its pieces, ``attempts`` how often it has failed."""

    number: int
    sound_s: float
    attempts: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """What one job asks for: its next chunks, in the order in which it wants them.

    ``since`` and ``served`` are monotonic seconds: when the job came, and when it last got a batch (or came).
    ``undecided`` jobs wait for one chunk to tell the language. ``quick`` marks a long job that has shown no text yet.
    """

    job_id: str
    owner: str
    lane: Lane
    model: str
    since: float
    served: float
    chunks: tuple[Waiting, ...]
    n_running: int = 0
    undecided: bool = False
    quick: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """Limits of one batch: ``size`` chunks of at most ``sound_s`` seconds together, ``beside_live`` of them while
    somebody may speak. A model that runs fewer together gets as much less sound, down to ``SOUND_S``.

    ``quick_alone`` runs the first chunk of a long job by itself, as a batch takes long on a CPU.
    """

    size: int = 8
    sound_s: float = SOUND_S
    quick_alone: bool = True
    beside_live: int = 1


def beside_live(rules: Rules) -> Rules:
    """Returns the limits of other work while somebody may speak, so that a live chunk waits for little."""
    return replace(rules, size=min(rules.size, rules.beside_live))


@dataclass(frozen=True, slots=True)
class Engines:
    """What is known of the models: loaded ones, the last one with its batches in a row, those in use, and how many
    chunks of each run well together.
    """

    resident: Collection[str] = ()
    last: str | None = None
    n_runs: int = 0
    busy: Collection[str] = ()
    sizes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """Chunks that run together on one model, each ``(job_id, number)``."""

    model: str
    items: tuple[tuple[str, int], ...]
    sound_s: float = field(default=0.0, compare=False)


def next_batch(
    claims: Sequence[Claim], service: Mapping[str, float], engines: Engines, rules: Rules, now: float
) -> Batch | None:
    """Returns the batch that runs next, or None when nothing can.

    ``service`` is the recent use of each person in seconds; who had least goes first within a lane.
    """
    able = [claim for claim in claims if _chunks(claim) and claim.model not in engines.busy]
    if not able:
        return None
    able.sort(key=lambda claim: order(claim, service, now))
    model = _model(able, engines, now)
    size = min(rules.size, engines.sizes.get(model, rules.size))
    sound_s = max(min(rules.sound_s, SOUND_S), rules.sound_s * size / rules.size)
    rules = replace(rules, size=size, sound_s=sound_s)
    return _fill([claim for claim in able if claim.model == model], service, rules, now)


def order(claim: Claim, service: Mapping[str, float], now: float) -> tuple[int, float, float, str]:
    """Returns the sort key of a job: lane (with ageing), the person's recent use, age."""
    return level(claim.lane, now - claim.served), service.get(claim.owner, 0.0), claim.since, claim.job_id


def level(lane: Lane, waited_s: float) -> int:
    """Returns 0 for live, 1 for interactive and for batch work that has waited long enough, 2 for other batch work."""
    if lane == "live":
        return 0
    return 1 if lane == "interactive" or waited_s >= AGEING_S else 2


def lane_for(n_files: int, n_active: int) -> Lane:
    """Returns the lane of files that a person drops at once, with ``n_active`` of their jobs unfinished already."""
    return "interactive" if n_files < BATCH_FILES and n_active < 2 * BATCH_FILES else "batch"


def decayed(service: Mapping[str, float], passed_s: float, half_life_s: float = 600.0) -> dict[str, float]:
    """Returns everybody's recent use after some time; what is nearly nothing is dropped."""
    factor = 0.5 ** (max(0.0, passed_s) / half_life_s)
    return {owner: used * factor for owner, used in service.items() if used * factor > 0.01}


def next_intake(
    waiting: Sequence[Claim], running_owners: Sequence[str], workers: int, service: Mapping[str, float], now: float
) -> Claim | None:
    """Returns the job whose recording is read next, or None.

    With two workers or more, one person's files never take the last free one: a ten-hour recording delays nobody else.
    """
    free = workers - len(running_owners)
    if free <= 0:
        return None
    for claim in sorted(waiting, key=lambda claim: order(claim, service, now)):
        if workers == 1 or free > 1 or claim.owner not in running_owners:
            return claim
    return None


def _chunks(claim: Claim) -> tuple[Waiting, ...]:
    """Returns what a job may run now: clean chunks before failed ones; only one while its language is open."""
    if claim.undecided and claim.n_running:
        return ()
    sound = tuple(chunk for chunk in claim.chunks if chunk.attempts == 0)
    failed = tuple(chunk for chunk in claim.chunks if chunk.attempts > 0)
    chosen = sound + failed
    return chosen[:1] if claim.undecided else chosen


def _model(able: Sequence[Claim], engines: Engines, now: float) -> str:
    """Returns the first job's model, or a loaded one that a job of the same level wants, a bounded number of times."""
    first = able[0]
    if first.model in engines.resident or first.lane == "live":
        return first.model
    best = level(first.lane, now - first.served)
    for claim in able:
        if claim.model in engines.resident and level(claim.lane, now - claim.served) == best:
            spent = engines.n_runs >= SAME_MODEL_RUNS and engines.last == claim.model
            if not spent:
                return claim.model
    return first.model


def _fill(claims: Sequence[Claim], service: Mapping[str, float], rules: Rules, now: float) -> Batch:
    """Deals places one by one to whoever has had least, counting what this batch already gives them."""
    given = dict(service)
    left = {claim.job_id: list(_chunks(claim)) for claim in claims}
    taken: list[tuple[str, int]] = []
    sound_s = 0.0
    while len(taken) < rules.size:
        open_claims = [claim for claim in claims if left[claim.job_id]]
        if not open_claims:
            break
        claim = min(open_claims, key=lambda claim: order(claim, given, now))
        chunk = left[claim.job_id].pop(0)
        if chunk.attempts and taken:
            left[claim.job_id].clear()
            continue
        if taken and sound_s + chunk.sound_s > rules.sound_s:
            break
        taken.append((claim.job_id, chunk.number))
        sound_s += chunk.sound_s
        given[claim.owner] = given.get(claim.owner, 0.0) + chunk.sound_s
        if chunk.attempts or (claim.quick and rules.quick_alone and len(taken) == 1):
            break
        if claim.quick and rules.quick_alone:
            left[claim.job_id].clear()
    return Batch(claims[0].model, tuple(taken), sound_s)
