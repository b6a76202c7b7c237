"""Brings the unfinished jobs of the database back onto the board after a start."""

from __future__ import annotations

from engines.base import ModelSpec
from workbench.history.rows import ChunkRow, JobRow
from workbench.running.board import ActiveJob
from workbench.running.chunks import Place
from workbench.running.lanes import LANES, Lane
from workbench.tasks.catalog import WORKS
from workbench.tasks.transcribe import decide_language

CLAIMS_A_SUSPICION = 3
"""A chunk that was claimed so often, and whose server died each time, may be the reason: it runs alone from then on."""


def active_of(row: JobRow, spec: ModelSpec, now: float) -> ActiveJob:
    """Returns the board's side of a job that has no chunks yet; ``now`` is monotonic."""
    return ActiveJob(
        id=row.id,
        task=row.task,
        owner=row.owner,
        lane=lane_of(row.lane),
        model=row.model,
        english_only=spec.english_only,
        request=WORKS[row.task].request(row.request),
        sha256=row.input_sha256 or "",
        since=now,
        served=now,
        language=row.language,
        notes=[dict(note) for note in row.notes],
    )


def lane_of(name: str) -> Lane:
    """Returns the lane of that name; an unknown one is the batch lane."""
    return next((lane for lane in LANES if lane == name), "batch")


def resume(job: ActiveJob, row: JobRow, chunks: list[ChunkRow], readable: bool) -> None:
    """Fills in what a job had reached.

    Chunks that are still to be run are offered only if their sound is ``readable``; otherwise the recording is read
    again, which gives the same chunks with the same numbers.
    """
    job.reading = "done" if readable else "waiting"
    job.started = bool(chunks)
    if row.cut_done:
        job.duration_s = row.duration_s
    if readable:
        job.decoded_s = row.duration_s or 0.0
    for chunk in sorted(chunks, key=lambda chunk: chunk.number):
        place = Place(chunk.start, chunk.end, chunk.pieces, min(2, chunk.attempts // CLAIMS_A_SUSPICION))
        if chunk.status in ("succeeded", "failed"):
            job.places[chunk.number] = place
            job.finished.add(chunk.number, chunk.end)
            job.n_succeeded += chunk.status == "succeeded"
            job.n_failed += chunk.status == "failed"
        elif readable:
            job.places[chunk.number] = place
            job.waiting[chunk.number] = None
    if job.undecided:
        job.votes = [dict(chunk.result) for chunk in chunks if chunk.status == "succeeded" and chunk.result]
        job.language = decide_language(job.votes)
