"""Runs every bench and prints one table of the figures with their goals.

    python bench/run.py [--quick] [--only NAME ...] [--media FOLDER] [--models FOLDER]

``--quick`` takes small sizes, for a look in some minutes; figures that count come from a run without it on a machine
that does nothing else.
"""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options

ROOT = Path(__file__).resolve().parent.parent
BASE = "{models}/base"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number that a bench prints: ``pattern`` finds it, the largest counts where there are many."""

    title: str
    pattern: str
    goal: float
    unit: str
    at_least: bool = False

    def found(self, printed: str) -> float | None:
        numbers = [float(number) for number in re.findall(self.pattern, printed, re.MULTILINE)]
        return max(numbers) if numbers else None

    def met(self, value: float) -> bool:
        return value >= self.goal if self.at_least else value <= self.goal


@dataclass(frozen=True, slots=True)
class Bench:
    """A script with its options, those of a quick look, and its figures."""

    script: str
    options: Sequence[str]
    quick: Sequence[str]
    figures: Sequence[Figure]


SHARED = ("--media", "{media}", "--models", "{models}")
BENCHES = (
    Bench(
        "start_to_health.py", SHARED, ("--rounds", "2"),
        [Figure("start to /health", r"first answer.* longest +([\d.]+)", 1.0, "s")],
    ),
    Bench(
        "whole_job.py", SHARED, ("--minutes", "2", "--rounds", "1"),
        [Figure("CPU time against faster-whisper batched", r"ratio of CPU time ([\d.]+)", 0.95, "x")],
    ),
    Bench(
        "whisper_clips.py", ("--media", "{media}", "--weights", BASE), ("--clips", "8"),
        [Figure("CPU time of 40 clips against one by one", r"ratio of CPU time ([\d.]+)", 0.333, "x")],
    ),
    Bench(
        "memory_flat.py", (*SHARED, "--compare"), ("--minutes", "10", "60"),
        [Figure("memory for each further hour", r"growth (-?[\d.]+)", 1.0, "MiB")],
    ),
    Bench(
        "load_cycles.py", SHARED, ("--cycles", "12"),
        [Figure("memory that stays behind after 50 loads", r"^drift (-?[\d.]+)", 1.0, "%")],
    ),
    Bench(
        "first_text.py", SHARED, ("--minutes", "10", "--rounds", "1"),
        [Figure("first text of an hour against batched", r"^ratio ([\d.]+)", 0.1, "x")],
    ),
    Bench(
        "job_overhead.py", (), (),
        [Figure("overhead of an empty job", r'"(?:together|one_by_one)_ms": ([\d.]+)', 5.0, "ms")],
    ),
    Bench(
        "call_overhead.py", SHARED, ("--rounds", "50"),
        [Figure("a call more than a bare handler, slowest", r"more +(-?[\d.]+) ms", 5.0, "ms")],
    ),
    Bench(
        "small_files.py", SHARED, ("--files", "20", "--alone", "10"),
        [Figure("100 small files at once against one by one", r"ratio of wall time ([\d.]+)", 0.5, "x")],
    ),
    Bench(
        "search_million.py", (), ("--lines", "100000", "--jobs", "1000", "--rounds", "20"),
        [Figure("search and paging, slowest p95", r"([\d.]+) +[\d.]+  \d+$", 50.0, "ms")],
    ),
    Bench(
        "live.py", (*SHARED, "--clients", "1"), ("--seconds", "40"),
        [
            Figure("live: speech to first text", r"alone +first text +([\d.]+)", 1.2, "s"),
            Figure("live: pause to final text", r"alone .*?final +([\d.]+)", 1.0, "s"),
            Figure("live beside a batch: first text", r"batch +first text +([\d.]+)", 1.8, "s"),
            Figure("live beside a batch: final text", r"batch .*?final +([\d.]+)", 1.5, "s"),
        ],
    ),
    Bench(
        "live.py", (*SHARED, "--own-share"), ("--seconds", "25"),
        [Figure("live: the server's own part", r"own share +median +([\d.]+)", 30.0, "ms")],
    ),
    Bench(
        "planner_error.py", ("--fixed",), ("--recordings", "12", "--minutes", "5"),
        [Figure("planner's mean waiting against scheduler", r"error: mean, median, 95 of 100 +([\d.]+)", 20.0, "%")],
    ),
    Bench(
        "aloud.py", ("--models", "{models}"), ("--rounds", "1", "--voices", "zf_xiaobei,af_heart"),
        [Figure("reading aloud: CPU time against the bare library", r"bare library: ([\d.]+)", 1.05, "x")],
    ),
    Bench(
        "voices.py", SHARED, ("--quick",),
        [
            Figure("voices: equal error rate", r"^all whole clips.*?equal error rate +([\d.]+)", 0.0, "%"),
            Figure("voices: strangers who are given a name", r"^names:.* named (\d+)", 0.0, ""),
        ],
    ),
    Bench(
        "speakers.py", SHARED, ("--quick",),
        [
            Figure("who spoke when, joined meetings, no collar", r"^joined, all +no collar +([\d.]+)", 5.0, "%"),
            Figure("who spoke when, an hour, of its length", r"CPU s, ([\d.]+) of its length", 0.1, "x"),
        ],
    ),
    Bench(
        "sound.py", SHARED, ("--quick",),
        [
            Figure("sound: seam after a restart", r"^seam (-?[\d.]+) dB", -60.0, "dB"),
            Figure("sound: CPU time against the library", r"^ratio of CPU time ([\d.]+)", 1.05, "x"),
        ],
    ),
    Bench(
        "sound_memory.py", SHARED, ("--minutes", "2", "10"),
        [Figure("sound: memory for each further hour", r"^growth (-?[\d.]+)", 1.0, "MiB")],
    ),
    Bench(
        "aloud_memory.py", SHARED, ("--minutes", "5", "20", "--voice", "heart"),
        [Figure("reading aloud: memory for each further hour", r"^growth (-?[\d.]+)", 1.0, "MiB")],
    ),
    Bench(
        "video.py", SHARED, ("--frames", "16", "--rounds", "1"),
        [
            Figure("video: times as fast as basicsr, whole clip", r"^bfloat16 CPU .*?([\d.]+) times", 1.3, "x", True),
            Figure("video: PSNR-Y of runs", r"^float32 PSNR-Y ([\d.]+)", 33.7, "dB", True),
        ],
    ),
    Bench(
        "event_loop_gap.py", SHARED, ("--minutes", "2", "--files", "5", "--idle", "5"),
        [Figure("longest gap of the event loop", r"alone +longest +([\d.]+)", 50.0, "ms")],
    ),
    Bench(
        "writing.py", ("--models", "{models}"), ("--quick",),
        [Figure("writing: tokens a second of the bare library", r"ours of bare: ([\d.]+)", 0.97, "", at_least=True)],
    ),
)  # fmt: skip


def main() -> int:
    """Runs the benches one after the other and prints the table; returns 1 if one of them failed to run."""
    parser = options(__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="names of scripts, without .py")
    told = parser.parse_args()
    rows, failed = [], False
    for bench in BENCHES:
        if told.only and Path(bench.script).stem not in told.only:
            continue
        given = [part.format(media=told.media, models=told.models) for part in bench.options]
        printed = run([bench.script, *given, *(bench.quick if told.quick else ())])
        for figure in bench.figures:
            value = figure.found(printed)
            failed = failed or value is None
            rows.append(row(figure, value))
    print("\n" + "\n".join(rows))
    return int(failed)


def run(command: Sequence[str]) -> str:
    """Runs one script, shows what it prints, and returns that."""
    begun = time.monotonic()
    print(f"--- {' '.join(command)}", flush=True)
    done = subprocess.run(
        [sys.executable, str(ROOT / "bench" / command[0]), *command[1:]], capture_output=True, text=True
    )
    print(done.stdout.rstrip())
    if done.returncode:
        print(f"ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    print(f"({time.monotonic() - begun:.0f} s)", flush=True)
    return done.stdout


def row(figure: Figure, value: float | None) -> str:
    """Returns a line of the table."""
    if value is None:
        return f"{figure.title:44s} {'no figure':>12s}"
    sign = "at least" if figure.at_least else "at most"
    verdict = "met" if figure.met(value) else "missed"
    return f"{figure.title:44s} {value:9.3f} {figure.unit:4s} {sign} {figure.goal:g} {figure.unit:4s} {verdict}"


if __name__ == "__main__":
    sys.exit(main())
