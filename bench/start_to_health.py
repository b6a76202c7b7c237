"""Times the start of the program: the first answer of /health, the moment jobs are taken, and the page.

    python bench/start_to_health.py [--rounds 5]

The environment is there already, as at every start but the first. Goal: /health within 1 s.
"""

from __future__ import annotations

import http.client
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from bench.room import command, environment, free_port


def main() -> None:
    """Prints the median and the longest of each figure."""
    parser = options(__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    told = parser.parse_args()
    rounds = [one_start(told.models) for _ in range(told.rounds)]
    for at, what in enumerate(("first answer of /health", "jobs are taken", "page is served")):
        figures = [figure[at] for figure in rounds]
        print(f"{what:24s} median {statistics.median(figures):6.2f} s   longest {max(figures):6.2f} s")


def one_start(models: Path) -> tuple[float, float, float]:
    """Starts and ends the program once; returns seconds to the first answer, to ``ok``, and to the page."""
    with tempfile.TemporaryDirectory() as data:
        port = free_port()
        begun = time.monotonic()
        process = subprocess.Popen(
            command(Path(data), port, models), env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        try:
            answered = ready = 0.0
            while not ready:
                if process.poll() is not None:
                    raise SystemExit(f"the program ended with {process.returncode}")
                status = health(port)
                answered = answered or (time.monotonic() - begun if status else 0.0)
                ready = time.monotonic() - begun if status == "ok" else 0.0
                time.sleep(0.01)
            _get(port, "/")
            return answered, ready, time.monotonic() - begun
        finally:
            process.terminate()
            process.wait(30)


def health(port: int) -> str:
    """Returns the status that /health tells, empty while nobody answers."""
    try:
        return str(json.loads(_get(port, "/health"))["status"])
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return ""


def _get(port: int, path: str) -> bytes:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request("GET", path)
        return line.getresponse().read()
    finally:
        line.close()


if __name__ == "__main__":
    main()
