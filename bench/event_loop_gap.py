"""Measures the longest gap of the server's event loop while jobs run and pages are used.

    python bench/event_loop_gap.py [--minutes 10] [--files 20] [--screens 3] [--idle 10]

The server runs in this process, so that a task in its own loop can ask every 5 ms how late it was woken. Another
process is the people (``office.py``): they hand in one long and many short recordings, follow all of them on some
screens, read lines and waveforms, search, open the page, and download a transcript of ten hours.

Each gap is told with what it went for: the loop's own work; waiting for a processor (Linux tells); the rest is other
threads of the server, which may wait for a processor too. Other programs on the machine make any program wait, so the
figure that counts, ``alone``, is of the seconds in which they used less than a tenth of a processor. Goal: 50 ms.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
import threading
import time
from bisect import bisect_right
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from bench.recordings import speech, write_opus
from bench.room import free_port

TICK_S = 0.005
OTHERS_SHARE = 0.1
SHORT_S = 10.0
OLD_LINES, OLD_WORDS = 9_000, 10


@dataclass(frozen=True, slots=True)
class Gap:
    """The loop was woken ``late_s`` after it had to be; ``own_s`` is its thread's CPU time, ``queued_s`` its wait for
    a processor, both since it slept.
    """

    at: float
    late_s: float
    own_s: float
    queued_s: float


def main() -> None:
    """Prints the longest and the 99.9th percentile of the gaps, and what the longest went for."""
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of sound in the long recording")
    parser.add_argument("--files", type=int, default=20, help="short recordings beside it")
    parser.add_argument("--screens", type=int, default=3, help="pages that are open")
    parser.add_argument("--idle", type=float, default=10.0, help="seconds without work, for comparison")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_sounds(folder / "sounds", told)
        idle, busy = asyncio.run(serve(folder, told))
        others = [tuple(map(float, line.split())) for line in (folder / "others").read_text().splitlines()]
    alone = [gap for gap in busy if quiet(gap, others)]
    print(f"{len(busy)} looks in {busy[-1].at - busy[0].at:.0f} s of work, {len(alone) / len(busy):.0%} of them alone")
    for what, gaps in (("idle", idle), ("under work", busy), ("alone", alone)):
        print(f"{what:12s} {line(gaps)}" if gaps else f"{what:12s} no second without other programs: run it again")


def line(gaps: Sequence[Gap]) -> str:
    """Returns the figures of some gaps in milliseconds."""
    late = sorted(gap.late_s * 1000 for gap in gaps)
    longest = max(gaps, key=lambda gap: gap.late_s)
    own, queued = longest.own_s * 1000, longest.queued_s * 1000
    inside = max(gap.late_s - gap.queued_s for gap in gaps) * 1000
    share = "   ".join(f"{share:g} % below {late[int(len(late) * share / 100)]:5.1f}" for share in (99.9, 99))
    parts = f"own work {own:.1f}, waiting for a processor {queued:.1f}"
    return f"longest {late[-1]:6.1f} ms ({parts})   {share}   longest without such waiting {inside:5.1f}"


def quiet(gap: Gap, others: Sequence[Sequence[float]]) -> bool:
    """Returns whether other programs left the machine alone from before the gap to after it."""
    first = bisect_right(others, gap.at - gap.late_s - TICK_S, key=lambda look: look[0]) - 1
    last = bisect_right(others, gap.at, key=lambda look: look[0])
    if first < 0 or last >= len(others):
        return False
    (begun, before), (ended, after) = others[first], others[last]
    return after - before < OTHERS_SHARE * (ended - begun)


def write_sounds(folder: Path, told: argparse.Namespace) -> None:
    """Writes the long recording and the short ones, no two alike."""
    folder.mkdir()
    said = speech(told.media, 120.0)
    write_opus(folder / "0-long.opus", said, told.minutes * 60)
    n_samples = round(SHORT_S * 16_000)
    for number in range(told.files):
        start = number * n_samples % (len(said) - n_samples)
        write_opus(folder / f"{number + 1}.opus", said[start : start + n_samples], SHORT_S, title=str(number))


async def serve(folder: Path, told: argparse.Namespace) -> tuple[list[Gap], list[Gap]]:
    """Runs the server and the people; returns the gaps without and with work."""
    import uvicorn

    import composing
    from api.door import Door
    from workbench.settings import Settings

    port, data = free_port(), folder / "data"
    argv = ["--offline", "--no-browser", "--port", str(port), "--data", str(data), "--models", str(told.models)]
    settings = Settings.load(argv, {}, composing.ROOT)
    data.mkdir()
    workbench, _ = composing.compose(settings)
    workbench.start()
    old = ten_hours(workbench.history)
    app, close_streams = composing.compose_app(settings, workbench)
    door = Door([])
    server = uvicorn.Server(uvicorn.Config(door, port=port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    await asyncio.to_thread(door.open, app)
    idle = await gaps_until(asyncio.sleep(told.idle))
    command = [sys.executable, str(Path(__file__).with_name("office.py")), "--url", f"http://127.0.0.1:{port}"]
    command += ["--pid", str(os.getpid()), "--sounds", str(folder / "sounds"), "--others", str(folder / "others")]
    people = await asyncio.create_subprocess_exec(*command, "--screens", str(told.screens), "--old", old)
    busy = await gaps_until(people.wait())
    close_streams()
    server.should_exit = True
    await serving
    await asyncio.to_thread(workbench.close)
    if people.returncode:
        raise SystemExit("the people's side failed")
    return idle, busy


def ten_hours(history: object) -> str:
    """Puts a finished transcript of ten hours with all its words into the history; returns its job."""
    from media.transcript import Segment, Word
    from workbench.history.history import History
    from workbench.history.rows import NewJob

    assert isinstance(history, History)
    job = NewJob("ten-hours", "automatic-speech-recognition", "Ten hours", {}, "base", "ten-hours", "ten.opus")
    history.add_jobs([job])
    history.finish_cut(job.id, OLD_LINES * 4.0)
    history.finish_job(
        job.id,
        [
            Segment(n * 4.0, n * 4.0 + 4, " the word" * (OLD_WORDS // 2), tuple(
                Word(n * 4.0 + w * 0.4, n * 4.0 + w * 0.4 + 0.4, " the" if w % 2 == 0 else " word", 0.5)
                for w in range(OLD_WORDS)
            ))
            for n in range(OLD_LINES)
        ],
    )  # fmt: skip
    return job.id


async def gaps_until(work: Awaitable[object]) -> list[Gap]:
    """Returns how much later than asked this task was woken, each time, until ``work`` is done."""
    done = asyncio.ensure_future(work)
    queue = RunQueue()
    gaps = []
    while not done.done():
        before, worked, queued = time.monotonic(), time.thread_time(), queue.waited_s()
        await asyncio.sleep(TICK_S)
        now = time.monotonic()
        gaps.append(Gap(now, now - before - TICK_S, time.thread_time() - worked, queue.waited_s() - queued))
    queue.close()
    await done
    return gaps


class RunQueue:
    """How long the thread that made this has waited for a processor while it could have run; 0 where nobody tells."""

    def __init__(self) -> None:
        try:
            self._file: int | None = os.open(f"/proc/self/task/{threading.get_native_id()}/schedstat", os.O_RDONLY)
        except OSError:
            self._file = None

    def waited_s(self) -> float:
        """Returns the seconds since the thread began."""
        return int(os.pread(self._file, 100, 0).split()[1]) / 1e9 if self._file is not None else 0.0

    def close(self) -> None:
        """Closes the file."""
        if self._file is not None:
            os.close(self._file)


if __name__ == "__main__":
    main()
