"""A workbench on a real database, with fakes for the reading of recordings, the models and their weights."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from engines import catalog
from engines.base import ModelSpec, Place
from engines.device import Machine
from engines.errors import Stopped, WeightsMissing
from engines.intake.intake import IntakeResult, Probed, Speech
from engines.requests import TranscribeItem, TranscribeRequest
from engines.residency.residency import Freed
from media.errors import MediaError, WorkbenchError
from media.transcript import Segment
from media.vad import Span
from tests.workbench.live.speaking import LoudEar
from workbench.core import Workbench
from workbench.history.history import History
from workbench.jobs import JobView
from workbench.running.chunks import FIRST_CHUNK_S, SHORT_RECORDING_S
from workbench.settings import Settings
from workbench.texts import Texts

Engine = Callable[[TranscribeItem], dict[str, Any]]


def say(item: TranscribeItem, text: str | None = None, language: str = "en", sure: float = 0.95) -> dict[str, Any]:
    """The result of an item: one line over all of it."""
    start, end = item.pieces[0][0], item.pieces[-1][1]
    line = Segment(start, end, text if text is not None else f"from {start:g} to {end:g}", avg_logprob=-0.1)
    return {
        "language": item.language or language, "language_probability": sure, "segments": [line.to_dict()],
        "audio_s": end - start, "redone": 0,
    }  # fmt: skip


class FakeLease:
    def __init__(self, residency: FakeResidency) -> None:
        self.steps: list[str] = list(residency.steps)
        self.place = Place("cpu", "int8", 2)
        self._residency = residency

    def load(self, should_stop: Any = None) -> None:
        pass

    def memory_mib(self) -> tuple[int, int]:
        return 0, 0

    def run(
        self,
        items: Sequence[TranscribeItem],
        report: Callable[[int, dict[str, Any]], None] = lambda *_: None,
        should_stop: Callable[[], bool] = lambda: False,
        gives_way: Callable[[], bool] = lambda: False,
    ) -> list[dict[str, Any] | WorkbenchError]:
        residency = self._residency
        residency.batches.append(list(items))
        outcomes: list[dict[str, Any] | WorkbenchError] = []
        for index, item in enumerate(items):
            while not residency.go.wait(0.01):
                if should_stop():
                    raise Stopped()
            if gives_way():
                raise Stopped()
            try:
                outcomes.append(residency.engine(item))
            except WorkbenchError as error:
                outcomes.append(error)
                continue
            report(index, outcomes[-1])  # type: ignore[arg-type]
        return outcomes


class FakeResidency:
    """Runs items in the caller's thread through ``engine``; while ``go`` is unset every run waits."""

    def __init__(self, engine: Engine, store: FakeStore) -> None:
        self.engine = engine
        self.store = store
        self.steps: list[str] = []
        self.batches: list[list[TranscribeItem]] = []
        self.go = threading.Event()
        self.go.set()
        self.refuse: list[WorkbenchError] = []
        self.loaded: list[str] = []
        self.refreshed: list[str] = []

    @contextmanager
    def lease(
        self, spec: ModelSpec, batch: int = 1, on_wait: Callable[[str], None] | None = None, should_stop: Any = None
    ) -> Iterator[FakeLease]:
        if self.refuse:
            raise self.refuse.pop()
        if self.store.find(spec) is None:
            raise WeightsMissing(model=spec.title)
        yield FakeLease(self)

    def status(self) -> list[Any]:
        return []

    def places(self, spec: ModelSpec) -> tuple[Place, ...]:
        return (Place("cpu", "int8", 2),)

    def load(self, spec: ModelSpec, on_wait: Any = None, should_stop: Any = None) -> None:
        self.loaded.append(spec.name)

    def refresh(self, name: str) -> None:
        self.refreshed.append(name)

    def clear(self, interrupt: bool = False) -> Freed:
        return Freed(100, 0, ())

    def unload(self, name: str) -> bool:
        return True

    def close(self) -> None:
        self.go.set()


class FakeIntake:
    """Reads a "recording" that is JSON: ``{"duration_s", "spans", "error"}``; waits for ``go`` after the first span."""

    def __init__(self) -> None:
        self.n_runs = 0
        self.crashes = 0
        self.refuse: list[WorkbenchError] = []
        self.go = threading.Event()
        self.go.set()
        self.closed = False

    def run(
        self,
        source: Path,
        folder: Path,
        vad: Any,
        limits: Any,
        on_event: Callable[[Any], None],
        should_stop: Callable[[], bool],
    ) -> IntakeResult:
        self.n_runs += 1
        if self.refuse:
            raise self.refuse.pop()
        if self.n_runs <= self.crashes:
            raise MediaError("media_crashed", status=500)
        told = json.loads(source.read_text())
        if "error" in told:
            raise MediaError(told["error"])
        (folder / "audio.pcm").write_bytes(b"")
        on_event(Probed(told["duration_s"], "audio"))
        for number, (start, end) in enumerate(told["spans"]):
            while number and not self.go.wait(0.01):
                if self.closed or should_stop():
                    raise Stopped()
            on_event(Speech((Span(start, end),), end))
        return IntakeResult(told["duration_s"], "audio", 1.0, tuple(told.get("notes", ())))

    def close(self) -> None:
        self.closed = True


class FakeStore:
    """Has the weights named in ``there``; ``fetch`` is whatever the test says."""

    def __init__(self, *there: str) -> None:
        self.there = set(there)
        self.reachable: set[str] = set()
        self.unchecked: set[str] = set()
        self.on_verify: WorkbenchError | None = None
        self.on_fetch: Callable[[ModelSpec, Callable[[Any], None]], None] | None = None

    def find(self, spec: ModelSpec) -> Path | None:
        return Path("weights") if spec.name in self.there else None

    def lies_unchecked(self, spec: ModelSpec) -> bool:
        return spec.name in self.unchecked

    def installed(self) -> list[Any]:
        return [SimpleNamespace(name=name, size_bytes=1000, own=True) for name in sorted(self.there)]

    def delete(self, spec: ModelSpec) -> bool:
        return spec.name in self.there and not self.there.discard(spec.name)

    def verify(self, spec: ModelSpec, report: Callable[[Any], None], should_stop: Callable[[], bool]) -> Path:
        report(SimpleNamespace(model=spec.name, source="", done_bytes=1, total_bytes=2, step="checking"))
        if self.on_verify is not None:
            raise self.on_verify
        return Path("weights")

    def available(self, name: str) -> bool:
        return name in self.there | self.reachable

    def fetch(self, spec: ModelSpec, report: Callable[[Any], None], should_stop: Callable[[], bool]) -> Path:
        report(SimpleNamespace(model=spec.name, source="hub", done_bytes=1, total_bytes=4, step="fetching"))
        if self.on_fetch is None:
            raise WeightsMissing(model=spec.title, tried=["hub"])
        self.on_fetch(spec, report)
        self.there.add(spec.name)
        return Path("weights")


@dataclass
class Room:
    """Makes workbenches on one data folder, one after the other, and closes what is left open."""

    data: Path
    root: Path
    engine: Engine = say
    store: FakeStore = field(default_factory=lambda: FakeStore("base"))
    open_benches: list[Workbench] = field(default_factory=list)
    clock: Callable[[], float] = lambda: 1_000_000.0
    machine: Machine = field(default_factory=lambda: Machine(2, 8000, 8000))
    ear: Callable[[], Any] = LoudEar
    monotonic: Callable[[], float] = time.monotonic
    catalog: Any = catalog
    intake_of: Callable[[], Any] = FakeIntake

    def bench(self, start: bool = True) -> Workbench:
        self.residency = FakeResidency(lambda item: self.engine(item), self.store)
        self.intake = self.intake_of()
        self.history = History(self.data / "history.db", self.root / "history.db-schema", self.clock)
        bench = Workbench(
            Settings(data=self.data), self.history, self.residency, self.intake, self.store, self.catalog,  # type: ignore[arg-type]
            Texts(self.root / "assets" / "texts", strict=True), self.clock, machine=self.machine, ear=self.ear,
            monotonic=self.monotonic,
        )  # fmt: skip
        bench._board.pause_s = 0.05
        self.open_benches.append(bench)
        if start:
            bench.start()
        return bench

    def submit(
        self, bench: Workbench, *recordings: dict[str, Any], owner: str = "ann", **request: Any
    ) -> list[JobView]:
        uploads = [
            bench.receive(f"talk {number}.wav", [json.dumps(told).encode()]).id
            for number, told in enumerate(recordings)
        ]
        return bench.submit(uploads, TranscribeRequest(**({"quality": "fast"} | request)), owner)

    def close(self) -> None:
        for bench in self.open_benches:
            bench.close()


def recording(n_chunks: int, duration_s: float | None = None, **more: Any) -> dict[str, Any]:
    """A recording whose speech makes so many chunks, each as long as it may be, one every 30 s from 0 on."""
    duration_s = duration_s or n_chunks * 30.0
    first_s = 28.0 if duration_s <= SHORT_RECORDING_S else FIRST_CHUNK_S
    spans = [(number * 30.0, number * 30.0 + (28.0 if number else first_s)) for number in range(n_chunks)]
    return {"duration_s": duration_s, "spans": spans, **more}


@pytest.fixture
def room(tmp_path: Path, root: Path) -> Iterator[Room]:
    made = Room(tmp_path, root)
    yield made
    made.close()


@pytest.fixture
def fakes() -> SimpleNamespace:
    """The building blocks of recordings and results."""
    return SimpleNamespace(recording=recording, say=say)
