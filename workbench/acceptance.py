"""Makes jobs of recordings, first as rows, then on the board; brings the rows of an earlier run back onto it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from engines.base import Task
from engines.requests import SoundRequest, SpeakersRequest, TranscribeRequest
from media.channels import looked_at, one_a_channel, read_levels
from media.errors import WorkbenchError
from media.sound_file import SOUND, read_mark
from media.video_index import read_index
from media.voices import Speakers
from media.working_file import MARK, PCM
from workbench.artifacts import Artifacts
from workbench.errors import JobError, NotFound
from workbench.events import Events
from workbench.history.artifacts import start_over
from workbench.history.history import History
from workbench.history.models import set_model
from workbench.history.rows import JobRow, NewChunk, NewJob
from workbench.history.speakers import children_of, set_request
from workbench.jobs import fingerprint
from workbench.machine.models import Models
from workbench.machine.weights import Weights
from workbench.running import lanes
from workbench.running.board import ActiveJob, Board
from workbench.running.finishing import Endings, plain
from workbench.running.resume import active_of, resume
from workbench.sound.first import CleanFirst
from workbench.sound.stored import give, mark_of
from workbench.tasks.catalog import WORKS, task_of
from workbench.tasks.speakers import minutes, pack_missing
from workbench.tasks.work import Planned
from workbench.uploads import Uploads

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Source:
    """A recording that is on disk, and what people call it."""

    sha256: str
    size: int
    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants done; ``lane`` None is chosen by how much it is, ``fresh`` does not take a stored result.

    ``parent_id`` is the job to whose result this one adds: it is shown there, and goes with it.
    """

    request: Any
    owner: str
    lane: lanes.Lane | None = None
    fresh: bool = False
    parent_id: str | None = None


class Acceptance:
    """The way of a job into the workbench."""

    def __init__(
        self,
        board: Board,
        history: History,
        events: Events,
        uploads: Uploads,
        models: Models,
        endings: Endings,
        artifacts: Artifacts,
    ) -> None:
        self._board = board
        self._history = history
        self._events = events
        self._uploads = uploads
        self._models = models
        self._endings = endings
        self._artifacts = artifacts
        self.weights: Weights | None = None
        endings.followers = self
        self.clean_first = CleanFirst(board, history, events, artifacts, endings.fail)
        self.clean_first.acceptance = self

    def accept(self, sources: Sequence[Source], wish: Wish) -> list[str]:
        """Writes a job for each recording and returns the ids; from then on they will end whatever happens."""
        new = self._new_jobs(sources, wish)
        anew = wish.fresh or not isinstance(wish.request, (TranscribeRequest, SoundRequest))
        stored = [None if anew else self._history.find_same(job.fingerprint) for job in new]
        with self._history.transaction():
            for source in sources:
                self._history.add_input(source.sha256, source.size)
            self._history.add_jobs(new)
        for job, same in zip(new, stored, strict=True):
            if same is None or not self._given(same, job):
                self.resume(self._history.job(job.id))
            elif isinstance(wish.request, TranscribeRequest) and wish.request.speakers is not None:
                self.tell_speakers(job.id, wish.request.speakers)
        ids = [job.id for job in new]
        self._events.publish(*ids)
        return ids

    def _given(self, same: str, job: NewJob) -> bool:
        if job.task == Task.SOUND:
            return give(self._history, self._artifacts, same, job)
        return self._history.copy_result(same, job.id)

    def resume(self, row: JobRow | None) -> None:
        """Puts an unfinished job on the board with what it had reached."""
        if row is None or row.ended:
            return
        try:
            spec = self._models.named(row.model)
        except NotFound as error:
            self._history.fail_job(row.id, error.code, {"model": row.model})
            return
        job = active_of(row, spec, self._board.now())
        job.folder = self._artifacts.work(job.id)
        try:
            readable = self._readable(job) and (bool(row.cut_done) or self._plan(job))
        except WorkbenchError as error:
            self._history.fail_job(row.id, error.code, plain(error.values))
            return
        row = self._history.job(row.id) or row
        kept = readable or job.task not in (Task.SOUND, Task.VIDEO)
        chunks = self._history.chunks(row.id) if row.n_chunks and kept else []
        if row.n_chunks and not chunks:
            start_over(self._history, row.id)
        resume(job, row, chunks, readable)
        if job.effort not in self._board.speeds:
            speed = self._models.speed(spec, self._history, job.effort.beam)
            self._board.expected_speeds[job.effort] = speed
        if cleans_first(job) and not readable:
            job.reading = "held"
        self._board.add(job, spec)
        if cleans_first(job):
            self.clean_first.hold(job, row)
        if job.task != Task.SPEAKERS or not job.request.channels or row.n_chunks:
            self._ask(job)
        self._endings.check(job)

    def _plan(self, job: ActiveJob) -> bool:
        """Writes all chunks of a job that no reader has to cut; False for a recording."""
        plan = job.work.plan(job.request, self._uploads.source(job.sha256)) if job.sha256 else None
        if plan is None:
            return False
        with self._history.transaction():
            self._history.add_chunks(job.id, [NewChunk(c.number, c.start, c.end, c.pieces) for c in plan.chunks])
            self._history.finish_cut(job.id, None)
            if plan.notes:
                job.notes.extend(dict(note) for note in plan.notes)
                self._history.set_notes(job.id, job.notes)
        return True

    def _readable(self, job: ActiveJob) -> bool:
        """Tells whether the sound that a job's chunks point into is still there; a sound job gets its place."""
        if job.task == Task.SOUND:
            job.pcm = self._artifacts.work(job.id) / SOUND
            return read_mark(job.pcm.parent) is not None
        if job.task == Task.VIDEO:
            return read_index(job.folder) is not None
        if cleans_first(job):
            self.clean_first.prepare(job)
            return job.pcm is not None and job.pcm.is_file()
        if isinstance(job.work, Planned):
            if not self._uploads.source(job.sha256).is_file():
                raise JobError("input_missing", status=410)
            return True
        return not job.sha256 or (self._uploads.folder(job.sha256) / "audio.pcm").is_file()

    def after(self, job: ActiveJob) -> NewJob | None:
        """Returns the job that tells a transcript's speakers apart, if that was wanted."""
        row = self._history.job(job.id)
        wanted = job.request.speakers
        if row is None or wanted is None or pack_missing(wanted, self._models) is not None:
            return None
        return self._speakers_job(row, wanted)

    def begin(self, job_id: str) -> None:
        """Cuts a job that adds to another one, where its sound is there already, and puts it on the board."""
        row = self._history.job(job_id)
        parent = self._history.job(row.parent_id) if row is not None and row.parent_id else None
        if row is None or parent is None:
            return
        folder = self._uploads.folder(row.input_sha256 or "")
        by_channels = SpeakersRequest.from_dict(dict(row.request)).channels
        if by_channels and not looked_at(folder) and (folder / "source").is_file():
            # Without its mark the recording is decoded again, which writes the same sound and the levels beside it.
            (folder / MARK).unlink(missing_ok=True)
        elif parent.duration_s is not None and parent.cut_done and (folder / PCM).is_file():
            chunks = minutes(parent.duration_s) if not by_channels or self._knows_voices(row) else []
            self._history.add_chunks(row.id, [NewChunk(c.number, c.start, c.end, c.pieces) for c in chunks])
            self._history.finish_cut(row.id, parent.duration_s)
        self.resume(self._history.job(job_id))

    def _knows_voices(self, row: JobRow) -> bool:
        """Tells whether the two sides of a recording can be heard, too, so that known voices among them are named."""
        spec = self._models.of_task(Task.SPEAKERS)[0]
        levels = read_levels(self._uploads.folder(row.input_sha256 or ""))
        return len(levels) > 0 and self._models.has_pack(spec) and self._models.is_here(spec)

    def channels(self, job: ActiveJob) -> Speakers | None:
        """Returns who spoke when by the channels of a recording; None where it is not one person a channel."""
        return one_a_channel(read_levels(self._uploads.folder(job.sha256)), job.duration_s or 0.0)

    def by_voices(self, job: ActiveJob) -> None:
        """Begins a job anew by voices, with a note, because its recording is not one person a channel.

        Ends it with the reason where voices cannot be told apart either.
        """
        by_voices = replace(job.request, channels=False)
        if pack_missing(by_voices, self._models) is not None:
            self._endings.fail(job, JobError("speakers_no_channels"))
            return
        notes = [*job.notes, {"code": "no_channels", "values": {}}]
        self._board.remove(job.id)
        with self._history.transaction():
            set_request(self._history, job.id, by_voices.to_dict(), notes)
            start_over(self._history, job.id)
        self.begin(job.id)

    def tell_speakers(self, job_id: str, request: SpeakersRequest) -> str:
        """Tells the speakers of a finished transcript apart (again); returns the id of the job that does.

        Raises NotFound, and JobError ``job_not_finished`` or ``speakers_running``.
        """
        row = self._history.job(job_id)
        if row is None:
            raise NotFound(id=job_id)
        missing = pack_missing(request, self._models)
        if missing is not None:
            raise missing
        if row.status != "succeeded":
            raise JobError("job_not_finished", id=job_id)
        before = children_of(self._history, [job_id]).get(job_id)
        if before is not None and before in self._board.jobs:
            raise JobError("speakers_running", status=409)
        job = self._speakers_job(row, request)
        self._history.add_jobs([job])
        self.begin(job.id)
        self._events.publish(job_id)
        return job.id

    def _speakers_job(self, row: JobRow, request: SpeakersRequest) -> NewJob:
        spec = self._models.of_task(Task.SPEAKERS)[0]
        return NewJob(
            id=_new_id(),
            task=str(Task.SPEAKERS),
            title=row.title,
            source_name=row.source_name,
            input_sha256=row.input_sha256,
            owner=row.owner,
            lane="interactive" if row.lane == "live" else row.lane,
            request=request.to_dict(),
            model=spec.name,
            fingerprint="",
            parent_id=row.id,
        )

    def change_model(self, job: ActiveJob, error: WorkbenchError) -> None:
        """Gives a job the best model whose weights are here, with a note, or ends it with the reason."""
        spec = self._models.instead_of(job.model, job.request.quality) if job.task == Task.TRANSCRIBE else None
        if spec is None:
            self._endings.fail(job, error)
            return
        note = {"code": "other_model", "values": {"wanted": self._models.title(job.model), "used": spec.title}}
        mark = fingerprint(job.sha256, job.request, spec.name)
        set_model(self._history, job.id, spec.name, mark, [*job.notes, note])
        with self._board.changed:
            job.model, job.english_only = spec.name, spec.english_only
            job.notes.append(note)
            job.stage, job.stage_progress = "waiting", None
            self._board.specs[spec.name] = spec
            self._board.changed.notify_all()
        self._ask(job)
        self._events.publish(job.id)

    def _new_jobs(self, sources: Sequence[Source], wish: Wish) -> list[NewJob]:
        request = wish.request
        task = task_of(request)
        model = WORKS[task].model(request, self._models)
        lane = wish.lane or lanes.lane_for(len(sources), self._n_active(wish.owner))
        batch_id = _new_id() if len(sources) > 1 else None
        return [
            NewJob(
                id=_new_id(),
                task=task,
                title=source.title,
                source_name=source.name,
                input_sha256=source.sha256,
                batch_id=batch_id,
                owner=wish.owner,
                lane=lane,
                request=request.to_dict(),
                model=model,
                fingerprint=_mark(source, request, model),
                parent_id=wish.parent_id,
            )
            for source in sources
        ]

    def _n_active(self, owner: str) -> int:
        with self._board.changed:
            return sum(job.owner == owner for job in self._board.jobs.values())

    def _ask(self, job: ActiveJob) -> None:
        assert self.weights is not None
        self.weights.ask(self._board.specs[job.model])


def cleans_first(job: ActiveJob) -> bool:
    """Tells whether a job hears a sound that another job has cleaned."""
    asked = job.request
    return isinstance(asked, TranscribeRequest | SpeakersRequest) and asked.clean is not None and bool(job.sha256)


def _mark(source: Source, request: Any, model: str) -> str:
    if isinstance(request, SoundRequest):
        return mark_of(source.sha256, source.name, request, model)
    return fingerprint(source.sha256, request, model)


def _new_id() -> str:
    return secrets.token_hex(8)
