"""A job as screens and endpoints show it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from engines.requests import TranscribeRequest
from media.errors import WorkbenchError
from workbench.history.rows import JobRow
from workbench.running.board import ActiveJob, Board, Stage
from workbench.running.pace import Effort

RESULT_VERSION = 1
"""Grows when the same recording and request would give another text than before; older results are not reused then."""

FINAL = frozenset({
    "media_unreadable", "media_document", "media_playlist", "media_no_sound", "media_empty", "media_too_long",
    "media_too_heavy", "media_text", "input_missing", "model_unknown",
})  # fmt: skip
"""Errors that the same work meets again however often it is tried."""


@dataclass(frozen=True, slots=True)
class JobView:
    """One job with its place in the queue and its time left; ``to_dict`` gives plain JSON.

    Times ending in ``_at`` are seconds since 1970, ``progress`` and ``stage_progress`` are 0 to 1, ``ahead`` counts the
    unfinished jobs before it, ``error`` and ``notes`` are ``{"code", "values"}`` for ``Texts``. ``can_retry`` is true
    where another attempt may end otherwise. ``cleaned_by`` is the job that cleans up the sound of this one first.
    """

    id: str
    task: str
    title: str
    source_name: str
    batch_id: str | None
    status: str
    request: Mapping[str, Any]
    model: str
    model_title: str
    created_at: float
    revision: int
    progress: float = 0.0
    position_s: float = 0.0
    duration_s: float | None = None
    ahead: int = 0
    time_left_s: float | None = None
    language: str | None = None
    error: Mapping[str, Any] | None = None
    can_retry: bool = False
    notes: Sequence[Mapping[str, Any]] = ()
    n_failed: int = 0
    started_at: float | None = None
    finished_at: float | None = None
    tags: Sequence[str] = ()
    deleted: bool = False
    copied_from: str | None = None
    live: bool = False
    speakers: Mapping[str, Any] | None = None
    cleaned_by: str | None = None
    stage: Stage = "waiting"
    stage_progress: float | None = None
    frames_a_second: float | None = None
    owner: str = field(default="", repr=False)

    @property
    def finished(self) -> bool:
        """True when the job will not change by itself any more."""
        return self.status in ("succeeded", "failed", "cancelled")

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON, without the owner."""
        told = asdict(self)
        del told["owner"]
        told["tags"], told["notes"] = list(self.tags), [dict(note) for note in self.notes]
        return told


@dataclass(frozen=True, slots=True)
class Queue:
    """The unfinished jobs in the order of service, the speeds of models, and what keeps all from going on."""

    ahead: Mapping[str, int]
    wait_s: Mapping[str, float]
    speeds: Mapping[Effort, float]
    trouble: WorkbenchError | None = None

    @classmethod
    def of(cls, board: Board) -> Queue:
        """Takes a snapshot of the board."""
        with board.changed:
            jobs = board.in_order()
            speeds = board.expected_speeds | board.speeds
            ahead, wait_s, waited = {}, {}, 0.0
            for n_before, job in enumerate(jobs):
                ahead[job.id] = n_before
                wait_s[job.id] = waited
                waited += (job.left_s() or 0.0) / (job.speed or speeds.get(job.effort, 1.0))
        return cls(ahead, wait_s, speeds, board.recent_trouble())

    def time_left_s(self, job: ActiveJob) -> float | None:
        """Returns about how many seconds a job still takes, None while its length or its model's speed is unknown."""
        left, speed = job.left_s(), job.speed or self.speeds.get(job.effort)
        if left is None or speed is None:
            return None
        waits = self.wait_s.get(job.id, 0.0) if not job.started else 0.0
        return round(waits + left / speed, 1)


def view_of(row: JobRow, model_title: str, active: ActiveJob | None, queue: Queue) -> JobView:
    """Returns a job's row together with what is happening to it right now."""
    duration_s = row.duration_s or (active.duration_s if active else None)
    error = {"code": row.error_code, "values": row.error_values or {}} if row.error_code else None
    done = min(1.0, row.position_s / duration_s) if duration_s else _share_of_chunks(active)
    progress = 1.0 if row.status == "succeeded" else done
    return JobView(
        id=row.id,
        task=row.task,
        title=row.title,
        source_name=row.source_name,
        batch_id=row.batch_id,
        status=row.status,
        request=row.request,
        model=row.model,
        model_title=model_title,
        created_at=row.created_at,
        revision=row.revision,
        progress=round(progress, 4),
        position_s=row.position_s,
        duration_s=duration_s,
        ahead=queue.ahead.get(row.id, 0),
        time_left_s=queue.time_left_s(active) if active else None,
        language=row.language,
        error=error,
        can_retry=row.status in ("failed", "cancelled") and row.error_code not in FINAL,
        notes=_notes(row, active, queue),
        n_failed=row.n_failed,
        started_at=row.started_at,
        finished_at=row.finished_at,
        tags=row.tags,
        deleted=row.deleted_at is not None,
        copied_from=row.copied_from,
        live=row.lane == "live",
        stage=active.stage if active else "waiting",
        stage_progress=active.stage_progress if active else None,
        frames_a_second=active.frames_a_second if active else None,
        owner=row.owner,
    )


def _share_of_chunks(active: ActiveJob | None) -> float:
    """Returns how much is done of a job whose input has no length in seconds, such as a text."""
    if active is None or active.reading != "done" or not active.places:
        return 0.0
    begun = sum(told.get("share", 0.0) for told in active.partials.values())
    return (active.n_succeeded + active.n_failed + begun) / len(active.places)


def summary_of(child: JobView | None) -> dict[str, Any] | None:
    """Returns how far the job is that tells another one's speakers apart, None where there is none."""
    if child is None:
        return None
    told = child.to_dict()
    shown = ("id", "status", "progress", "stage", "stage_progress", "time_left_s", "error", "notes")
    return {name: told[name] for name in shown}


def _notes(row: JobRow, active: ActiveJob | None, queue: Queue) -> list[Mapping[str, Any]]:
    stored: list[Mapping[str, Any]] = [*row.notes]
    stored += [note for note in (active.notes if active else ()) if note not in stored]
    if active and queue.trouble is not None:
        kind = "disk" if queue.trouble.code == "disk_full" else "database"
        stored.append({"code": f"waits_for_{kind}", "values": queue.trouble.values})
    return [{"code": "from_history", "values": {}}, *stored] if row.copied_from else stored


def fingerprint(sha256: str, request: Any, model: str) -> str:
    """Returns the hash that equal work shares: the same recording, settings that matter, and model."""
    told = request.to_dict()
    if isinstance(request, TranscribeRequest):
        # What quality means is the model and the beam; the word itself changes no text.
        del told["quality"], told["speakers"]
        told["beam_size"] = request.beam
        if request.clean is None:
            # Texts that were stored before there was the choice stay known.
            del told["clean"]
    content = [RESULT_VERSION, sha256, model, told]
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
