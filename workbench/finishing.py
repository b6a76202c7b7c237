"""Ends jobs, each exactly once: joins the chunks, writes the transcript, or writes down why there is none."""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from media.errors import WorkbenchError
from media.transcript import Segment
from workbench.board import ActiveJob, Board
from workbench.errors import JobError
from workbench.events import Events
from workbench.history import History
from workbench.history_rows import ChunkRow
from workbench.tasks.rewriting import Rewriter
from workbench.tasks.transcribe import Done, decide_language, join

log = logging.getLogger(__name__)


class Endings:
    """A thread that joins complete jobs, so that the engines need not wait for it."""

    def __init__(self, board: Board, history: History, events: Events, rewriter: Rewriter) -> None:
        self._board = board
        self._history = history
        self._events = events
        self._rewriter = rewriter
        self._complete: queue.Queue[ActiveJob | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="endings", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Ends the thread after the job that it is joining; the others are joined at the next start."""
        self._complete.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def check(self, job: ActiveJob) -> None:
        """Joins a job if its last chunk is done; safe to call after any change."""
        with self._board.changed:
            if job.ended or not job.complete or job.stage == "writing":
                return
            job.stage, job.stage_progress = "writing", None
        self._complete.put(job)

    def fail(self, job: ActiveJob, error: WorkbenchError) -> None:
        """Ends a job with an error; what was recognised so far stays readable."""
        if self._board.remove(job.id) is None:
            return
        log.info("job %s failed: %s", job.id, error)
        self._history.fail_job(job.id, error.code, plain(error.values))
        self._events.publish(job.id)

    def _run(self) -> None:
        while (job := self._complete.get()) is not None:
            if self._board.stopping:
                continue
            try:
                self._end(job)
            except WorkbenchError as error:
                self._later(job, error)
            except Exception as error:
                log.exception("job %s could not be joined", job.id)
                self.fail(job, WorkbenchError("internal", what=type(error).__name__))

    def _end(self, job: ActiveJob) -> None:
        chunks = self._history.chunks(job.id)
        if chunks and all(chunk.status == "failed" for chunk in chunks):
            self.fail(job, _why(chunks))
            return
        done = [done_of(chunk) for chunk in chunks]
        joined = join(done, job.request, self._rewriter, job.duration_s or 0.0)
        language = job.language or _language(chunks, joined.segments)
        written = self._history.finish_job(job.id, joined.segments, [*job.notes, *joined.notes], language)
        row = self._history.job(job.id)
        if not written and row is not None and not row.ended:
            self.fail(job, JobError("job_failed"))
            return
        self._board.remove(job.id)
        self._events.publish(job.id)

    def _later(self, job: ActiveJob, error: WorkbenchError) -> None:
        """A full disk or a busy database is no fault of the job: it is joined again after a while."""
        log.warning("job %s could not be written: %s", job.id, error)
        with self._board.changed:
            self._board.trouble(error)
            if not self._board.stopping:
                self._board.changed.wait(self._board.pause_s)
        self._complete.put(job)


def done_of(chunk: ChunkRow) -> Done:
    """Returns a stored chunk as the join takes it."""
    return Done(chunk.number, chunk.start, chunk.end, chunk.result if chunk.status == "succeeded" else None)


def _why(chunks: Sequence[ChunkRow]) -> WorkbenchError:
    code, n_times = Counter(chunk.error_code or "engine_failed" for chunk in chunks).most_common(1)[0]
    values: dict[str, Any] | None = next(
        chunk.error_values for chunk in chunks if (chunk.error_code or "engine_failed") == code
    )
    return WorkbenchError(code, **(values or {}))


def _language(chunks: Sequence[ChunkRow], segments: Sequence[Segment]) -> str | None:
    results = [chunk.result for chunk in chunks if chunk.result]
    seconds: Counter[str] = Counter()
    for segment in segments:
        if segment.language:
            seconds[segment.language] += max(1, round(segment.end - segment.start))
    return seconds.most_common(1)[0][0] if seconds else decide_language(results)


def plain(values: Mapping[str, object]) -> dict[str, Any]:
    """Returns the values of an error as plain JSON."""
    return {
        name: value if isinstance(value, (str, int, float, bool, list, dict)) else str(value)
        for name, value in values.items()
    }
