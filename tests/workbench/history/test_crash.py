"""kill -9 in the middle of commits: nothing accepted is lost, nothing is done twice."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.history.history import ChunkEnd, History, HistoryFilter

WORK = """
import sys
from pathlib import Path
from media.transcript import Segment
from workbench.history.history import ChunkEnd, History, NewChunk, NewJob

history = History(Path(sys.argv[1]), Path(sys.argv[2]))
history.recover()
first = int(sys.argv[3])
def run(job):
    for chunk in history.waiting_chunks(job):
        fence = history.claim_chunks(job, [chunk.number])[chunk.number]
        print("claimed", job, flush=True)
        assert history.commit_chunk(job, chunk.number, fence, ChunkEnd({"n": chunk.number}, position_s=chunk.end))
        print("committed", job, chunk.number, flush=True)
    history.finish_cut(job, 4.0)
    assert history.finish_job(job, [Segment(n, n + 1, f"line{n} of {job}") for n in range(40)])
    print("finished", job, flush=True)
for job in history.active_jobs():
    run(job.id)
for number in range(first, first + 10_000):
    job = f"job{number}"
    chunks = [NewChunk(n, n, n + 1, ((n, n + 1),)) for n in range(4)]
    with history.transaction():
        history.add_jobs([NewJob(job, "asr", job, {}, "base", job)])
        history.add_chunks(job, chunks)
    print("accepted", job, flush=True)
    run(job)
"""


@pytest.mark.faults
def test_after_kill_every_accepted_job_goes_on_from_its_last_chunk(tmp_path: Path, schema: Path, root: Path) -> None:
    path = tmp_path / "history.db"
    rng = random.Random(11)
    told: list[list[str]] = []
    for round_number in range(6):
        told.extend(_work_and_kill(path, schema, root, round_number * 100_000, rng.randint(5, 120)))
        with History(path, schema) as history:
            _holds_what_was_told(history, told)
    with History(path, schema) as history:
        history.recover()
        _finish_all(history)
        accepted = {words[1] for words in told if words[0] == "accepted"}
        rows = history.jobs(sorted(accepted))
        assert len(rows) == len(accepted)
        assert {row.status for row in rows} == {"succeeded"}
        for row in rows:
            assert len(history.segments(row.id)) == 40
            hits, _ = history.search(f'"line7 of {row.id}"')
            assert [(hit.job_id, hit.number) for hit in hits] == [(row.id, 7)]
        with history.reading() as db:
            assert db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def _work_and_kill(path: Path, schema: Path, root: Path, first: int, n_lines: int) -> list[list[str]]:
    environment = {**os.environ, "PYTHONPATH": str(root)}
    command = [sys.executable, "-c", WORK, str(path), str(schema), str(first)]
    told: list[list[str]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdout is not None
        for line in child.stdout:
            # The last one may be cut off by the kill.
            if not line.endswith("\n"):
                break
            told.append(line.split())
            if len(told) == n_lines:
                child.send_signal(signal.SIGKILL)
        child.wait()
    return told


def _holds_what_was_told(history: History, told: list[list[str]]) -> None:
    for kind, job_id, *rest in told:
        row = history.job(job_id)
        assert row is not None
        assert kind != "finished" or row.status == "succeeded"
        if kind == "committed":
            assert history.chunks(job_id)[int(rest[0])].result == {"n": int(rest[0])}
    finished = [job_id for kind, job_id, *_ in told if kind == "finished"]
    assert len(finished) == len(set(finished))


def _finish_all(history: History) -> None:
    for job in history.active_jobs():
        for chunk in history.waiting_chunks(job.id):
            fence = history.claim_chunks(job.id, [chunk.number])[chunk.number]
            history.commit_chunk(job.id, chunk.number, fence, ChunkEnd({"n": chunk.number}))
        history.finish_cut(job.id, 4.0)
        assert history.finish_job(job.id, _lines(job.id))
    rows, _ = history.page(HistoryFilter(status="queued"))
    assert rows == []


def _lines(job_id: str) -> list:  # type: ignore[type-arg]
    from media.transcript import Segment

    return [Segment(float(n), n + 1.0, f"line{n} of {job_id}") for n in range(40)]
