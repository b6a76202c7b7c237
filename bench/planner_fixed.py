"""A real workbench on a fast clock whose engine only waits; used by ``planner_error.py``."""

from __future__ import annotations

import json
import statistics
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from engines import catalog
from engines.base import Place
from engines.device import Machine
from engines.intake.intake import IntakeResult, Probed, Speech
from engines.requests import TranscribeRequest
from media.transcript import Segment
from media.vad import Span
from workbench.core import Workbench
from workbench.history.history import History
from workbench.planning.demand import Arrival
from workbench.planning.speeds import CHUNK_S, Cost
from workbench.settings import Settings
from workbench.texts import Texts

ROOT = Path(__file__).resolve().parent.parent
SPEECH, READ_X = 0.9, 80.0
REST_S = 0.3
"""A longer pause of the engine, in real seconds, is taken to be one without work."""
RESULT = {
    "language": "en", "language_probability": 0.99,
    "segments": [Segment(0.0, 5.0, "hello there", avg_logprob=-0.1).to_dict()], "audio_s": 5.0, "redone": 0,
}  # fmt: skip


class _Reading:
    """Finds as much speech as there is said to be, in sentences of a chunk's length, as fast as a recording is read."""

    def __init__(self, faster: float) -> None:
        self._faster = faster

    def run(
        self, source: Path, folder: Path, vad: Any, limits: Any, on_event: Callable[[Any], None], should_stop: Any
    ) -> IntakeResult:
        length_s = float(json.loads(source.read_text())["length_s"])
        (folder / "audio.pcm").touch()
        on_event(Probed(length_s, "audio"))
        at = 0.0
        while at < length_s - 0.5:
            end = min(length_s, at + CHUNK_S / SPEECH)
            time.sleep((end - at) / READ_X / self._faster)
            on_event(Speech((Span(at, at + (end - at) * SPEECH),), end))
            at = end
        return IntakeResult(length_s, "audio", length_s * SPEECH)

    def close(self) -> None:
        pass


class _Engine:
    """Takes as long for a batch as it is said to cost."""

    steps: Sequence[str] = ()
    place = Place("cpu", "int8", 1)

    def __init__(self, cost: Cost, faster: float) -> None:
        self._cost = cost
        self._faster = faster
        self._ended = 0.0
        self.gaps_s: list[float] = []
        self.late_s: list[float] = []

    @contextmanager
    def lease(self, *_: Any) -> Iterator[_Engine]:
        yield self

    def run(self, items: Sequence[Any], report: Callable[[int, Any], None], *_: Any, **__: Any) -> list[Any]:
        sounds = [sum(end - start for start, end in item.pieces) for item in items]
        if self._ended:
            self.gaps_s.append((time.monotonic() - self._ended) * self._faster)
        began, cost_s = time.monotonic(), self._cost.seconds(sounds)
        time.sleep(cost_s / self._faster)
        self.late_s.append((time.monotonic() - began) * self._faster - cost_s)
        for index in range(len(items)):
            report(index, RESULT)
        self._ended = time.monotonic()
        return [RESULT] * len(items)

    def places(self, spec: Any) -> tuple[Place, ...]:
        return (self.place,)

    def memory_mib(self) -> tuple[int, int]:
        return 100, 100

    def load(self, *_: Any, **__: Any) -> None:
        pass

    def refresh(self, name: str) -> None:
        pass

    def unload(self, name: str) -> bool:
        return True

    def status(self) -> list[Any]:
        return []

    def close(self) -> None:
        pass


class FixedRoom:
    """Plays a trace through the real scheduler; a second of the trace lasts ``1 / faster`` seconds."""

    def __init__(self, data: Path, cost: Cost, faster: float) -> None:
        self._faster = faster
        store: Any = SimpleNamespace(find=lambda spec: data, available=lambda name: True)
        self._engine = _Engine(cost, faster)
        engine: Any = self._engine
        began = time.monotonic()

        def now() -> float:
            return (time.monotonic() - began) * faster

        history = History(data / "history.db", ROOT / "history.db-schema", clock=lambda: 1_800_000_000.0 + now())
        texts = Texts(ROOT / "assets" / "texts")
        self._now = now
        self._bench = Workbench(
            Settings(data=data), history, engine, _Reading(faster), store, catalog, texts,
            machine=Machine(2, 8000, 8000), monotonic=now,
        )  # fmt: skip

    @property
    def overhead_s(self) -> float:
        """Seconds between two batches in the trace's time: rows and threads, which the fast clock makes longer."""
        between = [gap for gap in self._engine.gaps_s if gap < REST_S * self._faster]
        return statistics.fmean(between) + statistics.fmean(self._engine.late_s) if between else 0.0

    def play(self, trace: Sequence[Arrival]) -> list[float]:
        """Returns the seconds that each recording waited for its text, in the trace's time."""
        bench = self._bench
        bench.start()
        try:
            names = [bench.receive(f"{n}.wav", [self._content(n, a)]).id for n, a in enumerate(trace)]
            begin = self._now()
            ids: list[str] = []
            for arrival, name in zip(trace, names, strict=True):
                threading.Event().wait(max(0.0, (begin + arrival.at - self._now()) / self._faster))
                request = TranscribeRequest(quality="model:base", language="en")
                ids.append(bench.submit([name], request, arrival.owner)[0].id)
            for job_id in ids:
                bench.wait(job_id)
            rows = {row.id: row for row in bench.history.jobs(ids)}
            return [(rows[one].finished_at or 0.0) - rows[one].created_at for one in ids]
        finally:
            bench.close()

    def _content(self, number: int, arrival: Arrival) -> bytes:
        return json.dumps({"length_s": arrival.length_s, "number": number}).encode()
