"""Runs chunks on leased models: one decision, one batch, each result committed as it comes."""

from __future__ import annotations

import logging
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engines.errors import Stopped
from engines.residency.lease import Lease
from engines.residency.residency import Residency
from media.errors import WorkbenchError
from workbench.errors import JobError
from workbench.events import Events
from workbench.history.errors import HistoryError
from workbench.history.history import History
from workbench.live.guessing import Guessing
from workbench.machine.learning import Batch, Learning
from workbench.machine.weights import Weights, is_about_weights
from workbench.running import lanes
from workbench.running.board import ActiveJob, Board, Stage
from workbench.running.crew import Crew
from workbench.running.finishing import Endings
from workbench.running.outcomes import Outcomes, Run
from workbench.running.parts import InParts
from workbench.tasks.work import Told
from workbench.uploads import Uploads

log = logging.getLogger(__name__)
CANCEL_GRACE_S = 1.0
"""A batch that nobody wants any more may end by itself for so long before its process is killed: loading costs more."""


class Scheduler:
    """As many threads as there are places to compute; each takes the next batch whenever it is free.

    One more, ``aside``, runs what people are saying while all places are taken by other models (see ``Crew``).
    """

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
        learning: Learning | None = None,
    ) -> None:
        self._board = board
        self._history = history
        self._residency = residency
        self._uploads = uploads
        self._events = events
        self._endings = endings
        self._outcomes = Outcomes(board, history, events, endings)
        self._weights = weights
        self._rules = rules
        self._learning = learning
        self._busy: set[str] = set()
        self._last: str | None = None
        self._n_runs = 0
        self._crew = Crew(n_places)
        self._in_parts = InParts(board, self._crew, self._busy)
        work = [threading.Thread(target=self._work, name=f"runner-{n}", daemon=True) for n in range(n_places)]
        self._threads = [*work, threading.Thread(target=self._work, args=(True,), name="runner-live", daemon=True)]

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def close(self, timeout_s: float) -> None:
        """Waits for the threads, which end soon after the board is stopped."""
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_s)

    def commit(self, job: ActiveJob, number: int, result: Mapping[str, Any]) -> None:
        """Writes down the result of a chunk that was heard before the chunk was there; it counts as running."""
        run = Run(lanes.Batch(job.model, ((job.id, number),)), [job], open={0})
        try:
            run.fences = dict(enumerate(self._history.claim_chunks(job.id, [number]).values()))
            if run.fences:
                self._outcomes.done(run, 0, result)
        finally:
            with self._board.changed:
                for index in run.open:
                    self._outcomes.requeue(run, index)
                self._board.changed.notify_all()
            self._endings.check(job)

    def _work(self, aside: bool = False) -> None:
        while (run := self._next(aside)) is not None:
            try:
                self._guess(run) if isinstance(run, Guessing) else self._batch_run(run)
            finally:
                with self._board.changed:
                    self._crew.ends(aside)
                    self._board.changed.notify_all()

    def _batch_run(self, run: Run) -> None:
        try:
            self._run(run)
        except Exception as error:
            log.exception("a batch on %s failed", run.batch.model)
            self._outcomes.all_failed(run, JobError("internal", status=500, what=type(error).__name__))
        finally:
            self._leave(run)

    def _next(self, aside: bool) -> Run | Guessing | None:
        with self._board.changed:
            while not self._board.stopping:
                found = self._decide(aside) if self._crew.may_begin(aside) else None
                if found is not None:
                    self._crew.begins(aside)
                    self._busy.add(found.model)
                    return self._take(found) if isinstance(found, lanes.Batch) else found
                self._board.changed.wait(min(2.0, self._board.pause_s))
        return None

    def _decide(self, aside: bool) -> lanes.Batch | Guessing | None:
        """What people said goes first, then what they are just saying, then everything else."""
        if self._board.paused():
            return None
        claims, turns, busy = self._board.claims(), self._board.turns, frozenset(self._busy)
        batch = self._batch([claim for claim in claims if claim.lane == "live"], self._rules)
        if batch is not None:
            return batch
        guesses = turns.guesses(busy | (self._board.specs.keys() - self._board.ready_models), self._rules.size)
        if guesses:
            return Guessing(guesses)
        if self._crew.only_live(aside) or turns.only_live():
            return None
        return self._batch([claim for claim in claims if claim.lane != "live"], turns.rules(self._rules))

    def _batch(self, claims: list[lanes.Claim], rules: lanes.Rules) -> lanes.Batch | None:
        if not claims:
            return None
        resident = {model.name for model in self._residency.status() if model.state == "ready"}
        engines = lanes.Engines(resident, self._last, self._n_runs, frozenset(self._busy), self._sizes(claims))
        return lanes.next_batch(claims, self._board.service(), engines, rules, self._board.now())

    def _sizes(self, claims: list[lanes.Claim]) -> dict[str, int]:
        """Returns how many chunks run well together, by model."""
        learning = self._learning
        if learning is None:
            return {}
        return {name: learning.size(self._board.specs[name], self._rules.size) for name in {c.model for c in claims}}

    def _guess(self, guessing: Guessing) -> None:
        try:
            guessing.run(self._board, self._residency)
        except WorkbenchError as error:
            log.info("no provisional text: %s", error)
        except Exception:
            log.exception("provisional text failed")
        finally:
            with self._board.changed:
                self._busy.discard(guessing.model)
                self._board.turns.done(guessing.guesses)
                self._board.changed.notify_all()

    def _take(self, batch: lanes.Batch) -> Run:
        self._n_runs = self._n_runs + 1 if batch.model == self._last else 1
        self._last = batch.model
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
                self._outcomes.requeue(run, index)
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
                self._count(run, self._board.now() - run.began - run.held_up(self._board.now()))

    def _lease(self, run: Run) -> None:
        spec = self._board.specs[run.batch.model]

        def unwanted() -> bool:
            return self._unwanted(run)

        with self._residency.lease(spec, len(run.items), lambda why: self._held_up(run, why), unwanted) as lease:
            run.lease = lease
            results = self._in_parts.run(run, unwanted) or lease.run(
                run.items,
                lambda place, result: self._outcomes.told(run, run.sent[place], result),
                unwanted,
                gives_way=lambda: self._gives_way(run),
            )
            for index, result in zip(run.sent, results, strict=True):
                self._outcomes.result(run, index, result)
            self._measure(run, lease)

    def _claim(self, run: Run) -> None:
        wanted: dict[str, dict[int, int]] = {}
        for index, (job_id, number) in enumerate(run.batch.items):
            wanted.setdefault(job_id, {})[number] = index
        for job_id, indexes in wanted.items():
            self._outcomes.give_back(self._board.jobs.get(job_id))
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

    def _item(self, job: ActiveJob, number: int) -> Any:
        pcm = job.pcm or self._uploads.folder(job.sha256) / "audio.pcm"
        language = "en" if job.english_only else job.language
        duration_s = job.duration_s if job.reading == "done" else None
        source = self._uploads.source(job.sha256) if job.sha256 else Path()
        pieces = job.places[number].pieces
        return job.work.item(
            Told(job.request, pcm, pieces, language, duration_s, number, source, job.folder, lambda: self._results(job))
        )

    def _results(self, job: ActiveJob) -> dict[int, Mapping[str, Any]]:
        chunks = self._history.chunks(job.id)
        return {chunk.number: chunk.result for chunk in chunks if chunk.status == "succeeded" and chunk.result}

    def _held_up(self, run: Run, why: str) -> None:
        """Shows that a model is being loaded, or waits for memory, and keeps that time apart."""
        if why in ("loaded", "granted"):
            run.held_up_s, run.held_up_since = run.held_up(self._board.now()), None
            self._show(run, "working")
            return
        run.held_up_since = run.held_up_since or self._board.now()
        self._show(run, "loading_model" if why == "loading" else "waiting")

    def _show(self, run: Run, stage: Stage) -> None:
        with self._board.changed:
            for job in run.jobs:
                job.stage, job.stage_progress = stage, None
        self._events.publish(*{job.id for job in run.jobs})

    def _gives_way(self, run: Run) -> bool:
        """A batch breaks off for somebody who begins to speak; its chunks without a result come again, one by one."""
        lease = run.lease
        if lease is None or len(run.items) == 1 or run.jobs[0].lane == "live" or lease.place.device != "cpu":
            return False
        with self._board.changed:
            return self._board.turns.speaks_to(run.batch.model)

    def _unwanted(self, run: Run) -> bool:
        if self._board.stopping:
            return True
        if not all(job.ended for job in run.jobs):
            return False
        if run.unwanted_since is None:
            run.unwanted_since = self._board.now()
        return self._board.now() - run.unwanted_since >= CANCEL_GRACE_S

    def _refused(self, run: Run, error: WorkbenchError) -> None:
        """Handles an error of the whole batch."""
        if is_about_weights(error):
            self._weights.lost(self._board.specs[run.batch.model], error)
            return
        if isinstance(error, HistoryError) or error.code == "disk_full":
            self._board.trouble(error)
            self._board.pause()
            return
        self._outcomes.all_failed(run, error)

    def _charge(self, run: Run, seconds: float) -> None:
        for job in run.jobs:
            self._board.charge(job.owner, seconds / len(run.jobs))

    def _measure(self, run: Run, lease: Lease) -> None:
        if run.began is None or run.open:
            return
        if self._learning is not None:
            now, spec = self._board.now(), self._board.specs[run.batch.model]
            passed_s = now - run.began - run.held_up(now)
            self._learning.ran(spec, lease, Batch(run.items, run.batch.sound_s, passed_s))

    def _count(self, run: Run, seconds: float) -> None:
        """Counts what was computed; chunks without a result are computed again and count then."""
        done = [index for index in range(len(run.batch.items)) if index not in run.open]
        sound_s = sum(run.jobs[at].places[run.batch.items[at][1]].sound_s for at in done)
        if self._learning is not None:
            self._learning.spent(self._board.specs[run.batch.model], sound_s, seconds)
