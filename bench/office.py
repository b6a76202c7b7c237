"""The people's side of ``event_loop_gap.py``: open pages that follow, read, search and download while jobs run.

    python bench/office.py --url URL --pid PID --sounds FOLDER --others FILE [--screens 3] [--old JOB]

Into ``--others`` it writes how much of the processors programs other than the server and this one use, two numbers a
line: seconds of ``time.monotonic()`` and CPU seconds so far.
"""

from __future__ import annotations

import argparse
import re
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx
import psutil

from bench.room import Room
from bench.tree import cpu_s

LOOK_S = 0.5
REST_S = 0.5
RARE_S = 5.0


def main() -> None:
    """Hands in all sounds as a batch, uses the server until they are done, and then reads the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--url", required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--sounds", type=Path, required=True)
    parser.add_argument("--others", type=Path, required=True)
    parser.add_argument("--screens", type=int, default=3)
    parser.add_argument("--old", help="a finished job of the history")
    told = parser.parse_args()
    room, done = Room(told.url, told.pid), threading.Event()
    people = People()
    people.start(lambda: watch_others(told.pid, told.others, done))
    jobs = [room.submit(room.upload(path)) for path in sorted(told.sounds.iterdir())]
    for _ in range(told.screens):
        people.start(lambda: follow(room, jobs, done))
        people.start(lambda: use(reads(room, jobs[0]), REST_S, done))
    people.start(lambda: use(rare(room, told.old), RARE_S, done))
    try:
        for job in jobs:
            room.wait(job)
        for read in reads(room, jobs[0]):
            read()
    finally:
        done.set()
    people.leave()


class People:
    """Threads that each do one thing; what one of them could not do fails the bench instead of going unnoticed."""

    def __init__(self) -> None:
        self._threads: list[threading.Thread] = []
        self._errors: list[Exception] = []

    def start(self, work: Callable[[], None]) -> None:
        """Runs the work in a thread."""

        def run() -> None:
            try:
                work()
            except Exception as error:
                self._errors.append(error)

        self._threads.append(threading.Thread(target=run, daemon=True))
        self._threads[-1].start()

    def leave(self) -> None:
        """Waits for the end of all; raises what went wrong first."""
        for thread in self._threads:
            thread.join(5)
        if self._errors:
            raise self._errors[0]


def watch_others(pid: int, path: Path, done: threading.Event) -> None:
    """Writes the CPU time of all other programs, twice a second."""
    with path.open("w") as file:
        while not done.is_set():
            times = psutil.cpu_times()
            idle = times.idle + getattr(times, "iowait", 0.0)
            # Linux counts the time of a machine inside this one twice.
            inside = getattr(times, "guest", 0.0) + getattr(times, "guest_nice", 0.0)
            print(time.monotonic(), sum(times) - idle - inside - cpu_s(pid), file=file)
            done.wait(LOOK_S)


def reads(room: Room, job: str) -> list[Callable[[], object]]:
    """Returns what screens ask for all the time: the page of a running job, the history, a search, the machine."""
    return [
        lambda: room.ask("GET", f"/api/jobs/{job}/segments", params={"after": -1}),
        lambda: room.ask("GET", f"/api/jobs/{job}/peaks", params={"width": 20000}),
        lambda: room.ask("GET", "/api/jobs"),
        lambda: room.ask("GET", "/api/search", params={"q": "the"}),
        lambda: room.ask("GET", "/api/system"),
        lambda: room.ask("GET", "/api/models"),
    ]


def rare(room: Room, old: str | None) -> list[Callable[[], object]]:
    """Returns what somebody does now and then: opening the page, and with ``old`` reading and downloading it."""
    wanted: list[Callable[[], object]] = [lambda: open_page(room)]
    if old:
        wanted.append(lambda: room.ask("GET", f"/api/jobs/{old}/segments", params={"limit": 2000}))
        wanted += [lambda kind=kind: get(room, f"/api/jobs/{old}/export?format={kind}") for kind in ("json", "docx")]
    return wanted


def use(wanted: Sequence[Callable[[], object]], rest_s: float, done: threading.Event) -> None:
    """Asks for one after the other, again and again, with a rest after each round."""
    while not done.is_set():
        for ask in wanted:
            if done.is_set():
                return
            try:
                ask()
            except RuntimeError as error:
                # A page that opens before the reader has begun gets this answer too.
                if "sound_missing" not in str(error):
                    raise
        done.wait(rest_s)


def open_page(room: Room) -> None:
    """Fetches the page with everything it names, as a browser does that comes for the first time."""
    page = get(room, "/").decode("utf-8", "replace")
    named = re.findall(r'(?:src|href)="((?:\./)?(?:screens|assets)/[^"]+)"', page)
    for path in [*named, "config", "theme.css", "api/texts?lang=zh"]:
        get(room, "/" + path.removeprefix("./"))


def follow(room: Room, jobs: Sequence[str], done: threading.Event) -> None:
    """Follows the events of all jobs, as a page does."""
    with httpx.stream(
        "GET", f"{room.url}/api/events", params={"jobs": ",".join(jobs)}, timeout=None, verify=False
    ) as events:
        for _ in events.iter_lines():
            if done.is_set():
                return


def get(room: Room, path: str) -> bytes:
    """Returns the content at a path."""
    return httpx.get(room.url + path, timeout=120, verify=False).content


if __name__ == "__main__":
    main()
