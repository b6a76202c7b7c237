"""Figures over time: what is counted, rolled up, drawn and forgotten."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engines.device import Gpu, Machine
from workbench.history.history import History
from workbench.history.metrics import HOUR_S, MINUTE_S, Ended, Point
from workbench.machine.metrics import Metrics, Processor
from workbench.machine.metrics_points import SPANS, gathered, of_ended, series
from workbench.running.board import Board

NOW = 1_800_000_000.0
MACHINE = Machine(2, 8000, 5000, (Gpu(0, "Card", 8000, 6000, 8.0, 0.25),))


class Time:
    now = NOW

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def history(tmp_path: Path, root: Path, time: Time) -> Iterator[History]:
    with History(tmp_path / "history.db", root / "history.db-schema", time) as opened:
        yield opened


def watch(history: History) -> Metrics:
    residents = [SimpleNamespace(name="base", held_mib=300)]
    residency: Any = SimpleNamespace(status=lambda: residents)
    return Metrics(history, Board(lambda: 0.0), residency, lambda: MACHINE, lambda: 0.5)


def test_jobs_that_ended_are_counted_once_by_kind() -> None:
    jobs = [
        Ended("succeeded", None, "interactive", 60.0, 2.0, False),
        Ended("succeeded", None, "interactive", 30.0, 4.0, False),
        Ended("succeeded", None, "batch", 500.0, 0.0, True),
        Ended("failed", "out_of_memory", "batch", None, None, False),
        Ended("cancelled", None, "live", 5.0, -3.0, False),
    ]
    found = {(p.name, p.label): (p.n, p.total, p.peak) for p in of_ended(jobs, 0)}
    assert found == {
        ("jobs", "succeeded"): (3, 3.0, 1.0), ("jobs", "failed"): (1, 1.0, 1.0), ("jobs", "cancelled"): (1, 1.0, 1.0),
        ("errors", "out_of_memory"): (1, 1.0, 1.0), ("audio_s", ""): (2, 90.0, 60.0),
        ("wait_s", "interactive"): (2, 6.0, 4.0), ("wait_s", "live"): (1, 0.0, 0.0),
    }  # fmt: skip


def test_means_leave_gaps_and_sums_are_nothing_where_nothing_was() -> None:
    now = 10 * 3600.0
    points = [Point(int(now) - 60, "cpu", "", 2, 1.0, 0.9), Point(int(now) - 60, "jobs", "failed", 1, 3.0, 3.0)]
    told = series(points, SPANS["hour"], now)
    assert len(told["times"]) == 60 and told["times"][-1] == int(now)
    assert told["lines"]["cpu"][""][-3:] == [None, 0.5, None]
    assert told["lines"]["jobs"]["failed"][-3:] == [0.0, 3.0, 0.0]


@pytest.mark.parametrize("span", list(SPANS))
def test_every_span_ends_now_and_leaves_nothing_out(span: str) -> None:
    wanted = SPANS[span]
    ages = range(0, wanted.length_s - wanted.step_s, wanted.row_s)
    points = [Point(int(NOW - age) // wanted.row_s * wanted.row_s, "jobs", "", 1, 1.0, 1.0) for age in ages]
    told = series(points, wanted, NOW)
    assert sum(told["lines"]["jobs"][""]) == len(points)
    assert len(told["times"]) * wanted.step_s == wanted.length_s


def test_a_day_begins_at_midnight_of_the_office() -> None:
    now, zone_s = 1_800_000_000.0, 8 * HOUR_S
    told = series([Point(int(now), "jobs", "", 1, 1.0, 1.0)], SPANS["month"], now, zone_s)
    assert {(time + zone_s) % (24 * HOUR_S) for time in told["times"]} == {0}
    assert len(told["times"]) == 30 and told["lines"]["jobs"][""][-1] == 1.0


def test_a_look_is_shown_at_once_and_stored_once_a_minute(history: History, time: Time) -> None:
    metrics = watch(history)
    metrics.tally.batch("base", 60.0, 6.0)
    live = metrics.look()
    assert (live["cpu"], live["ram_used_mib"], live["models"]) == (0.5, 3000, {"base": 300})
    assert live["gpus"][0] == {"index": 0, "name": "Card", "use": 0.25, "used_mib": 2000, "total_mib": 8000}
    shown = metrics.charts("hour")
    assert shown["lines"]["cpu"][""][-1] == 0.5 and shown["lines"]["gpu"]["0"][-1] == 0.25
    assert shown["sums"]["sound_s"]["base"]["total"] == 60.0
    assert history.metrics(MINUTE_S, 0, NOW + 1) == []
    metrics._write()
    minutes, hours = history.metrics(MINUTE_S, 0, NOW + 1), history.metrics(HOUR_S, 0, NOW + 1)
    assert {p.name for p in minutes} == {p.name for p in hours} != set()
    assert metrics.charts("hour")["sums"] == shown["sums"]


def test_many_looks_are_rolled_up_into_minutes_and_hours(history: History, time: Time) -> None:
    metrics = watch(history)
    time.now = NOW - NOW % HOUR_S
    for _ in range(30):
        metrics.look()
        time.now += 10
        metrics._write()
    minutes = [p for p in history.metrics(MINUTE_S, 0, time.now) if p.name == "cpu"]
    [hour] = [p for p in history.metrics(HOUR_S, 0, time.now) if p.name == "cpu"]
    assert [p.n for p in minutes] == [6] * 5 and hour.n == 30 and hour.total == pytest.approx(15.0)


def test_what_is_not_drawn_any_more_is_forgotten(history: History, time: Time) -> None:
    history.add_metrics(Point(int(NOW - age * HOUR_S), "cpu", "", 1, 1.0, 1.0) for age in (0, 30, 800))
    assert history.forget_metrics(NOW) == 3
    assert len(history.metrics(MINUTE_S, 0, NOW + 1)) == 1 and len(history.metrics(HOUR_S, 0, NOW + 1)) == 2


def test_a_month_of_figures_stays_small(history: History, time: Time) -> None:
    """Two models, all lanes and kinds of end, every minute of a day and every hour of a month."""
    names = [*("cpu", "ram", "audio_s"), *(f"{name}-{n}" for name in ("model", "sound", "compute") for n in (1, 2))]
    names += [f"{name}-{n}" for name in ("queue", "jobs", "wait", "errors") for n in (1, 2, 3)]
    for back in range(0, 24 * HOUR_S, 20 * MINUTE_S):
        at = [int(NOW) - back - minute * 60 for minute in range(20)]
        history.add_metrics(Point(one, name, "", 1, 1.0, 1.0) for one in at for name in names)
    with history.reading() as db:
        pages, size = db.execute("PRAGMA page_count").fetchone()[0], db.execute("PRAGMA page_size").fetchone()[0]
    assert pages * size < 6_000_000


def test_counters_only_grow_and_waiting_is_counted_by_bound(history: History, time: Time) -> None:
    metrics = watch(history)
    metrics._count_waits([0.5, 20.0, 5000.0])
    counters = metrics.counters()
    assert (counters.waits[1.0], counters.waits[60.0], counters.waits[3600.0], counters.wait_n) == (1, 2, 2, 3)


def test_a_full_disk_loses_no_figures(history: History, time: Time) -> None:
    metrics = watch(history)
    metrics.look()
    add = history.add_metrics
    failing: Any = history

    def full(points: Any) -> None:
        from workbench.history.errors import HistoryError

        raise HistoryError("disk_full", free_mib=1)

    failing.add_metrics = full
    with pytest.raises(Exception, match="disk_full"):
        metrics._write()
    failing.add_metrics = add
    metrics._write()
    assert len(history.metrics(MINUTE_S, 0, NOW + 1)) == len(gathered(history.metrics(MINUTE_S, 0, NOW + 1))) > 4


def test_the_use_of_processors_is_not_asked_more_than_once_a_second() -> None:
    asked, now = iter([0.3, 0.6]), [0.0]
    use = Processor(lambda: next(asked), lambda: now[0])
    told = []
    for moment in (0.5, 1.0, 1.5, 2.5):
        now[0] = moment
        told.append(use())
    assert told == [0.0, 0.3, 0.3, 0.6]
