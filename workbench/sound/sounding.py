"""The end of cleaning up sound: the windows of a job become one file, which is what the person gets back."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engines.requests import SoundRequest
from media.errors import WorkbenchError
from media.sound_file import read_mark
from workbench.errors import JobError
from workbench.history.artifacts import finish_with
from workbench.history.rows import ArtifactRow, ChunkRow, JobRow
from workbench.running.board import ActiveJob
from workbench.running.desk import Desk
from workbench.running.ending_thread import EndingThread

RESULT, FACTS = "result", "facts"
SHOW_EVERY = 0.02
_FILES = (("preview_before", "audio/mpeg"), ("preview_after", "audio/mpeg"), ("pictures", "application/json"))


class SoundEnding(EndingThread):
    """Writes what was made of a sound: hours of it take minutes."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("sound-endings", desk.board, self._write)
        self._history = desk.history
        self._events = desk.events
        self._writes = desk.writes
        self._uploads = desk.uploads
        self._artifacts = desk.artifacts
        self._limits = desk.limits

    def _write(self, job: ActiveJob) -> None:
        chunks = self._history.chunks(job.id)
        failed = [chunk for chunk in chunks if chunk.status != "succeeded"]
        if chunks and len(failed) == len(chunks):
            raise WorkbenchError(failed[0].error_code or "engine_failed", **(failed[0].error_values or {}))
        row = self._history.job(job.id)
        told = self._writes.sound(
            self._order(job, chunks, row),
            self._limits,
            lambda share: self._show(job, share),
            lambda: self._board.stopping or job.ended,
        )
        notes = [*job.notes, *({"code": code, "values": {}} for code in told["notes"])]
        if failed:
            places = [{"start": round(chunk.start, 2), "end": round(chunk.end, 2)} for chunk in failed]
            notes.append({"code": "sound_stretches", "values": {"n": len(failed), "stretches": places}})
        if finish_with(self._history, job.id, self._keep(job.id, told), notes):
            shutil.rmtree(self._artifacts.work(job.id), ignore_errors=True)
        self._board.remove(job.id)
        self._events.publish(job.id)

    def _order(self, job: ActiveJob, chunks: list[ChunkRow], row: JobRow | None) -> dict[str, Any]:
        request: SoundRequest = job.request
        folder = self._artifacts.work(job.id)
        mark = read_mark(folder)
        if mark is None:
            raise JobError("sound_lost", status=500, why="sound.json")
        windows = [(c.number, round(c.start * mark.rate), round(c.end * mark.rate)) for c in chunks]
        last = windows[-1]
        wishes = {
            "strength": request.strength,
            "loudness": request.loudness,
            "trim": request.trim,
            "missing": [chunk.number for chunk in chunks if chunk.status != "succeeded"],
        }
        return {
            "work": "finish",
            "source": str(self._uploads.source(job.sha256)),
            "name": row.source_name if row is not None else "",
            # A text is heard from what is not packed with loss a second time, and needs no pictures.
            "plain": row is not None and row.parent_id is not None,
            "folder": str(folder),
            "windows": [*windows[:-1], (last[0], last[1], mark.n_samples)],
            "wishes": wishes,
        }

    def _keep(self, job_id: str, told: Mapping[str, Any]) -> list[ArtifactRow]:
        """Moves what was written out of the folder of unfinished work; returns what the history is told of it."""
        work, folder = self._artifacts.work(job_id), self._artifacts.folder(job_id)
        result = folder / str(told["file"])
        os.replace(work / str(told["file"]), result)
        facts = folder / "facts.json"
        shown = {name: told[name] for name in ("before", "after", "duration_s")}
        _write(facts, json.dumps(shown).encode())
        rows = [
            self._artifacts.row(job_id, RESULT, result, str(told["media_type"])),
            self._artifacts.row(job_id, FACTS, facts, "application/json"),
        ]
        for name, media_type in _FILES:
            file = told.get("files", {}).get(name)
            if file:
                os.replace(work / file, folder / file)
                rows.append(self._artifacts.row(job_id, name, folder / file, media_type))
        return rows

    def _show(self, job: ActiveJob, share: float) -> None:
        with self._board.changed:
            job.stage_progress = share
        self._events.publish(job.id)


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
