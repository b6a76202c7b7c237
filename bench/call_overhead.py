"""What one call costs more here than with a bare handler on the same server program.

    python bench/call_overhead.py [--rounds 300]

Two servers run, each in a process of its own: Roomtone, and uvicorn with a Starlette app whose handlers answer at
once; a file that is sent to it is made durable on disk, too, as nothing that was taken may be lost. One client with
one open connection asks both in turn; the figure is the difference of the medians in milliseconds. ``stored`` is a
whole transcription whose answer is known: the form is read, the file is hashed and made durable on disk, a job is
written and its text comes back. Goal: 5 ms for each.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from bench.options import options
from bench.room import Room, free_port, open_room

BARE = """
import os
import sys
import tempfile
import uvicorn
from anyio import to_thread
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

def keep(content):
    with tempfile.TemporaryFile() as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())

async def answer(request):
    if request.method == "POST" and "multipart" in request.headers.get("content-type", ""):
        async with request.form() as form:
            await to_thread.run_sync(keep, await form["file"].read())
    elif request.method == "POST":
        await to_thread.run_sync(keep, await request.body())
    return JSONResponse({"status": "ok"})

routes = [Route("/{rest:path}", answer, methods=["GET", "POST"])]
uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=int(sys.argv[1]), log_level="error", access_log=False)
"""
GOAL_MS = 5.0
Call = Callable[[httpx.Client], httpx.Response]


def main() -> None:
    """Prints the medians of both servers and their difference for each call."""
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=300, help="calls of each kind to each server")
    told = parser.parse_args()
    sound = (told.media / "asr" / "spk1_snt1.wav").read_bytes()
    with tempfile.TemporaryDirectory() as name, open_room(Path(name), told.models) as room, bare() as other:
        for what, call in calls(room, sound).items():
            ours, bare_ms = both(call, room.url, other, told.rounds)
            print(f"{what:34s} {ours:6.2f} ms   bare {bare_ms:5.2f} ms   more {ours - bare_ms:6.2f} ms")
    print(f"goal: at most {GOAL_MS:g} ms more")


def calls(room: Room, sound: bytes) -> dict[str, Call]:
    """Returns the calls that are measured, each with its name."""
    own = {"x-roomtone": "1"}
    key = room.ask("POST", "/api/keys", json={"name": "bench", "requests_a_minute": 100_000})["secret"]
    shown = {"authorization": f"Bearer {key}"}
    fields = {"model": "base", "language": "en"}

    def transcribe(client: httpx.Client) -> httpx.Response:
        return client.post("/v1/audio/transcriptions", data=fields, files={"file": ("a.wav", sound)})

    with httpx.Client(base_url=room.url, timeout=120) as client:
        job = transcribe(client).raise_for_status().headers["x-roomtone-job"]
    return {
        "GET /health": lambda client: client.get("/health"),
        "GET /v1/models": lambda client: client.get("/v1/models"),
        "GET /v1/models, with a key": lambda client: client.get("/v1/models", headers=shown),
        "GET /api/jobs/ID": lambda client: client.get(f"/api/jobs/{job}"),
        "GET /api/jobs": lambda client: client.get("/api/jobs?limit=20"),
        "GET /api/jobs/ID/segments": lambda client: client.get(f"/api/jobs/{job}/segments"),
        f"POST /api/uploads, {len(sound) >> 10} KB": lambda client: client.post(
            "/api/uploads?name=a.wav", content=sound, headers=own
        ),
        "POST /v1/audio/transcriptions, stored": transcribe,
    }


def both(call: Call, ours: str, other: str, rounds: int) -> tuple[float, float]:
    """Returns the median milliseconds of a call to each server, asked in turn."""
    spent: dict[str, list[float]] = {ours: [], other: []}
    with httpx.Client(base_url=ours, timeout=60) as first, httpx.Client(base_url=other, timeout=60) as second:
        for number in range(rounds + 20):
            for url, client in ((ours, first), (other, second)):
                began = time.perf_counter()
                answered = call(client)
                took = time.perf_counter() - began
                if url == ours:
                    answered.raise_for_status()
                if number >= 20:
                    spent[url].append(took * 1000)
    return statistics.median(spent[ours]), statistics.median(spent[other])


@contextmanager
def bare() -> Iterator[str]:
    """Runs the bare server and gives its address."""
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", BARE, str(port)])
    url = f"http://127.0.0.1:{port}"
    try:
        while True:
            try:
                httpx.get(f"{url}/health")
                break
            except httpx.HTTPError:
                time.sleep(0.05)
        yield url
    finally:
        process.terminate()
        process.wait(20)


if __name__ == "__main__":
    main()
