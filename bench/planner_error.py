"""The planner's simulated waiting against the real scheduler: a scaled-down trace on this machine, both ways.

    python bench/planner_error.py [--recordings 24] [--minutes 8] [--seed 3] [--length 60] [--learn 3]
    python bench/planner_error.py --fixed [--recordings 24] [--minutes 10] [--length 120] [--faster 6]

A real server with Whisper base gets recordings of real speech at random moments for some minutes, as an office would in
a busy hour, only smaller. First it recognises a few alone, from which it learns its speed; with that speed, and nothing
else of the run, the same arrivals are simulated. Printed are both sides' waiting until the whole text is there, and the
error of mean, median and 95 of 100, for the speed learned before and, to tell the two apart, for the speed of the run
itself: other work on the machine changes the first, the second is the error of the simulation alone. Goal: 20 %.

With ``--fixed`` the real workbench, database and scheduler run on a clock that is so many times faster, with an engine
that only waits as long as the planner says a batch takes, so that other programs disturb it little.
"""

from __future__ import annotations

import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from bench.planner_fixed import FixedRoom
from bench.recordings import speech, with_silence, write_opus
from bench.room import Room, open_room
from workbench.planning.demand import Arrival
from workbench.planning.machines import CPU_RULES, quantile
from workbench.planning.scene import Model, Setting
from workbench.planning.simulation import Simulation
from workbench.planning.speeds import CPU_SHARE, Cost

SPEECH = 0.9


@dataclass(frozen=True, slots=True)
class Real:
    """One recording as it went: seconds of the run at which it came, its length, and how long its text took."""

    at: float
    length_s: float
    waited_s: float


def main() -> None:
    """Prints the waiting of both sides and the errors."""
    parser = options(__doc__)
    parser.add_argument("--recordings", type=int, default=24)
    parser.add_argument("--minutes", type=float, default=8.0, help="over which they come")
    parser.add_argument("--length", type=float, default=60.0, help="seconds of a usual recording")
    parser.add_argument("--seed", type=int, default=3)
    parser.add_argument("--learn", type=int, default=3, help="recordings from which the speed is learned before")
    parser.add_argument("--fixed", action="store_true", help="an engine of fixed cost, sped up")
    parser.add_argument("--faster", type=float, default=6.0)
    told = parser.parse_args()
    if told.fixed:
        trace = arrivals(told.recordings, told.minutes * 60, told.length, told.seed, people=told.recordings // 4)
        compare_fixed(trace, told.faster)
        return
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        trace = arrivals(told.recordings, told.minutes * 60, told.length, told.seed)
        paths = [folder / f"{number}.opus" for number in range(len(trace) + told.learn)]
        lengths = [*(arrival.length_s for arrival in trace), *[told.length * 1.5] * told.learn]
        block = with_silence(speech(told.media, 120.0 * SPEECH), 120.0)
        for number, (path, length_s) in enumerate(zip(paths, lengths, strict=True)):
            write_opus(path, block, length_s, str(number))
        with open_room(folder / "data", told.models) as room:
            before = [
                alone(room, path, length) for path, length in list(zip(paths, lengths, strict=True))[len(trace) :]
            ]
            real, busy_s = play(room, trace, paths)
    learned_x = statistics.median(before[1:] or before)
    show(trace, real, learned_x, sum(one.length_s for one in real) * SPEECH / busy_s)


def arrivals(n: int, over_s: float, length_s: float, seed: int, people: int = 0) -> list[Arrival]:
    """Returns so many recordings at random moments with lengths that vary, each of another person or of ``people``."""
    chance = random.Random(seed)
    moments = sorted(chance.uniform(0.0, over_s) for _ in range(n))
    return [
        Arrival(
            at,
            min(5 * length_s, max(12.0, length_s * chance.lognormvariate(-0.3, 0.7))),
            f"person {number % (people or n)}",
        )
        for number, at in enumerate(moments)
    ]


def alone(room: Room, path: Path, length_s: float) -> float:
    """Has one recording recognised alone; returns seconds of speech a second."""
    upload = room.upload(path)
    began = time.monotonic()
    room.wait(room.submit(upload), every_s=0.05)
    return length_s * SPEECH / (time.monotonic() - began)


def play(room: Room, trace: Sequence[Arrival], paths: Sequence[Path]) -> tuple[list[Real], float]:
    """Drops each recording at its moment; returns how each went, and for how many seconds anything was under way."""
    uploads = [room.upload(path) for path in paths[: len(trace)]]
    began = time.monotonic()
    found: list[Real] = []
    threads = [
        threading.Thread(target=_follow, args=(room, began, *one, found)) for one in zip(trace, uploads, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.sort(key=lambda one: one.at)
    return found, _covered([(one.at, one.at + one.waited_s) for one in found])


def _follow(room: Room, began: float, arrival: Arrival, upload: str, found: list[Real]) -> None:
    time.sleep(max(0.0, began + arrival.at - time.monotonic()))
    asked = time.monotonic()
    job: dict[str, Any] = room.wait(room.submit(upload), every_s=0.2)
    waited_s = job["finished_at"] - job["created_at"]
    found.append(Real(asked - began, arrival.length_s, waited_s))


def _covered(spans: Sequence[tuple[float, float]]) -> float:
    total, until = 0.0, 0.0
    for begin, end in sorted(spans):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def compare_fixed(trace: Sequence[Arrival], faster: float) -> None:
    """Plays the trace at three loads and prints the waiting of both sides with the errors."""
    sound_s = sum(arrival.length_s for arrival in trace) * SPEECH
    for load in (0.5, 0.8, 1.1):
        x = sound_s / (trace[-1].at * load)
        cost = Cost(x, CPU_RULES.size, CPU_SHARE, load_s=0.0)
        with tempfile.TemporaryDirectory() as name:
            room = FixedRoom(Path(name), cost, faster)
            waits = room.play(trace)
        found = simulated([Real(a.at, a.length_s, 0.0) for a in trace], x, [a.owner for a in trace], room.overhead_s)
        errors = [abs(b / a - 1) for a, b in zip(_three(waits), _three(found), strict=True)]
        print(f"load {load:.1f}   real scheduler {_figures(waits)}")
        print(f"load {load:.1f}   simulated      {_figures(found)}")
        print(f"between two batches {room.overhead_s:.2f} s of the trace's time")
        print("error: mean, median, 95 of 100   " + "   ".join(f"{100 * error:5.1f} %" for error in errors), flush=True)


def simulated(
    real: Sequence[Real], x: float, owners: Sequence[str] | None = None, overhead_s: float = 0.05
) -> list[float]:
    """Returns the waiting of the same recordings in the simulation, where the model is as fast as told."""
    model = Model("text", Cost(x, CPU_RULES.size, CPU_SHARE, load_s=0.0), 1000)
    setting = Setting(
        {"text": model},
        "text",
        {"cpu": 4000},
        CPU_RULES,
        1,
        speech=SPEECH,
        counted_from=0.0,
        decides_language=False,
        overhead_s=overhead_s,
    )
    names = owners or ["bench"] * len(real)
    trace = [Arrival(one.at, one.length_s, owner) for one, owner in zip(real, names, strict=True)]
    return Simulation(setting, trace).run().waits


def show(trace: Sequence[Arrival], real: Sequence[Real], learned_x: float, run_x: float) -> None:
    """Prints the figures."""
    waits = [one.waited_s for one in real]
    print(f"{len(trace)} recordings, {sum(a.length_s for a in trace) / 60:.1f} minutes of sound")
    print(f"{'real':28s} {_figures(waits)}")
    for title, x in (("speed learned before", learned_x), ("speed of the run itself", run_x)):
        found = simulated(real, x)
        errors = [abs(b / a - 1) for a, b in zip(_three(waits), _three(found), strict=True)]
        told = "   ".join(f"{100 * error:5.1f} %" for error in errors)
        print(f"{'simulated, ' + title:28s} {_figures(found)}   ({x:.2f} x)")
        print(f"error, {title}: mean, median, 95 of 100   {told}")


def _three(values: Sequence[float]) -> tuple[float, float, float]:
    return statistics.fmean(values), quantile(values, 0.5) or 0.0, quantile(values, 0.95) or 0.0


def _figures(values: Sequence[float]) -> str:
    mean, median, most = _three(values)
    return f"mean {mean:7.1f} s   median {median:7.1f} s   95 of 100 {most:7.1f} s"


if __name__ == "__main__":
    main()
