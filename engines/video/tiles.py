"""How much of a frame is made at once: as much as memory holds, in tiles that overlap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

HALO = 24
"""Pixels around a tile that are computed and thrown away: what is near its edge lacks what lies beyond."""
_LEAST_SIDE = 96
_WIDE_FEATURES = 9
"""Features of a whole tile that a step holds at once besides those that are kept: two trunks' inputs and outputs."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of rows or columns: ``first`` to ``last`` is made, for which ``low`` to ``high`` is computed."""

    first: int
    last: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Tile:
    """One part of a frame."""

    rows: Span
    columns: Span


def tiles(width: int, height: int, n_frames: int, budget: int, feature_bytes: int) -> list[Tile]:
    """Returns the parts in which ``n_frames`` are made, so that their features take at most ``budget`` bytes.

    ``feature_bytes`` is what the features of one pixel take. One tile is a whole frame.
    """
    most = max(1, budget // (feature_bytes * (n_frames + _WIDE_FEATURES)))
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
