"""Makes jobs of recordings, first as rows, then on the board; brings the rows of an earlier run back onto it."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from engines.base import Task
from engines.requests import TranscribeRequest
from media.errors import WorkbenchError
from workbench import lanes
from workbench.asking import check
from workbench.board import ActiveJob, Board
from workbench.errors import NotFound
from workbench.events import Events
from workbench.finishing import Endings
from workbench.history import History
from workbench.history_models import set_model
from workbench.history_rows import JobRow, NewJob
from workbench.jobs import fingerprint
from workbench.models import Models
from workbench.resume import active_of, resume
from workbench.uploads import Uploads
from workbench.weights import Weights

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
    """What somebody wants done; ``lane`` None is chosen by how much it is, ``fresh`` does not take a stored result."""

    request: TranscribeRequest
    owner: str
    lane: lanes.Lane | None = None
    fresh: bool = False


class Acceptance:
    """The way of a job into the workbench."""

    def __init__(
        self, board: Board, history: History, events: Events, uploads: Uploads, models: Models, endings: Endings
    ) -> None:
        self._board = board
        self._history = history
        self._events = events
        self._uploads = uploads
        self._models = models
        self._endings = endings
        self.weights: Weights | None = None

    def accept(self, sources: Sequence[Source], wish: Wish) -> list[str]:
        """Writes a job for each recording and returns the ids; from then on they will end whatever happens."""
        new = self._new_jobs(sources, wish)
        stored = [None if wish.fresh else self._history.find_same(job.fingerprint) for job in new]
        with self._history.transaction():
            for source in sources:
                self._history.add_input(source.sha256, source.size)
            self._history.add_jobs(new)
        for job, same in zip(new, stored, strict=True):
            if same is None or not self._history.copy_result(same, job.id):
                self.resume(self._history.job(job.id))
        ids = [job.id for job in new]
        self._events.publish(*ids)
        return ids

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
        chunks = self._history.chunks(row.id) if row.n_chunks else []
        folder = self._uploads.folder(job.sha256) if job.sha256 else None
        resume(job, row, chunks, bool(row.cut_done) and (folder is None or (folder / "audio.pcm").is_file()))
        if spec.name not in self._board.speeds:
            self._board.expected_speeds[spec.name] = self._models.speed(spec, self._history)
        self._board.add(job, spec)
        self._ask(job)
        self._endings.check(job)

    def change_model(self, job: ActiveJob, error: WorkbenchError) -> None:
        """Gives a job the best model whose weights are here, with a note, or ends it with the reason."""
        spec = self._models.instead_of(job.model, job.request.quality)
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
        check(request, [spec.name for spec in self._models.all()])
        model = self._models.chosen(request.quality).name
        lane = wish.lane or lanes.lane_for(len(sources), self._n_active(wish.owner))
        batch_id = _new_id() if len(sources) > 1 else None
        return [
            NewJob(
                id=_new_id(),
                task=str(Task.TRANSCRIBE),
                title=source.title,
                source_name=source.name,
                input_sha256=source.sha256,
                batch_id=batch_id,
                owner=wish.owner,
                lane=lane,
                request=request.to_dict(),
                model=model,
                fingerprint=fingerprint(source.sha256, request, model),
            )
            for source in sources
        ]

    def _n_active(self, owner: str) -> int:
        with self._board.changed:
            return sum(job.owner == owner for job in self._board.jobs.values())

    def _ask(self, job: ActiveJob) -> None:
        assert self.weights is not None
        self.weights.ask(self._board.specs[job.model])


def _new_id() -> str:
    return secrets.token_hex(8)
