"""What a job costs besides the work: one-chunk jobs through the real workbench and database, with nothing to compute.

Prints milliseconds a job, all of one batch and one after the other. The reading and the engine are stand-ins in this
process, so what is left is rows, decisions, threads and events.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from engines import catalog  # noqa: E402
from engines.base import Place  # noqa: E402
from engines.device import Machine  # noqa: E402
from engines.intake.intake import IntakeResult, Probed, Speech  # noqa: E402
from engines.requests import TranscribeRequest  # noqa: E402
from media.transcript import Segment  # noqa: E402
from media.vad import Span  # noqa: E402
from workbench.core import Workbench  # noqa: E402
from workbench.history.history import History  # noqa: E402
from workbench.settings import Settings  # noqa: E402
from workbench.texts import Texts  # noqa: E402

N_JOBS = 200
RESULT = {
    "language": "en",
    "language_probability": 0.99,
    "segments": [Segment(0.0, 5.0, "hello there", avg_logprob=-0.1).to_dict()],
    "audio_s": 5.0,
    "redone": 0,
}


class NoReading:
    """Finds five seconds of speech in every file."""

    def run(
        self, source: Path, folder: Path, vad: Any, limits: Any, on_event: Callable[[Any], None], should_stop: Any
    ) -> IntakeResult:
        (folder / "audio.pcm").touch()
        on_event(Probed(10.0, "audio"))
        on_event(Speech((Span(0.0, 5.0),), 10.0))
        return IntakeResult(10.0, "audio", 5.0)

    def close(self) -> None:
        pass


class NoEngine:
    """Knows the result of every chunk at once."""

    steps: Sequence[str] = ()
    place = Place("cpu", "int8", 1)

    @contextmanager
    def lease(self, *_: Any) -> Iterator[NoEngine]:
        yield self

    def run(self, items: Sequence[Any], report: Callable[[int, Any], None], *_: Any, **__: Any) -> list[Any]:
        for index in range(len(items)):
            report(index, RESULT)
        return [RESULT] * len(items)

    def status(self) -> list[Any]:
        return []

    def close(self) -> None:
        pass


def main() -> dict[str, float]:
    """Runs the bench; returns milliseconds a job."""
    with tempfile.TemporaryDirectory() as folder:
        bench = compose(Path(folder))
        bench.start()
        try:
            found = {"together_ms": together(bench), "one_by_one_ms": one_by_one(bench)}
        finally:
            bench.close()
    print(json.dumps({name: round(value, 2) for name, value in found.items()} | {"goal_ms": 5, "n_jobs": N_JOBS}))
    return found


def compose(data: Path) -> Workbench:
    """Returns a workbench on an empty folder."""
    store: Any = SimpleNamespace(find=lambda spec: data, available=lambda name: True)
    engine: Any = NoEngine()
    history = History(data / "history.db", ROOT / "history.db-schema")
    texts = Texts(ROOT / "assets" / "texts")
    machine = Machine(2, 8000, 8000)
    return Workbench(Settings(data=data), history, engine, NoReading(), store, catalog, texts, machine=machine)


def together(bench: Workbench) -> float:
    """Drops all files at once; returns milliseconds from the drop to the last end, for each job."""
    uploads = [bench.receive(f"{number}.wav", [f"together {number}".encode()]).id for number in range(N_JOBS)]
    began = time.perf_counter()
    jobs = bench.submit(uploads, TranscribeRequest(quality="model:base"), "bench")
    for job in jobs:
        bench.wait(job.id)
    return (time.perf_counter() - began) / N_JOBS * 1000


def one_by_one(bench: Workbench) -> float:
    """Waits for each job before the next; returns the median milliseconds of a job."""
    took = []
    for number in range(N_JOBS):
        upload = bench.receive(f"{number}.wav", [f"alone {number}".encode()]).id
        began = time.perf_counter()
        job = bench.submit([upload], TranscribeRequest(quality="model:base"), "bench")[0]
        bench.wait(job.id)
        took.append((time.perf_counter() - began) * 1000)
    return statistics.median(took)


if __name__ == "__main__":
    main()
