"""How much of a frame is made at once: as much as memory holds, in tiles that overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HALO = 24
"""Pixels around a tile that are computed and thrown away: what is near its edge lacks what lies beyond."""
_LEAST_SIDE = 96
_STEP_FEATURES = 9
"""Features that a step holds at once besides those that are kept: inputs and outputs of a trunk, and what is moved."""
_FRAME_BYTES = 28
"""Of a pixel of a frame, in float32: its colours, and the motion both ways."""
_MOTION_BYTES = 700
"""Of a pixel, while motion is being found: the widest step holds 32 and 64 channels in float32 of it and its rest."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of rows or columns: ``first`` to ``last`` is made, for which ``low`` to ``high`` is computed."""

    first: int
    last: int
    low: int
    high: int

    @property
    def seen(self) -> slice:
        """What is computed, as a slice of a frame."""
        return slice(self.low, self.high)


@dataclass(frozen=True, slots=True)
class Tile:
    """One part of a frame."""

    rows: Span
    columns: Span


def pixel_bytes(n_kept: int, n_frames: int, feature_bytes: int) -> int:
    """Returns what a pixel takes while ``n_kept`` of ``n_frames`` frames are made; ``feature_bytes`` is of one."""
    return (n_kept + _STEP_FEATURES) * feature_bytes + n_frames * _FRAME_BYTES + _MOTION_BYTES


def tiles(width: int, height: int, budget: int, per_pixel: int) -> list[Tile]:
    """Returns the parts in which frames are made, each of at most ``budget`` bytes; one tile is a whole frame."""
    most = max(1, budget // per_pixel)
    n_columns = n_rows = 1
    while _area(width, n_columns) * _area(height, n_rows) > most:
        wide, tall = width / n_columns, height / n_rows
        if max(wide, tall) / 2 < _LEAST_SIDE:
            break
        if wide >= tall:
            n_columns += 1
        else:
            n_rows += 1
    return [Tile(rows, columns) for rows in _spans(height, n_rows) for columns in _spans(width, n_columns)]


def _area(length: int, n: int) -> int:
    return length if n == 1 else min(length, -(-length // n) + 2 * HALO)


def _spans(length: int, n: int) -> Iterator[Span]:
    for at in range(n):
        first, last = length * at // n, length * (at + 1) // n
        yield Span(first, last, max(0, first - HALO), min(length, last + HALO))
