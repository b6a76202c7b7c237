"""Runs chunks on leased models: one decision, one batch, each result committed as it comes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engines.errors import EngineCrashed, EngineHung, OutOfMemory, Stopped
from engines.lease import Lease
from engines.requests import TranscribeItem
from engines.residency import Residency
from media.errors import WorkbenchError
from workbench import lanes
from workbench.board import ActiveJob, Board, Stage
from workbench.errors import JobError
from workbench.events import Events
from workbench.finishing import Endings, plain
from workbench.history import History
from workbench.history_errors import HistoryError
from workbench.history_rows import ChunkEnd
from workbench.tasks.transcribe import decide_language, item_of
from workbench.uploads import Uploads
from workbench.weights import Weights, is_about_weights

log = logging.getLogger(__name__)
MOST_ATTEMPTS = 3
MOST_CRASHES = 3
"""A job of which so many chunks, each alone, brought the engine down, and none gave a result, is given up."""
CANCEL_GRACE_S = 1.0
"""A batch that nobody wants any more may end by itself for so long before its process is killed: loading costs more."""


@dataclass(slots=True)
class Run:
    """A batch on its way through an engine.

    Everything is by the index in ``batch.items``: ``fences`` of the claims that the database granted, ``sent`` those
    given to the engine (``items``, in this order), ``open`` those without a committed result.
    """

    batch: lanes.Batch
    jobs: list[ActiveJob]
    items: list[TranscribeItem] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    fences: dict[int, int] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    unwanted_since: float | None = None
    began: float | None = None
    lease: Lease | None = None
    loaded: bool = False


_DEADLY = (EngineCrashed, EngineHung, OutOfMemory)


def _weight(error: WorkbenchError) -> int:
    """Returns what a failure counts: a lease tells of a crash after two tries, and hanging costs minutes."""
    if isinstance(error, EngineHung):
        return MOST_ATTEMPTS
    return 2 if isinstance(error, _DEADLY) else 1


class Scheduler:
    """As many threads as there are places to compute; each takes the next batch whenever it is free."""

    def __init__(
        self,
        board: Board,
        history: History,
        residency: Residency,
        uploads: Uploads,
        events: Events,
        endings: Endings,
        weights: Weights,
        rules: lanes.Rules,
        n_places: int = 1,
    ) -> None:
        self._board = board
        self._history = history
        self._residency = residency
        self._uploads = uploads
        self._events = events
        self._endings = endings
        self._weights = weights
        self._rules = rules
        self._busy: set[str] = set()
        self._last: str | None = None
        self._n_runs = 0
        self._threads = [threading.Thread(target=self._work, name=f"runner-{n}", daemon=True) for n in range(n_places)]

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def close(self, timeout_s: float) -> None:
        """Waits for the threads, which end soon after the board is stopped."""
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_s)

    def _work(self) -> None:
        while (run := self._next()) is not None:
            try:
                self._run(run)
            except Exception as error:
                log.exception("a batch on %s failed", run.batch.model)
                self._all_failed(run, JobError("internal", status=500, what=type(error).__name__))
            finally:
                self._leave(run)

    def _next(self) -> Run | None:
        with self._board.changed:
            while not self._board.stopping:
                batch = self._decide()
                if batch is not None:
                    return self._take(batch)
                self._board.changed.wait(min(2.0, self._board.pause_s))
        return None

    def _decide(self) -> lanes.Batch | None:
        if self._board.paused():
            return None
        claims = self._board.claims()
        if not claims:
            return None
        resident = {model.name for model in self._residency.status() if model.state == "ready"}
        engines = lanes.Engines(resident, self._last, self._n_runs, frozenset(self._busy))
        return lanes.next_batch(claims, self._board.service(), engines, self._rules, self._board.now())

    def _take(self, batch: lanes.Batch) -> Run:
        self._n_runs = self._n_runs + 1 if batch.model == self._last else 1
        self._last = batch.model
        self._busy.add(batch.model)
        run = Run(batch, [self._board.jobs[job_id] for job_id, _ in batch.items])
        for job, (_, number) in zip(run.jobs, batch.items, strict=True):
            del job.waiting[number]
            job.running.add(number)
            job.served = self._board.now()
        run.open = set(range(len(batch.items)))
        return run

    def _leave(self, run: Run) -> None:
        """Puts what has no result back in the queue, uncounted, and lets the model go."""
        with self._board.changed:
            for index in sorted(run.open, reverse=True):
                self._requeue(run, index)
            self._busy.discard(run.batch.model)
            self._board.changed.notify_all()
        for job in dict.fromkeys(run.jobs):
            self._endings.check(job)

    def _run(self, run: Run) -> None:
        try:
            self._claim(run)
            if run.items:
                run.began = self._board.now()
                self._lease(run)
        except Stopped:
            return
        except WorkbenchError as error:
            self._refused(run, error)
        finally:
            if run.began is not None:
                self._charge(run, self._board.now() - run.began)

    def _lease(self, run: Run) -> None:
        spec = self._board.specs[run.batch.model]

        def unwanted() -> bool:
            return self._unwanted(run)

        with self._residency.lease(spec, len(run.items), lambda why: self._held_up(run, why), unwanted) as lease:
            run.lease = lease
            results = lease.run(run.items, lambda place, result: self._done(run, run.sent[place], result), unwanted)
            for index, result in zip(run.sent, results, strict=True):
                self._result(run, index, result)
            self._measure(run, lease)

    def _claim(self, run: Run) -> None:
        wanted: dict[str, dict[int, int]] = {}
        for index, (job_id, number) in enumerate(run.batch.items):
            wanted.setdefault(job_id, {})[number] = index
        for job_id, indexes in wanted.items():
            self._give_back(self._board.jobs.get(job_id))
            for number, fence in self._history.claim_chunks(job_id, indexes).items():
                run.fences[indexes[number]] = fence
        if len(run.fences) < len(run.jobs):
            log.warning("some chunks of %s were not granted", run.batch.items)
            self._board.pause()
        run.sent = sorted(run.fences)
        run.items = [self._item(run.jobs[index], run.batch.items[index][1]) for index in run.sent]
        with self._board.changed:
            for job in run.jobs:
                job.started = True
        self._show(run, "working")

    def _item(self, job: ActiveJob, number: int) -> TranscribeItem:
        pcm = self._uploads.folder(job.sha256) / "audio.pcm"
        language = "en" if job.english_only else job.language
        duration_s = job.duration_s if job.reading == "done" else None
        return item_of(job.request, pcm, job.places[number].pieces, language, duration_s)

    def _held_up(self, run: Run, why: str) -> None:
        """Shows that a model is being loaded, or waits for memory."""
        run.loaded = True
        self._show(run, "loading_model" if why == "loading" else "waiting")

    def _show(self, run: Run, stage: Stage) -> None:
        with self._board.changed:
            for job in run.jobs:
                job.stage, job.stage_progress = stage, None
        self._events.publish(*{job.id for job in run.jobs})

    def _unwanted(self, run: Run) -> bool:
        if self._board.stopping:
            return True
        if not all(job.ended for job in run.jobs):
            return False
        if run.unwanted_since is None:
            run.unwanted_since = self._board.now()
        return self._board.now() - run.unwanted_since >= CANCEL_GRACE_S

    def _result(self, run: Run, index: int, result: Mapping[str, Any] | WorkbenchError) -> None:
        if isinstance(result, WorkbenchError):
            if index in run.open:
                self._failed(run, index, result)
        else:
            self._done(run, index, result)

    def _done(self, run: Run, index: int, result: Mapping[str, Any]) -> None:
        """Commits one result with its job's progress, once."""
        with self._board.changed:
            job, number = run.jobs[index], run.batch.items[index][1]
            if index not in run.open:
                return
            run.open.discard(index)
            if job.ended:
                return
            self._note_steps(run)
            if job.stage == "loading_model":
                job.stage = "working"
            position_s = job.finished.add(number, job.places[number].end)
            if job.undecided:
                job.votes.append(dict(result))
                job.language = decide_language(job.votes)
        try:
            end = ChunkEnd(dict(result), position_s=position_s, language=job.language)
            self._history.commit_chunk(job.id, number, run.fences[index], end)
        except WorkbenchError as error:
            self._unwritten(run, index, error)
            return
        with self._board.changed:
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

    def _refused(self, run: Run, error: WorkbenchError) -> None:
        """Handles an error of the whole batch."""
        if is_about_weights(error):
            self._weights.lost(self._board.specs[run.batch.model], error)
            return
        if isinstance(error, HistoryError) or error.code == "disk_full":
            self._board.trouble(error)
            self._board.pause()
            return
        self._all_failed(run, error)

    def _all_failed(self, run: Run, error: WorkbenchError) -> None:
        for index in sorted(run.open):
            self._failed(run, index, error)

    def _requeue(self, run: Run, index: int) -> None:
        job, number = run.jobs[index], run.batch.items[index][1]
        job.running.discard(number)
        if job.ended:
            return
        job.waiting = {number: None, **job.waiting}
        if job.stage in ("loading_model", "working") and not job.running:
            job.stage = "waiting"
        if index not in run.fences:
            return
        job.unreleased[number] = run.fences[index]
        try:
            self._give_back(job)
        except WorkbenchError as error:
            log.warning("chunk %s of %s stays claimed for now: %s", number, job.id, error)

    def _give_back(self, job: ActiveJob | None) -> None:
        """Gives back the claims of chunks that wait again; what cannot be written now goes before the next claim."""
        with self._board.changed:
            if job is not None and job.unreleased and not job.ended:
                self._history.release_chunks(job.id, job.unreleased, count=False)
                job.unreleased.clear()

    def _charge(self, run: Run, seconds: float) -> None:
        for job in run.jobs:
            self._board.charge(job.owner, seconds / len(run.jobs))

    def _measure(self, run: Run, lease: Any) -> None:
        if run.began is None or run.open or run.loaded:
            return
        passed = self._board.now() - run.began
        sound_s = run.batch.sound_s
        if passed > 0 and sound_s > 1.0:
            self._board.measured(run.batch.model, sound_s / passed)
            place = getattr(lease, "place", None)
            if place is not None:
                self._history.learn_speed(run.batch.model, place.device, place.precision, sound_s / passed)

    def _note_steps(self, run: Run) -> None:
        """Tells the jobs which steps were needed for want of memory."""
        for step in run.lease.steps if run.lease is not None else ():
            note = {"code": f"step_{step}", "values": {"model": self._board.specs[run.batch.model].title}}
            for job in run.jobs:
                if note not in job.notes:
                    job.notes.append(note)
