"""Figures over time in the database, for the panel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from workbench.history.database import Database

MINUTE_S, HOUR_S = 60, 3600
KEPT_S = {MINUTE_S: 26 * HOUR_S, HOUR_S: 32 * 24 * HOUR_S}
"""How long minutes and hours are kept: a little more than the day and the month that are drawn."""


@dataclass(frozen=True, slots=True)
class Point:
    """What was seen of one figure in one step: how many values, their sum, and the largest."""

    at: int
    name: str
    label: str
    n: int
    total: float
    peak: float


@dataclass(frozen=True, slots=True)
class Ended:
    """A job that has ended; seconds are None where it never began or its length never became known.

    ``copied`` ones were answered from what was stored and cost nothing.
    """

    status: str
    error_code: str | None
    lane: str
    duration_s: float | None
    waited_s: float | None
    copied: bool


class Metrics(Database):
    """Steps of a minute, rolled up into hours."""

    def add_metrics(self, points: Iterable[Point]) -> None:
        """Adds values to the minutes and the hours in which they were seen."""
        rows = [
            (step, point.at - point.at % step, point.name, point.label, point.n, point.total, point.peak)
            for point in points
            for step in (MINUTE_S, HOUR_S)
        ]
        with self.transaction(durable=False) as db:
            db.executemany(
                "INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n,"
                " total = total + excluded.total, peak = max(peak, excluded.peak)",
                rows,
            )

    def metrics(self, step: int, since: float, until: float) -> list[Point]:
        """Returns the steps of a minute (60) or an hour (3600) that begin in a time, oldest first."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT at, name, label, n, total, peak FROM metrics WHERE step = ? AND at >= ? AND at < ? ORDER BY at",
                (step, int(since), int(until)),
            )
            return [Point(**dict(row)) for row in rows]

    def newest_input(self, least_s: float) -> str | None:
        """Returns the recording of the newest finished job that is at least so long, None where there is none."""
        with self.reading() as db:
            row = db.execute(
                "SELECT input_sha256 FROM jobs WHERE status = 'succeeded' AND deleted_at IS NULL AND duration_s >= ?"
                " AND input_sha256 IS NOT NULL ORDER BY created_at DESC, seq DESC LIMIT 1",
                (least_s,),
            ).fetchone()
            return None if row is None else str(row["input_sha256"])

    def forget_metrics(self, now: float) -> int:
        """Deletes minutes and hours that are not drawn any more; returns how many."""
        with self.transaction(durable=False) as db:
            return sum(
                db.execute("DELETE FROM metrics WHERE step = ? AND at < ?", (step, int(now - kept))).rowcount
                for step, kept in KEPT_S.items()
            )

    def ended_between(self, since: float, until: float) -> list[Ended]:
        """Returns the jobs that ended in a time; ``since`` is not included, ``until`` is."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT status, error_code, lane, duration_s, started_at - created_at AS waited_s,"
                " copied_from IS NOT NULL AS copied FROM jobs WHERE finished_at > ? AND finished_at <= ?",
                (since, until),
            )
            return [Ended(**{**dict(row), "copied": bool(row["copied"])}) for row in rows]
