"""Measures the longest gap of the server's event loop while a job runs and a page is used.

    python bench/event_loop_gap.py [--minutes 10] [--idle 10]

The server runs in this process, so that a task in its own loop can ask every 5 ms how late it was woken. Another
process is the browser: it uploads a recording, follows its events, reads lines, waveform and history, and searches.
The same measure without any work tells what the machine itself adds, and the CPU time of the loop's thread in a gap
what the loop did itself, rather than wait for a processor or for other threads. Goal: 50 ms.
"""

from __future__ import annotations

import asyncio
import sys
import tempfile
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from bench.options import options
from bench.recordings import speech, write_opus
from bench.room import Room, free_port

TICK_S = 0.005
Gap = tuple[float, float]
"""Seconds that a task was woken too late, and the CPU seconds of the loop's thread meanwhile."""


def main() -> None:
    """Prints the longest and the 99.9th percentile of the gaps, idle and under work."""
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=10.0, help="of sound in the job")
    parser.add_argument("--idle", type=float, default=10.0, help="seconds without work, for comparison")
    parser.add_argument("--browser", help="used by the bench itself: the address of the server")
    parser.add_argument("--sound", type=Path, help="used by the bench itself")
    told = parser.parse_args()
    if told.browser:
        browse(Room(told.browser, 0), told.sound)
        return
    with tempfile.TemporaryDirectory() as name:
        sound = Path(name) / "sound.opus"
        write_opus(sound, speech(told.media, 120.0), told.minutes * 60)
        idle, busy, seconds = asyncio.run(serve(Path(name) / "data", told, sound))
    print(f"{told.minutes:.0f} minutes of sound, {seconds:.0f} s of work")
    for what, gaps in (("idle", idle), ("under work", busy)):
        waits, own = sorted(gap[0] * 1000 for gap in gaps), max(gap[1] * 1000 for gap in gaps)
        most = [f"{share:g} % below {waits[int(len(waits) * share / 100)]:6.1f} ms" for share in (99.9, 99)]
        line = f"longest {waits[-1]:7.1f} ms   {'   '.join(most)}"
        print(f"{what:12s} {line}   most own work {own:6.1f} ms   {len(waits)} looks")


async def serve(data: Path, told: object, sound: Path) -> tuple[list[Gap], list[Gap], float]:
    """Runs the server and the browser; returns the gaps in seconds, and how long the work took."""
    import uvicorn

    import launch
    from workbench.settings import Settings

    port = free_port()
    argv = ["--offline", "--no-browser", "--port", str(port), "--data", str(data), "--models", str(told.models)]  # type: ignore[attr-defined]
    settings = Settings.load(argv, {}, Path(launch.ROOT))
    data.mkdir()
    workbench, _ = launch.compose(settings)
    workbench.start()
    app, close_streams = launch.compose_app(settings, workbench)
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="warning"))
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.05)
    idle = await gaps_until(asyncio.sleep(told.idle))  # type: ignore[attr-defined]
    begun = time.monotonic()
    command = [sys.executable, __file__, "--browser", f"http://127.0.0.1:{port}", "--sound", str(sound)]
    browser = await asyncio.create_subprocess_exec(*command)
    busy = await gaps_until(browser.wait())
    seconds = time.monotonic() - begun
    close_streams()
    server.should_exit = True
    await serving
    await asyncio.to_thread(workbench.close)
    if browser.returncode:
        raise SystemExit("the browser's side failed")
    return idle, busy, seconds


async def gaps_until(work: object) -> list[Gap]:
    """Returns how much later than asked this task was woken, each time, until ``work`` is done."""
    done = asyncio.ensure_future(work)  # type: ignore[call-overload]
    gaps = []
    while not done.done():
        before, worked = time.perf_counter(), time.thread_time()
        await asyncio.sleep(TICK_S)
        gaps.append((time.perf_counter() - before - TICK_S, time.thread_time() - worked))
    await done
    return gaps


def browse(room: Room, sound: Path) -> None:
    """Does what a page does during a job: everything at once, again and again, until the job has ended."""
    job_id = room.submit(room.upload(sound))
    ended = threading.Event()
    reads = [
        lambda: room.ask("GET", f"/api/jobs/{job_id}/segments", params={"after": -1}),
        lambda: room.ask("GET", "/api/jobs"),
        lambda: room.ask("GET", "/api/search", params={"q": "the"}),
        lambda: room.ask("GET", "/api/system"),
    ]

    def read_on() -> None:
        while not ended.is_set():
            for read in reads:
                read()
            ended.wait(0.5)

    def follow() -> None:
        with httpx.stream("GET", f"{room.url}/api/events", params={"jobs": job_id}, timeout=None) as events:
            for _ in events.iter_lines():
                if ended.is_set():
                    return

    for work in (read_on, follow):
        threading.Thread(target=work, daemon=True).start()
    try:
        room.wait(job_id)
        room.upload(sound)
        room.ask("GET", f"/api/jobs/{job_id}/peaks", params={"width": 20000})
        room.ask("GET", f"/api/jobs/{job_id}/segments", params={"limit": 2000})
    finally:
        ended.set()


if __name__ == "__main__":
    main()
