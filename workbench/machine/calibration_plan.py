"""What a calibration tries, and what its figures mean: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engines.base import Memory

LONGEST_S = 60.0
"""What a calibration may take: an office waits for nothing longer."""
LONG_S = 20.0
"""A first run that takes longer is not done again only to be quicker."""
ITEM_S = 14.0
"""Seconds of sound in one item, as in most chunks of real work."""
SIZES_CPU, SIZES_GPU = (1, 2, 4), (1, 4, 16)
REPEATS = 2
"""Each batch is run so often, and the quicker run counts: what else the machine did meanwhile only slows."""
_SPARE = 1.1


@dataclass(frozen=True, slots=True)
class Run:
    """One batch: its size, how long it took, and the most memory held up to then, in MiB or 0."""

    batch: int
    took_s: float
    peak_mib: int


def sizes(device: str, limit: int | None) -> tuple[int, ...]:
    """Returns the batches to be tried, the smallest first."""
    wanted = SIZES_CPU if device == "cpu" else SIZES_GPU
    return tuple(size for size in wanted if limit is None or size <= max(1, limit))


def steps(sizes: Sequence[int]) -> list[int]:
    """Returns the batches in the order in which they are run, without the first for warming up."""
    return [size for size in sizes for _ in range(REPEATS)]


def worth(runs: Sequence[Run], batch: int, passed_s: float) -> bool:
    """Tells whether there is time for a batch; the first is always run, and the next is taken to cost its share."""
    if not runs:
        return True
    return passed_s + runs[-1].took_s * batch / runs[-1].batch <= LONGEST_S


def speeds_of(runs: Sequence[Run], work: float) -> dict[int, float]:
    """Returns how much work a second by the size of the batch, of the quickest run of each; ``work`` is one item's."""
    found: dict[int, float] = {}
    for run in runs:
        if run.took_s > 0:
            found[run.batch] = max(found.get(run.batch, 0.0), round(run.batch * work / run.took_s, 3))
    return found


def memory_of(resident_mib: int, runs: Sequence[Run], guess: Memory) -> Memory:
    """Returns the two numbers of a model: a straight line through the working memory of the batches, and a tenth more.

    Where only one batch was run, the line has the slope of the guess at most. Without any figure the guess holds.
    """
    seen = [(run.batch, max(0, run.peak_mib - resident_mib)) for run in runs if run.peak_mib > 0]
    if not resident_mib or not seen:
        return guess
    (small, low), (large, high) = seen[0], seen[-1]
    if large > small:
        slope = max(0.0, (high - low) / (large - small))
    else:
        slope = min(float(guess.working_item_mib), low / small)
    base = max(0.0, max(needed - slope * batch for batch, needed in seen))
    return Memory(resident_mib, round(base * _SPARE) + 8, round(slope * _SPARE) + 1)


def at_least(memory: Memory, guess: Memory) -> Memory:
    """Returns what was measured with small items, where real ones may need what the catalog guesses while they run.

    ``resident_mib`` stays as measured, but both numbers together are not below the guess.
    """
    missing = guess.resident_mib + guess.working_mib(1) - memory.resident_mib - memory.working_mib(1)
    return Memory(memory.resident_mib, memory.working_base_mib + max(0, missing), memory.working_item_mib)
