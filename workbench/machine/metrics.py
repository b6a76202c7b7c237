"""Watches the machine and its work: figures for the panel, kept small, and counters for other programs."""

from __future__ import annotations

import logging
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import localtime, monotonic
from typing import Any

import psutil

from engines.device import Machine
from engines.residency.residency import Residency
from media.errors import WorkbenchError
from workbench.history.history import History
from workbench.history.metrics import Point
from workbench.machine.metrics_points import SPANS, gathered, of_ended, series, totals
from workbench.running.board import Board
from workbench.running.lanes import LANES

log = logging.getLogger(__name__)
LOOK_S = 10.0
WRITE_S = 60.0
FORGET_S = 3600.0
_QUIET = 0.3
WAIT_BOUNDS_S = (1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 3600.0)


@dataclass(frozen=True, slots=True)
class Counters:
    """What was counted since the start of the program, by label; ``waits`` are cumulative counts by bound."""

    jobs: Mapping[str, float]
    errors: Mapping[str, float]
    audio_s: float
    sound_s: Mapping[str, float]
    compute_s: Mapping[str, float]
    waits: Mapping[float, int]
    wait_n: int
    wait_s: float


class Tally:
    """Counts what was computed; told by the threads that run batches."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._new: list[tuple[str, str, float]] = []

    def batch(self, model: str, sound_s: float, took_s: float) -> None:
        """Counts one batch: its seconds of sound, and how long it took."""
        with self._lock:
            self._new += [("sound_s", model, sound_s), ("compute_s", model, took_s)]

    def take(self) -> list[tuple[str, str, float]]:
        """Returns what is new as ``(name, label, value)``, once."""
        with self._lock:
            new, self._new = self._new, []
            return new


class Processor:
    """Tells the share of all processors in use over the last second or more; asked sooner it tells the same again."""

    def __init__(
        self, share: Callable[[], float] = lambda: psutil.cpu_percent() / 100, clock: Callable[[], float] = monotonic
    ) -> None:
        self._share = share
        self._clock = clock
        self._lock = threading.Lock()
        self._last = (clock(), 0.0)

    def __call__(self) -> float:
        with self._lock:
            now = self._clock()
            if now - self._last[0] >= 1.0:
                self._last = now, self._share()
            return self._last[1]


class Metrics:
    """A thread that looks every few seconds and writes once a minute.

    ``look`` gives the machine as it is now; ``cpu`` the share of all processors in use since it was last asked, and
    ``zone_s`` the seconds by which this machine's time is ahead of UTC.
    """

    def __init__(
        self,
        history: History,
        board: Board,
        residency: Residency,
        look: Callable[[], Machine],
        cpu: Callable[[], float] | None = None,
        zone_s: Callable[[float], int] = lambda now: localtime(now).tm_gmtoff,
    ) -> None:
        self._history = history
        self._board = board
        self._residency = residency
        self._look = look
        self._cpu = cpu or Processor()
        self._zone_s = zone_s
        self.tally = Tally()
        self._lock = threading.Lock()
        self._seen_until = history.clock()
        self._unwritten: list[Point] = []
        self._written_at = self._forgot_at = history.clock()
        self._counted: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        self._waits = dict.fromkeys(WAIT_BOUNDS_S, 0)
        self._live: dict[str, Any] = {}
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="metrics", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread and writes what it knows."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(5.0)
            self._write()

    def look(self) -> dict[str, Any]:
        """Looks now; returns what is going on as plain JSON. MiB, shares of 0 to 1, and numbers of jobs by lane."""
        machine, residents = self._look(), self._residency.status()
        with self._board.changed:
            jobs = list(self._board.jobs.values())
        live = {
            "at": self._history.clock(),
            "cpu": round(self._cpu(), 4),
            "ram_used_mib": machine.ram_mib - machine.ram_free_mib,
            "ram_mib": machine.ram_mib,
            "gpus": [
                {"index": g.index, "name": g.name, "use": g.use, "used_mib": g.total_mib - g.free_mib,
                 "total_mib": g.total_mib}
                for g in machine.gpus
            ],
            "models": {one.name: one.held_mib for one in residents},
            "queue": {lane: sum(job.lane == lane for job in jobs) for lane in LANES},
        }  # fmt: skip
        with self._lock:
            self._live = live
            self._take(live)
        return live

    def quiet(self) -> bool:
        """Tells whether the processors had little to do when they were last looked at."""
        with self._lock:
            return float(self._live.get("cpu", 1.0)) < _QUIET

    def counters(self) -> Counters:
        """Returns what was counted since the start."""
        with self._lock:
            told = {name: dict(labels) for name, labels in self._counted.items()}
            return Counters(
                told.get("jobs", {}), told.get("errors", {}), sum(told.get("audio_s", {}).values()),
                told.get("sound_s", {}), told.get("compute_s", {}), dict(self._waits),
                int(sum(told.get("waited", {}).values())), sum(told.get("wait_s", {}).values()),
            )  # fmt: skip

    def charts(self, span: str) -> dict[str, Any]:
        """Returns lines over the last ``hour``, ``day``, ``week`` or ``month``, and sums over all of it."""
        wanted, now = SPANS[span], self._history.clock()
        with self._lock:
            unwritten = list(self._unwritten)
        stored = self._history.metrics(wanted.row_s, now - wanted.length_s, now + 1)
        points = [*stored, *unwritten]
        sums = {
            name: {label: {"n": n, "total": round(total, 3), "peak": round(peak, 3)} for label, (n, total, peak) in of}
            for name, of in ((name, of.items()) for name, of in totals(points).items())
        }
        return {"span": span, "now": now, **series(points, wanted, now, self._zone_s(now)), "sums": sums}

    def _take(self, live: Mapping[str, Any]) -> None:
        """Adds a look, and what ended or was computed since the last one; the lock is held."""
        now = self._history.clock()
        at = int(now)
        points = [Point(at, name, label, 1, value, value) for name, label, value in _gauges(live)]
        points += [Point(at, name, label, 1, value, value) for name, label, value in self.tally.take()]
        if now > self._seen_until:
            ended = self._history.ended_between(self._seen_until, now)
            self._seen_until = now
            points += of_ended(ended, at)
            self._count_waits([job.waited_s for job in ended if job.waited_s is not None and not job.copied])
        for point in points:
            self._counted[point.name][point.label] += point.total
        minute = at - at % 60
        moved = [Point(minute, p.name, p.label, p.n, p.total, p.peak) for p in points]
        self._unwritten = gathered([*self._unwritten, *moved])

    def _count_waits(self, waits: list[float]) -> None:
        for waited_s in waits:
            self._counted["waited"][""] += 1
            for bound in WAIT_BOUNDS_S:
                self._waits[bound] += waited_s <= bound

    def _run(self) -> None:
        self._cpu()
        while not self._stopped.wait(LOOK_S):
            try:
                self.look()
                if self._history.clock() - self._written_at >= WRITE_S:
                    self._write()
            except WorkbenchError as error:
                log.warning("the figures could not be written: %s", error)
            except Exception:
                log.exception("the machine could not be looked at")

    def _write(self) -> None:
        with self._lock:
            points, self._unwritten = self._unwritten, []
            self._written_at = self._history.clock()
        try:
            self._history.add_metrics(points)
            if self._written_at - self._forgot_at >= FORGET_S:
                self._forgot_at = self._written_at
                self._history.forget_metrics(self._written_at)
        except WorkbenchError:
            with self._lock:
                self._unwritten = gathered([*points, *self._unwritten])
            raise


def _gauges(live: Mapping[str, Any]) -> list[tuple[str, str, float]]:
    """Returns what is looked at as ``(name, label, value)``."""
    found = [("cpu", "", live["cpu"]), ("ram", "", live["ram_used_mib"])]
    for gpu in live["gpus"]:
        label = str(gpu["index"])
        found.append(("gpu_memory", label, gpu["used_mib"]))
        if gpu["use"] is not None:
            found.append(("gpu", label, gpu["use"]))
    found += [("model_memory", name, held) for name, held in live["models"].items()]
    found += [("queue", lane, n) for lane, n in live["queue"].items()]
    return found
