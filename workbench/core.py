"""The one object that screens and endpoints talk to."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from dataclasses import replace
from types import ModuleType
from typing import Any

from engines.base import Task
from engines.catalog_writing import ANOTHER_SERVER
from engines.device import Machine
from engines.requests import SpeakersRequest, TranscribeRequest
from engines.residency.residency import Residency
from engines.silero import Silero, weights_path
from media.limits import MediaLimits
from media.transcript import Segment
from workbench.acceptance import Acceptance, Source, Wish
from workbench.artifacts import Artifacts
from workbench.errors import JobError, NotFound
from workbench.events import Events, Subscription
from workbench.history.artifacts import cleaned_by
from workbench.history.history import History
from workbench.history.rows import JobRow
from workbench.history.speakers import children_of
from workbench.housekeeping import Housekeeping
from workbench.jobs import JobView, Queue, summary_of, view_of
from workbench.live.live import Live
from workbench.live.room import Ear, LiveRoom
from workbench.lock import DataLock
from workbench.machine.keeps import Keeps
from workbench.machine.learning import MOST_CPU
from workbench.machine.measured import Measured
from workbench.machine.models import Models
from workbench.machine.room import Foundation, MachineRoom
from workbench.machine.terms import Terms
from workbench.machine.weights import Weights
from workbench.reading_aloud.room import reading_aloud
from workbench.running import lanes
from workbench.running.board import Board
from workbench.running.chunks import GOOD_CHUNK_S
from workbench.running.desk import Desk
from workbench.running.finishing import CHUNKS_AT_ONCE, Endings, done_of
from workbench.running.readers import Readers, Reads
from workbench.running.scheduler import Scheduler
from workbench.settings import Settings
from workbench.sound.choices import choices
from workbench.sound.comparing import Comparing
from workbench.sound.sounding import SoundEnding
from workbench.tasks.catalog import WORKS
from workbench.tasks.rewriting import Rewriter, TextRewriter
from workbench.tasks.transcribe import lines_of
from workbench.texts import Texts
from workbench.uploads import Upload, Uploads, title_of
from workbench.video.ending import VideoEnding
from workbench.video.room import VideoRoom
from workbench.voices.clips import Clips
from workbench.voices.people import People
from workbench.voices.voices import Voices
from workbench.writing.chat import Chats
from workbench.writing.ending import WritingEnding
from workbench.writing.places import Places
from workbench.writing.written import Written

log = logging.getLogger(__name__)
CLOSE_S = 8.0


class Workbench(People):
    """Takes recordings in, makes jobs of them, runs these to their end, and knows what has been done.

    ``composing.py`` composes it::

        history = History(settings.data / "history.db", root / "history.db-schema", clock=time.time)
        store = Store(settings.data / "models", settings.model_folders, settings.hub_mirror, settings.index_mirror,
                      settings.offline)
        machine = device.bounded(device.look(), settings.memory_limit_mib)
        residency = Residency(store, machine, settings.memory_limit_mib, settings.keep_alive_s,
                              limits=Limits(threads=settings.threads))
        workbench = Workbench(settings, history, residency, Intake(), store, catalog, Texts(root / "assets/texts"),
                              machine=machine, look=device.look)
        workbench.start()      # DataInUse when another server has the folder; take it before opening the history
        ...
        workbench.close()      # within seconds; unfinished work stays queued; closes intake, residency and history too

    All methods may be called from any thread and none needs an event loop; ``submit`` and everything that reads may
    take some milliseconds of disk time, so an event loop calls them in a thread.
    """

    def __init__(
        self,
        settings: Settings,
        history: History,
        residency: Residency,
        intake: Reads,
        store: Keeps,
        catalog: ModuleType,
        texts: Texts,
        clock: Callable[[], float] = time.time,
        *,
        machine: Machine,
        look: Callable[[], Machine] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        rewriter: Rewriter | None = None,
        measured: Measured | None = None,
        ear: Callable[[], Ear] = lambda: Silero(weights_path(), n_block=1),
    ) -> None:
        events = Events()
        uploads = Uploads(settings.data, settings.max_upload_bytes, clock)
        super().__init__(history, events, uploads)
        self.settings = settings
        self.texts = texts
        self._residency = residency
        self._intake = intake
        self._lock = DataLock(settings.data)
        self._rewriter = rewriter or TextRewriter()
        self._started = False
        self._board = board = Board(monotonic)
        measured = measured or Measured(history, machine)
        self._models = Models(catalog, store, machine, residency.places, measured)
        self._endings = endings = Endings(board, history, events, self._rewriter)
        self.artifacts = artifacts = Artifacts(settings.data, history, clock)
        self._acceptance = Acceptance(board, history, events, uploads, self._models, endings, artifacts)
        self._terms = Terms(history)
        self._weights = Weights(board, store, events, self._acceptance.change_model, self._terms)
        self._acceptance.weights = self._weights
        limits = MediaLimits(max_duration_s=settings.max_duration_s)
        desk = Desk(board, history, events, intake, uploads, artifacts, limits)
        endings.give(Task.SOUND, SoundEnding(desk))
        self.aloud = reading_aloud(desk, self._models, self._acceptance, residency, endings, settings, self.delete)
        endings.give(Task.VIDEO, VideoEnding(desk))
        self.video = VideoRoom(self._models, history, uploads, intake, limits)
        endings.give(Task.WRITE, WritingEnding(desk, endings.go_on))
        elsewhere = catalog.by_name(ANOTHER_SERVER)
        self.places = Places(settings.data, store, elsewhere, lambda name: residency.unload(name))
        self.written = Written(board, history, events, uploads, artifacts, self._models, self._acceptance, self.places)
        self._readers = Readers(board, history, intake, uploads, events, endings, limits)
        base = Foundation(
            machine, look or (lambda: machine), history, board, residency, store, self._models, self._weights, uploads,
            measured, settings.data, settings.memory_limit_mib,
        )  # fmt: skip
        self.room = MachineRoom(base)
        rules, n_places = _rules(machine)
        self._scheduler = Scheduler(
            board, history, residency, uploads, events, endings, self._weights, rules, n_places, self.room.learning
        )
        clips = Clips(history, uploads, artifacts, self._models, self._acceptance)
        self.voices = Voices(history, events, clips)
        self._housekeeping = Housekeeping(history, uploads, clock, monotonic, self._tidy)
        live_room = LiveRoom(board, history, events, endings, uploads, self._rewriter, ear, self._scheduler.commit)
        self.comparing = Comparing(history, self._acceptance, uploads)
        self.chats = Chats(self._models, residency, self.places, self.fetch_model)
        self.live = Live(live_room, self._models, self._weights, settings.data, n_places)

    # Beginning and end

    def start(self) -> None:
        """Takes the data folder and goes on with all unfinished work; raises DataInUse."""
        self._lock.take(f"http://{self.settings.host}:{self.settings.port}")
        self.uploads.start()
        n_recovered = self.history.recover()
        self.live.start()
        rows = self.history.active_jobs()
        log.info("%s unfinished jobs, %s of them were running", len(rows), n_recovered)
        for row in rows:
            if self._acceptance.clean_first.orphaned(row):
                continue
            if row.lane != "live" or not self.live.resume(row):
                self._acceptance.resume(row)
        self._acceptance.clean_first.start()
        for part in (self._endings, self._weights, self._readers, self._scheduler, self._housekeeping, self.room):
            part.start()
        self._started = True

    def close(self) -> None:
        """Stops within seconds; unfinished work stays queued for the next start."""
        self.live.close(CLOSE_S)
        self._board.stop()
        self._intake.close()
        if self._started:
            self._acceptance.clean_first.close(CLOSE_S)
            self._scheduler.close(CLOSE_S)
            self._readers.close(CLOSE_S)
            self._endings.close(CLOSE_S)
            self._weights.close(CLOSE_S)
            self._housekeeping.close()
            self.room.close(CLOSE_S)
        self._residency.close()
        self.history.close()
        self._lock.release()

    # Taking in

    def receive(self, name: str, stream: Iterable[bytes], length: int | None = None) -> Upload:
        """Writes an upload to disk; see ``Uploads.receive``."""
        upload = self.uploads.receive(name, stream, length)
        self.history.add_input(upload.sha256, upload.size)
        return upload

    async def receive_async(self, name: str, stream: AsyncIterable[bytes], length: int | None = None) -> Upload:
        """Writes an upload to disk from an event loop; see ``Uploads.receive_async``."""
        upload = await self.uploads.receive_async(name, stream, length)
        await asyncio.to_thread(self.history.add_input, upload.sha256, upload.size)
        return upload

    def submit(
        self,
        uploads: Sequence[str],
        request: Any,
        owner: str,
        lane: lanes.Lane | None = None,
        *,
        fresh: bool = False,
        parent_id: str | None = None,
    ) -> list[JobView]:
        """Makes one job of each upload; when it returns, they will end whatever happens.

        ``request`` is that of any task (see ``workbench.tasks.catalog``). Equal work that is stored is answered from
        there at once, unless ``fresh``. ``parent_id`` is the job to whose result these add. Raises NotFound
        ``upload_unknown`` and JobError ``request_invalid``.
        """
        received = [self.uploads.find(upload_id) for upload_id in uploads]
        sources = [Source(upload.sha256, upload.size, upload.name, title_of(upload.name)) for upload in received]
        return self.jobs(self._acceptance.accept(sources, Wish(request, owner, lane, fresh, parent_id)))

    def again(self, job_id: str, request: Any | None = None, owner: str | None = None) -> JobView:
        """Makes a new job of the same recording; equal settings are run anew, others may be known already."""
        row = self._row(job_id)
        sha256, size = self._recording(row)
        wish = Wish(request or WORKS[row.task].request(row.request), owner or row.owner, fresh=request is None)
        made = self._acceptance.accept([Source(sha256, size, row.source_name, row.title)], wish)
        return self.job(made[0])

    def tell_speakers(self, job_id: str, request: SpeakersRequest) -> None:
        """Tells the speakers of a finished transcript apart; raises NotFound, JobError ``speakers_running``."""
        self._acceptance.tell_speakers(job_id, request)

    # Watching

    def job(self, job_id: str) -> JobView:
        """Returns one job; raises NotFound."""
        found = self.jobs([job_id])
        if not found:
            raise NotFound(id=job_id)
        return found[0]

    def jobs(self, job_ids: Sequence[str]) -> list[JobView]:
        """Returns those of the jobs that exist, in the order asked for."""
        rows = {row.id: row for row in self.history.jobs(list(job_ids))}
        return self.views([rows[job_id] for job_id in job_ids if job_id in rows])

    def views(self, rows: Sequence[JobRow]) -> list[JobView]:
        """Returns stored rows together with what is happening to them right now."""
        queue = Queue.of(self._board)
        added = children_of(self.history, [row.id for row in rows])
        children = {row.id: self._view(row, queue) for row in self.history.jobs(list(added.values()))}
        views = [self._view(row, queue) for row in rows]
        return [
            replace(
                view,
                speakers=summary_of(children.get(added.get(view.id, ""))),
                cleaned_by=cleaned_by(self.history, view.id) if view.request.get("clean") else None,
            )
            for view in views
        ]

    def watch(self, job_ids: Iterable[str] | None = None, wake: Callable[[], None] | None = None) -> Subscription:
        """Subscribes to changes; see ``Events.subscribe``."""
        return self.events.subscribe(job_ids, wake)

    def wait(self, job_id: str, timeout_s: float | None = None) -> JobView:
        """Blocks until a job has ended, or the time (seconds) is over; returns it as it is then."""
        until = None if timeout_s is None else self._board.now() + timeout_s
        with self.events.subscribe([job_id]) as changes:
            while not (view := self.job(job_id)).finished:
                left = None if until is None else until - self._board.now()
                if left is not None and left <= 0:
                    break
                changes.wait(left)
        return view

    def live_segments(self, job_id: str, after_chunk: int = -1) -> tuple[list[Segment], int]:
        """Returns the lines of chunks behind ``after_chunk``, up to the first that is not done, and the last chunk."""
        row = self._row(job_id)
        request = TranscribeRequest.from_dict(dict(row.request))
        lines: list[Segment] = []
        last = after_chunk
        while chunks := self.history.chunks(job_id, last, CHUNKS_AT_ONCE):
            for chunk in chunks:
                if chunk.number != last + 1 or chunk.status not in ("succeeded", "failed"):
                    return lines, last
                lines += lines_of(done_of(chunk), request, self._rewriter, row.duration_s)
                last = chunk.number
        return lines, last

    # Changing

    def cancel(self, job_id: str) -> JobView:
        """Ends a job at once; what was recognised so far stays readable. Does nothing to a job that has ended."""
        self._row(job_id)
        self.history.cancel(job_id)
        self._board.remove(job_id)
        self.events.publish(job_id)
        return self.job(job_id)

    def retry(self, job_id: str) -> JobView:
        """Takes up a failed or cancelled job, or the failed stretches of a finished one; what is done stays."""
        row = self._row(job_id)
        if row.status in ("queued", "running"):
            return self.job(job_id)
        if row.status == "succeeded" and not row.n_failed:
            raise JobError("nothing_to_retry")
        self._recording(row)
        self._acceptance.clean_first.reopen(job_id)
        self._acceptance.resume(self._row(job_id))
        self.events.publish(job_id)
        return self.job(job_id)

    def empty_bin(self, job_ids: Sequence[str] | None = None) -> int:
        """Removes for good what is in the bin, or these of it; returns how many jobs that were."""
        gone = self._housekeeping.empty(job_ids)
        self.events.publish(*gone)
        return len(gone)

    # The machine

    def models(self) -> list[dict[str, Any]]:
        """Returns every model of the catalog; see ``Equipment.models``. ``qualities`` names those that mean it here."""
        meanings = self._models.meanings()
        return [{**told, "qualities": meanings.get(told["name"], [])} for told in self.room.equipment.models()]

    def ready(self, task: Task) -> list[str]:
        """Returns the models of a task whose weights and packages are here: a part of ``models`` that costs little."""
        here = [spec for spec in self._models.of_task(task) if self._models.is_here(spec)]
        return [spec.name for spec in here if self._models.has_pack(spec)]

    def fetch_model(self, name: str) -> None:
        """Starts to fetch a model's weights; raises NotFound ``model_unknown``, JobError ``terms_open``."""
        spec = self._models.named(name)
        if not self._models.is_here(spec) and not self._models.lies_unchecked(spec):
            self._terms.check(spec)
        self._weights.ask(spec)

    def accept_terms(self, name: str, who: str) -> None:
        """Writes down who accepted the conditions of a model's licence; raises what ``Terms.accept`` raises."""
        self._terms.accept(self._models.named(name), who)

    def sound_choices(self) -> list[dict[str, Any]]:
        """Returns the ways of cleaning up sound; see ``sound_choices.choices``."""
        return choices(self._models, self.history)

    def system(self) -> dict[str, Any]:
        """Returns the machine and what is going on; see ``Equipment.system``."""
        return self.room.equipment.system(self.settings.data)

    def clear_memory(self) -> dict[str, Any]:
        """Ends the model processes that no job needs; see ``MachineRoom.clear``."""
        return self.room.clear()

    # Inside

    def _tidy(self) -> None:
        """Removes files that no voice and no job needs any more."""
        self.voices.tidy()
        self.aloud.own.tidy()
        self.artifacts.tidy(list(self._board.jobs))

    def _recording(self, row: JobRow) -> tuple[str, int]:
        """Returns the hash and the size in bytes of a job's recording; raises JobError ``input_missing``."""
        try:
            sha256 = row.input_sha256 or ""
            return sha256, self.uploads.source(sha256).stat().st_size
        except (OSError, ValueError):
            raise JobError("input_missing", status=410) from None

    def _view(self, row: JobRow, queue: Queue) -> JobView:
        active = self._board.jobs.get(row.id)
        view = view_of(row, self._models.title(row.model), active, queue)
        fetching = self._weights.state(row.model) if active and view.stage == "waiting" else None
        if fetching is None or row.model in self._board.ready_models:
            return view
        return replace(view, stage="fetching_model", stage_progress=fetching.progress)


def _rules(machine: Machine) -> tuple[lanes.Rules, int]:
    """Returns the limits of a batch, and how many may run at once: one on each GPU, or one on the processor."""
    if machine.gpus:
        return lanes.Rules(16, 16 * 28.0, quick_alone=False, beside_live=2), len(machine.gpus)
    return lanes.Rules(MOST_CPU, MOST_CPU * GOOD_CHUNK_S), 1
