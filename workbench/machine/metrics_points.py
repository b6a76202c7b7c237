"""From figures over time to the lines of a chart: pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.history.metrics import HOUR_S, MINUTE_S, Ended, Point

DAY_S = 24 * HOUR_S
MEANS = ("cpu", "ram", "gpu", "gpu_memory", "model_memory", "queue")
"""Figures that are looked at from time to time: a chart shows their mean. All others are added up."""


@dataclass(frozen=True, slots=True)
class Span:
    """What a chart covers: ``length_s`` back from now, in ``n`` steps read from rows of ``row_s``."""

    length_s: int
    step_s: int
    row_s: int


SPANS = {
    "hour": Span(HOUR_S, MINUTE_S, MINUTE_S),
    "day": Span(DAY_S, 15 * MINUTE_S, MINUTE_S),
    "week": Span(7 * DAY_S, 3 * HOUR_S, HOUR_S),
    "month": Span(30 * DAY_S, DAY_S, HOUR_S),
}


def of_ended(jobs: Iterable[Ended], at: int) -> list[Point]:
    """Returns what the end of some jobs adds to the figures."""
    found: list[Point] = []
    for job in jobs:
        found.append(Point(at, "jobs", job.status, 1, 1.0, 1.0))
        if job.error_code and job.status == "failed":
            found.append(Point(at, "errors", job.error_code, 1, 1.0, 1.0))
        if job.status == "succeeded" and job.duration_s and not job.copied:
            found.append(Point(at, "audio_s", "", 1, job.duration_s, job.duration_s))
        if job.waited_s is not None and not job.copied:
            waited_s = max(0.0, job.waited_s)
            found.append(Point(at, "wait_s", job.lane, 1, waited_s, waited_s))
    return gathered(found)


def gathered(points: Iterable[Point]) -> list[Point]:
    """Returns points of one step, name and label put together."""
    found: dict[tuple[int, str, str], Point] = {}
    for p in points:
        key = p.at, p.name, p.label
        known = found.get(key)
        if known is not None:
            p = Point(p.at, p.name, p.label, known.n + p.n, known.total + p.total, max(known.peak, p.peak))
        found[key] = p
    return list(found.values())


def series(points: Sequence[Point], span: Span, now: float, zone_s: int = 0) -> dict[str, Any]:
    """Returns plain JSON for charts: ``times`` (the beginning of each step) and by name and label ``values``.

    Means are None in steps in which nothing was seen; sums are 0 there. Days begin at midnight of the time zone, which
    is ``zone_s`` seconds ahead of UTC.
    """
    first = (int(now - span.length_s) + zone_s) // span.step_s * span.step_s + span.step_s - zone_s
    times = list(range(first, int(now) + 1, span.step_s))
    lines: dict[str, dict[str, list[Point | None]]] = defaultdict(dict)
    for point in points:
        place = (point.at - first) // span.step_s
        if not 0 <= place < len(times):
            continue
        line = lines[point.name].setdefault(point.label, [None] * len(times))
        moved = Point(times[place], point.name, point.label, point.n, point.total, point.peak)
        known = line[place]
        line[place] = moved if known is None else gathered([known, moved])[0]
    return {"times": times, "step_s": span.step_s, "lines": {name: _told(name, of) for name, of in lines.items()}}


def _told(name: str, lines: Mapping[str, Sequence[Point | None]]) -> dict[str, Any]:
    return {label: [_value(name, point) for point in line] for label, line in sorted(lines.items())}


def _value(name: str, point: Point | None) -> float | None:
    """Returns what is drawn: a mean for what is looked at and for waiting, a sum for what is counted."""
    if name in MEANS or name == "wait_s":
        return None if point is None or not point.n else round(point.total / point.n, 4)
    return 0.0 if point is None else round(point.total, 3)


def totals(points: Iterable[Point]) -> dict[str, dict[str, tuple[int, float, float]]]:
    """Returns count, sum and largest value by name and label."""
    found: dict[str, dict[str, tuple[int, float, float]]] = defaultdict(dict)
    for p in points:
        n, total, peak = found[p.name].get(p.label, (0, 0.0, 0.0))
        found[p.name][p.label] = n + p.n, total + p.total, max(peak, p.peak)
    return dict(found)
