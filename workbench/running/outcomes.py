"""What becomes of a batch: results are committed with their job's progress, failures counted, the rest queued again."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engines.base import is_partial
from engines.errors import EngineCrashed, EngineHung, OutOfMemory
from engines.residency.lease import Lease
from media.errors import WorkbenchError
from workbench.events import Events
from workbench.history.history import History
from workbench.history.rows import ChunkEnd
from workbench.running import lanes
from workbench.running.board import ActiveJob, Board
from workbench.running.finishing import Endings, plain
from workbench.running.pace import speed_told
from workbench.tasks.transcribe import decide_language

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 3
"""A lease tries what ends its process twice, so a chunk has brought the engine down six times before it is given up."""
MOST_CRASHES = 3
"""A job of which so many chunks, each alone, brought the engine down, and none gave a result, is given up."""


@dataclass(slots=True)
class Run:
    """A batch on its way through an engine.

    Everything is by the index in ``batch.items``: ``fences`` of the claims that the database granted, ``sent`` those
    given to the engine (``items``, in this order), ``open`` those without a committed result.
    """

    batch: lanes.Batch
    jobs: list[ActiveJob]
    items: list[Any] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    fences: dict[int, int] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    unwanted_since: float | None = None
    began: float | None = None
    lease: Lease | None = None
    held_up_since: float | None = None
    held_up_s: float = 0.0

    def held_up(self, now: float) -> float:
        """Returns how long the batch waited for memory and for its model, in seconds."""
        return self.held_up_s + (now - self.held_up_since if self.held_up_since is not None else 0.0)


def _note_pace(job: ActiveJob, number: int, told: Mapping[str, Any]) -> None:
    """Takes note of how fast pictures are made, where an engine says it."""
    speed = speed_told(told, job.places[number].sound_s, job.speed is None)
    if speed is not None:
        job.speed, job.frames_a_second = speed, told["frames_a_second"]


_DEADLY = (EngineCrashed, EngineHung, OutOfMemory)


def _weight(error: WorkbenchError) -> int:
    """Returns what a failure counts: hanging costs minutes, so it is not tried again."""
    return MOST_ATTEMPTS if isinstance(error, EngineHung) else 1


class Outcomes:
    """Writes down how chunks end; called by the threads that run them."""

    def __init__(self, board: Board, history: History, events: Events, endings: Endings) -> None:
        self._board = board
        self._history = history
        self._events = events
        self._endings = endings

    def result(self, run: Run, index: int, result: Mapping[str, Any] | WorkbenchError) -> None:
        """Takes what the lease gave for one item; a result that was committed already is passed over."""
        if isinstance(result, WorkbenchError):
            if index in run.open:
                self._failed(run, index, result)
        else:
            self.done(run, index, result)

    def told(self, run: Run, index: int, result: dict[str, Any]) -> None:
        """Commits a result, or shows what there is of it so far."""
        if not is_partial(result):
            self.done(run, index, result)
            return
        with self._board.changed:
            job, number = run.jobs[index], run.batch.items[index][1]
            if index not in run.open or job.ended:
                return
            job.partials[number] = result
            _note_pace(job, number, result)
            if job.stage in ("loading_model", "waiting"):
                job.stage = "working"
        self._events.publish(job.id)

    def done(self, run: Run, index: int, result: Mapping[str, Any]) -> None:
        """Commits one result with its job's progress, once."""
        with self._board.changed:
            job, number = run.jobs[index], run.batch.items[index][1]
            if index not in run.open or job.ended:
                return
            run.open.discard(index)
            job.partials.pop(number, None)
            _note_pace(job, number, result)
            self._note_steps(run)
            if job.stage in ("loading_model", "waiting"):
                job.stage = "working"
            position_s = job.finished.add(number, job.places[number].end)
            votes = [*job.votes, dict(result)] if job.undecided else []
            language = decide_language(votes) if votes else job.language
        try:
            end = ChunkEnd(dict(result), position_s=position_s, language=language)
            self._history.commit_chunk(job.id, number, run.fences[index], end)
        except WorkbenchError as error:
            self._unwritten(run, index, error)
            return
        with self._board.changed:
            job.votes, job.language = votes, language
            job.n_succeeded += 1
            job.running.discard(number)
            job.finished_sound_s += job.places[number].sound_s
        self._events.publish(job.id)
        self._endings.check(job)

    def _unwritten(self, run: Run, index: int, error: WorkbenchError) -> None:
        """A full disk or a broken database: the chunk is run again once that is over."""
        log.warning("a result could not be written: %s", error)
        with self._board.changed:
            run.open.add(index)
            self._board.trouble(error)
            self._board.pause()

    def _failed(self, run: Run, index: int, error: WorkbenchError) -> None:
        """Counts a failure of one chunk: it is tried again alone, and given up after three times."""
        with self._board.changed:
            job, number = run.jobs[index], run.batch.items[index][1]
            if index not in run.open or job.ended or index not in run.fences:
                return
            place = job.places[number]
            place.attempts += _weight(error)
            job.n_crashes += isinstance(error, _DEADLY)
            doomed = job.n_crashes >= MOST_CRASHES and not job.n_succeeded
            given_up = place.attempts >= MOST_ATTEMPTS
            if given_up:
                run.open.discard(index)
                position_s = job.finished.add(number, place.end)
                job.n_failed += 1
        log.info("chunk %s of job %s failed (%s): %s", number, job.id, place.attempts, error)
        if doomed:
            self._endings.fail(job, error)
        if doomed or not given_up:
            return
        try:
            end = ChunkEnd(error_code=error.code, error_values=plain(error.values), position_s=position_s)
            self._history.commit_chunk(job.id, number, run.fences[index], end)
        except WorkbenchError as trouble:
            self._unwritten(run, index, trouble)
            return
        with self._board.changed:
            job.running.discard(number)
        self._events.publish(job.id)

    def all_failed(self, run: Run, error: WorkbenchError) -> None:
        """Counts a failure of every item that has no result."""
        for index in sorted(run.open):
            self._failed(run, index, error)

    def requeue(self, run: Run, index: int) -> None:
        """Puts an item without a result back in the queue."""
        job, number = run.jobs[index], run.batch.items[index][1]
        job.running.discard(number)
        job.partials.pop(number, None)
        if job.ended:
            self._let_go(run, index)
            return
        job.waiting = {number: None, **job.waiting}
        if job.stage in ("loading_model", "working") and not job.running:
            job.stage = "waiting"
        if index not in run.fences:
            return
        job.unreleased[number] = run.fences[index]
        try:
            self.give_back(job)
        except WorkbenchError as error:
            log.warning("chunk %s of %s stays claimed for now: %s", number, job.id, error)

    def _let_go(self, run: Run, index: int) -> None:
        """Gives back a claim of a job that ended: taken up again meanwhile, it would wait for this chunk for ever."""
        if index not in run.fences:
            return
        job_id, number = run.batch.items[index]
        again = self._board.jobs.get(job_id)
        try:
            if again is None:
                self._history.release_chunks(job_id, {number: run.fences[index]}, count=False)
            else:
                again.unreleased[number] = run.fences[index]
                self.give_back(again)
        except WorkbenchError as error:
            log.warning("chunk %s of %s stays claimed for now: %s", number, job_id, error)

    def give_back(self, job: ActiveJob | None) -> None:
        """Gives back the claims of chunks that wait again; what cannot be written now goes before the next claim."""
        with self._board.changed:
            if job is not None and job.unreleased and not job.ended:
                self._history.release_chunks(job.id, job.unreleased, count=False)
                job.unreleased.clear()

    def _note_steps(self, run: Run) -> None:
        """Tells the jobs which steps were needed for want of memory."""
        for step in run.lease.steps if run.lease is not None else ():
            note = {"code": f"step_{step}", "values": {"model": self._board.specs[run.batch.model].title}}
            for job in run.jobs:
                if note not in job.notes:
                    job.notes.append(note)
