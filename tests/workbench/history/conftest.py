"""A fresh history, and short ways to bring a job to a certain point."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from media.transcript import Segment
from workbench.history.history import ChunkEnd, History, NewChunk, NewJob

TASK = "automatic-speech-recognition"


@dataclass
class Clock:
    """A clock that stands still until it is set."""

    now: float = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """Accepts and finishes jobs as the workbench would."""

    def __init__(self, history: History) -> None:
        self.history = history

    def accept(self, job_id: str, title: str = "Meeting", n_chunks: int = 0, **fields: object) -> str:
        """Accepts a job and stores its chunks of one second each."""
        values = {"task": TASK, "request": {}, "model": "base", "fingerprint": f"print of {job_id}", **fields}
        self.history.add_jobs([NewJob(id=job_id, title=title, **values)])  # type: ignore[arg-type]
        if n_chunks:
            chunks = [NewChunk(n, float(n), n + 1.0, ((float(n), n + 1.0),)) for n in range(n_chunks)]
            self.history.add_chunks(job_id, chunks)
        return job_id

    def run_chunks(self, job_id: str) -> None:
        """Claims and commits every waiting chunk."""
        waiting = [chunk.number for chunk in self.history.waiting_chunks(job_id)]
        for number, fence in self.history.claim_chunks(job_id, waiting).items():
            assert self.history.commit_chunk(job_id, number, fence, ChunkEnd({"n": number}))

    def finish(self, job_id: str, texts: Sequence[str], title: str = "Meeting", **fields: object) -> str:
        """Accepts a job and ends it with these lines."""
        self.accept(job_id, title, **fields)
        self.history.finish_cut(job_id, float(len(texts)), "audio")
        lines = [Segment(float(n), n + 1.0, text) for n, text in enumerate(texts)]
        assert self.history.finish_job(job_id, lines, [], "en")
        return job_id

    def found(self, text: str, **filters: object) -> list[tuple[str, int]]:
        """Returns the job and number of each line that a search finds."""
        from workbench.history.history import HistoryFilter

        hits, _ = self.history.search(text, HistoryFilter(**filters))  # type: ignore[arg-type]
        return [(hit.job_id, hit.number) for hit in hits]


@pytest.fixture
def clock() -> Clock:
    """A clock that the test sets."""
    return Clock()


@pytest.fixture
def schema(root: Path) -> Path:
    """The folder of migrations."""
    return root / "history.db-schema"


@pytest.fixture
def history(tmp_path: Path, schema: Path, clock: Clock) -> Iterator[History]:
    """An empty history."""
    with History(tmp_path / "history.db", schema, clock) as opened:
        yield opened


@pytest.fixture
def desk(history: History) -> Desk:
    """Short ways to bring jobs to a certain point in ``history``."""
    return Desk(history)
