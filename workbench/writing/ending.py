"""The end of a round of writing: a further round where one follows, else the result as a file of the job."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from media.errors import WorkbenchError
from media.packing import Chunk
from workbench.history.artifacts import finish_with
from workbench.history.rows import ChunkRow
from workbench.running.board import ActiveJob
from workbench.running.desk import Desk
from workbench.running.ending_thread import EndingThread
from workbench.tasks.writing import document_at
from workbench.writing.choosing import setting_of
from workbench.writing.course import course_of
from workbench.writing.result import Result
from workbench.writing.rounds import Course, chunks_of
from workbench.writing.setting import Setting

RESULT = "written"
GoOn = Callable[[ActiveJob, Sequence[Chunk]], None]


class WritingEnding(EndingThread):
    """Goes on with a job, or ends it; ``go_on`` is ``Endings.go_on``."""

    def __init__(self, desk: Desk, go_on: GoOn) -> None:
        super().__init__("writing-endings", desk.board, self._write)
        self._history = desk.history
        self._events = desk.events
        self._uploads = desk.uploads
        self._artifacts = desk.artifacts
        self._go_on = go_on

    def _write(self, job: ActiveJob) -> None:
        chunks = self._history.chunks(job.id)
        failed = [chunk for chunk in chunks if chunk.status != "succeeded"]
        if chunks and len(failed) == len(chunks):
            raise WorkbenchError(failed[0].error_code or "engine_failed", **(failed[0].error_values or {}))
        setting = setting_of(job.request, document_at(self._uploads.source(job.sha256)))
        course = agreed(setting, chunks)
        if not course.finished:
            self._go_on(job, chunks_of(course.asks, len(chunks)))
            return
        result: Result = course.result
        notes = [*job.notes, *result.notes]
        if not result.in_language:
            notes.append({"code": "write_language", "values": {"language": result.language}})
        told = {**result.to_dict(), "reasoning": _reasoning(chunks)}
        if finish_with(self._history, job.id, [self._keep(job.id, told)], notes):
            self._board.remove(job.id)
        parent = self._history.job(job.id)
        self._events.publish(job.id, *([parent.parent_id] if parent is not None and parent.parent_id else []))

    def _keep(self, job_id: str, told: dict[str, Any]) -> Any:
        folder = self._artifacts.folder(job_id)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / "written.json"
        _write(path, json.dumps(told, ensure_ascii=False).encode())
        return self._artifacts.row(job_id, RESULT, path, "application/json")


def answers_of(chunks: Sequence[ChunkRow]) -> dict[int, dict[str, Any] | None]:
    """Returns what came of the questions that have ended, None where the engine failed."""
    ended = [chunk for chunk in chunks if chunk.status in ("succeeded", "failed")]
    return {chunk.number: chunk.result if chunk.status == "succeeded" else None for chunk in ended}


def agreed(setting: Setting, chunks: Sequence[ChunkRow]) -> Course:
    """Returns the course with the answers that belong to its questions.

    After a failed part was tried again and went well, later questions may be others than those that were answered.
    """
    answers = answers_of(chunks)
    places = {chunk.number: chunk.pieces for chunk in chunks}
    while True:
        course = course_of(setting, answers)
        planned = chunks_of(course.asks)
        others = [c.number for c in planned if answers.get(c.number) is not None and places[c.number] != c.pieces]
        if not others:
            return course
        answers[others[0]] = None


def _reasoning(chunks: Sequence[ChunkRow]) -> list[str]:
    """Returns what a model thought, question by question: kept apart from the result, shown if somebody asks."""
    return [str((chunk.result or {}).get("reasoning") or "") for chunk in chunks]


def _write(path: Path, content: bytes) -> None:
    part = path.with_suffix(".part")
    with open(part, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
