"""Ends jobs, each exactly once: joins the chunks, writes the transcript, or writes down why there is none."""

from __future__ import annotations

import logging
import queue
import threading
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Protocol

from engines.base import Task
from media.channels import with_voices
from media.errors import WorkbenchError
from media.packing import Chunk
from media.transcript import Segment
from media.voices import Speakers, Window
from workbench.errors import JobError
from workbench.events import Events
from workbench.history.history import History
from workbench.history.live import edits_of
from workbench.history.rows import ChunkRow, NewChunk, NewJob
from workbench.running.board import ActiveJob, Board
from workbench.running.chunks import place_of
from workbench.running.ending_thread import EndingThread
from workbench.tasks.rewriting import Rewriter
from workbench.tasks.speakers import join as join_voices
from workbench.tasks.transcribe import LANGUAGE_VOTES, Done, as_one_line, decide_language, join
from workbench.voices.speaking import SpeakersEnding

log = logging.getLogger(__name__)
CHUNKS_AT_ONCE = 32


class Followers(Protocol):
    """Knows what comes after a job."""

    def after(self, job: ActiveJob) -> NewJob | None:
        """Returns the job that adds to this one's result, if the person wanted one."""

    def begin(self, job_id: str) -> None:
        """Puts that job, which is stored by now, on the board."""

    def channels(self, job: ActiveJob) -> Speakers | None:
        """Returns who spoke when by the channels of a recording; None where it is not one person a channel."""

    def by_voices(self, job: ActiveJob) -> None:
        """Begins a job anew that cannot be done by channels."""


class Endings:
    """A thread that joins complete jobs, so that the engines need not wait for it."""

    def __init__(self, board: Board, history: History, events: Events, rewriter: Rewriter) -> None:
        self._board = board
        self._history = history
        self._events = events
        self._rewriter = rewriter
        self._speakers = SpeakersEnding(history)
        self.followers: Followers | None = None
        self._own: dict[str, EndingThread] = {}
        self._complete: queue.Queue[ActiveJob | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="endings", daemon=True)

    def give(self, task: str, thread: EndingThread) -> None:
        """Leaves the ends of one task's jobs to a thread of its own; before ``start``."""
        thread.fail = self.fail
        self._own[task] = thread

    def start(self) -> None:
        """Starts the threads."""
        self._thread.start()
        for thread in self._own.values():
            thread.start()

    def close(self, timeout_s: float) -> None:
        """Ends each thread after the job that it is joining; the others are joined at the next start."""
        self._complete.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)
        for thread in self._own.values():
            thread.close(timeout_s)

    def go_on(self, job: ActiveJob, chunks: Sequence[Chunk]) -> None:
        """Adds a further round of chunks to a job whose chunks so far are all done; called by its ending.

        The same round may be added again after a crash: numbers that are known are left alone.
        """
        self._history.add_round(job.id, [NewChunk(c.number, c.start, c.end, c.pieces) for c in chunks])
        with self._board.changed:
            for chunk in chunks:
                if chunk.number not in job.places:
                    job.places[chunk.number] = place_of(chunk)
                    job.waiting[chunk.number] = None
            job.stage, job.stage_progress = "waiting", None
            self._board.changed.notify_all()
        self._events.publish(job.id)

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
        if job.task in self._own:
            self._own[job.task].put(job)
            return
        if job.task == Task.SPEAKERS:
            self._end_speakers(job)
            return
        seen = _Seen(edits_of(self._history, job.id))
        joined = join(seen.all(self._history, job.id), job.request, self._rewriter, job.duration_s or 0.0)
        if seen.errors and not seen.n_succeeded:
            self.fail(job, seen.commonest_error())
            return
        language = job.language or _language(joined.segments) or decide_language(seen.votes)
        with self._history.transaction(durable=bool(seen.edits)):
            written = self._history.finish_job(job.id, joined.segments, [*job.notes, *joined.notes], language)
            if written and seen.edits:
                self._history.edit(job.id, seen.edited(joined.segments))
            following = self.followers.after(job) if written and self.followers else None
            if following is not None:
                self._history.add_jobs([following])
        row = self._history.job(job.id)
        if not written and row is not None and not row.ended:
            self.fail(job, JobError("job_failed"))
            return
        self._board.remove(job.id)
        if following is not None and self.followers is not None:
            self.followers.begin(following.id)
        self._events.publish(job.id)

    def _end_speakers(self, job: ActiveJob) -> None:
        """A minute that could not be heard is left out; without any there is nothing to tell apart."""
        seen = _Seen({})
        heard = [done.result for done in seen.all(self._history, job.id) if done.result is not None]
        if job.request.channels:
            self._end_channels(job, heard)
            return
        if seen.errors and not heard:
            self.fail(job, seen.commonest_error())
            return
        self._told(job, join_voices(heard, job.request, job.duration_s or 0.0))

    def _end_channels(self, job: ActiveJob, heard: Sequence[Mapping[str, Any]]) -> None:
        assert self.followers is not None
        found = self.followers.channels(job)
        if found is None:
            self.followers.by_voices(job)
            return
        windows = [Window.from_dict(window) for result in heard for window in result["windows"]]
        self._told(job, with_voices(found, windows))

    def _told(self, job: ActiveJob, found: Speakers) -> None:
        self._speakers.end(job, found)
        self._board.remove(job.id)
        row = self._history.job(job.id)
        self._events.publish(job.id, *([row.parent_id] if row is not None and row.parent_id else []))

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


class _Seen:
    """Passes the chunks of a job by, a few at a time, and remembers what the end of the job depends on.

    All results of ten hours at once would take more memory than their text does by far.
    """

    def __init__(self, edits: Mapping[int, str]) -> None:
        self.edits = edits
        self._places: dict[int, tuple[float, float]] = {}
        self.n_succeeded = 0
        self.errors: Counter[str] = Counter()
        self.votes: list[dict[str, Any]] = []
        self._values: dict[str, dict[str, Any]] = {}

    def all(self, history: History, job_id: str) -> Iterator[Done]:
        """Yields every chunk as the join takes it."""
        after = -1
        while chunks := history.chunks(job_id, after, CHUNKS_AT_ONCE):
            for chunk in chunks:
                if chunk.status == "failed":
                    self._failed(chunk)
                else:
                    self.n_succeeded += 1
                    if len(self.votes) < LANGUAGE_VOTES:
                        self.votes.append(chunk.result or {})
                yield self._done(chunk)
            after = chunks[-1].number

    def edited(self, segments: Sequence[Segment]) -> dict[int, str]:
        """Returns what people wrote while they spoke, by the number of the line that stands in its place."""
        found = {}
        for number, (start, end) in self._places.items():
            lines = [at for at, segment in enumerate(segments) if start <= segment.start < end]
            found.update(dict.fromkeys(lines[:1], self.edits[number]))
        return found

    def _done(self, chunk: ChunkRow) -> Done:
        done = done_of(chunk)
        if chunk.number not in self.edits:
            return done
        self._places[chunk.number] = chunk.start, chunk.end
        return as_one_line(done)

    def commonest_error(self) -> WorkbenchError:
        """Returns the error that most chunks ended with."""
        code = self.errors.most_common(1)[0][0]
        return WorkbenchError(code, **self._values[code])

    def _failed(self, chunk: ChunkRow) -> None:
        code = chunk.error_code or "engine_failed"
        self.errors[code] += 1
        self._values.setdefault(code, chunk.error_values or {})


def _language(segments: Sequence[Segment]) -> str | None:
    """Returns the language in which most of the time is spoken."""
    seconds: Counter[str] = Counter()
    for segment in segments:
        if segment.language:
            seconds[segment.language] += max(1, round(segment.end - segment.start))
    return seconds.most_common(1)[0][0] if seconds else None


def plain(values: Mapping[str, object]) -> dict[str, Any]:
    """Returns the values of an error as plain JSON."""
    return {
        name: value if isinstance(value, (str, int, float, bool, list, dict)) else str(value)
        for name, value in values.items()
    }
