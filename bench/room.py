"""Starts a whole Roomtone on a free port for a bench, and asks it over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
_HEADERS = {"x-roomtone": "1", "x-roomtone-language": "en"}


@dataclass(frozen=True, slots=True)
class Room:
    """A running server; ``pid`` is the root of its process tree."""

    url: str
    pid: int

    def ask(self, method: str, path: str, **values: Any) -> Any:
        """Returns the JSON answer; raises RuntimeError with the server's words for an error."""
        # Without verify=False each request would read all certificates of the machine, 20 ms for nothing.
        answer = httpx.request(method, self.url + path, headers=_HEADERS, timeout=120, verify=False, **values)
        if answer.status_code >= 400:
            raise RuntimeError(answer.text)
        return answer.json()

    def upload(self, path: Path) -> str:
        """Sends a file and returns its upload id."""
        with open(path, "rb") as file:
            told = self.ask(
                "POST", "/api/uploads", params={"name": path.name}, content=iter(lambda: file.read(1 << 20), b"")
            )
        return str(told["id"])

    def submit(self, upload: str, **request: Any) -> str:
        """Makes a job of an upload and returns its id."""
        wanted = {"quality": "model:base", "language": "en", **request}
        return str(self.ask("POST", "/api/jobs", json={"uploads": [upload], "request": wanted})["jobs"][0]["id"])

    def wait(self, job_id: str, every_s: float = 0.2) -> dict[str, Any]:
        """Returns the job once it has ended; raises RuntimeError if it failed."""
        while True:
            job: dict[str, Any] = self.ask("GET", f"/api/jobs/{job_id}")
            if job["status"] == "succeeded":
                return job
            if job["status"] in ("failed", "cancelled"):
                raise RuntimeError(f"job {job['status']}: {job['error']}")
            time.sleep(every_s)


def command(data: Path, port: int, models: Path | None, *more: str) -> list[str]:
    """Returns the command line that starts the server."""
    named = ["--models", str(models)] if models else []
    program = [sys.executable, str(ROOT / "launch.py"), "--no-browser", "--offline"]
    return [*program, "--port", str(port), "--data", str(data), *named, *more]


def environment() -> dict[str, str]:
    """Returns the environment of the server: the interpreter that runs the bench has what is needed."""
    return {**os.environ, "ROOMTONE_SETUP": "no"}


def free_port() -> int:
    """Returns a port that nobody uses now."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@contextmanager
def open_room(data: Path, models: Path, *more: str) -> Iterator[Room]:
    """Starts a server and waits until it takes jobs; ends it after the ``with``."""
    port = free_port()
    told = open(data / "bench.out", "wb")  # noqa: SIM115 - closed below, after the server
    process = subprocess.Popen(command(data, port, models, *more), env=environment(), stdout=told, stderr=told)
    room = Room(f"http://127.0.0.1:{port}", process.pid)
    try:
        _wait_until_ok(room, process, data / "bench.out")
        yield room
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
        told.close()


def _wait_until_ok(room: Room, process: subprocess.Popen[bytes], printed: Path, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"the server ended with {process.returncode}: {printed.read_text('utf-8')[-2000:]}")
        try:
            if room.ask("GET", "/health")["status"] == "ok":
                return
        except (httpx.HTTPError, RuntimeError, ValueError):
            pass
        time.sleep(0.1)
    raise RuntimeError("the server did not start in time")
