"""The end of cleaning up sound: the windows of a job become one file, which is what the person gets back."""

from __future__ import annotations

import json
import logging
import os
import queue
import shutil
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

from engines.errors import Stopped
from engines.requests import SoundRequest
from media.errors import WorkbenchError
from media.limits import MediaLimits
from media.sound_file import read_mark
from workbench.artifacts import Artifacts
from workbench.errors import JobError
from workbench.events import Events
from workbench.history.artifacts import finish_with
from workbench.history.errors import HistoryError
from workbench.history.history import History
from workbench.history.rows import ArtifactRow, ChunkRow
from workbench.running.board import ActiveJob, Board
from workbench.uploads import Uploads

log = logging.getLogger(__name__)
RESULT, FACTS = "result", "facts"
SHOW_EVERY = 0.02
_FILES = (("preview_before", "audio/mp4"), ("preview_after", "audio/mp4"), ("pictures", "application/json"))


class Writes(Protocol):
    """What is needed of ``engines.intake.intake.Intake``."""

    def sound(
        self,
        order: Mapping[str, Any],
        limits: MediaLimits,
        on_share: Callable[[float], None],
        should_stop: Callable[[], bool],
    ) -> Mapping[str, Any]: ...


Fail = Callable[[ActiveJob, WorkbenchError], None]


class SoundEnding:
    """A thread of its own, because writing hours of sound takes minutes, and texts should not wait for it."""

    def __init__(
        self,
        board: Board,
        history: History,
        events: Events,
        writes: Writes,
        uploads: Uploads,
        artifacts: Artifacts,
        limits: MediaLimits,
    ) -> None:
        self._board = board
        self._history = history
        self._events = events
        self._writes = writes
        self._uploads = uploads
        self._artifacts = artifacts
        self._limits = limits
        self.fail: Fail | None = None
        self._complete: queue.Queue[ActiveJob | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name="sound-endings", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Ends the thread; a file that is being written is written anew at the next start."""
        self._complete.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def put(self, job: ActiveJob) -> None:
        """Takes a job of which all windows are done."""
        self._complete.put(job)

    def _run(self) -> None:
        while (job := self._complete.get()) is not None:
            if self._board.stopping or job.ended:
                continue
            try:
                self._end(job)
            except Stopped:
                continue
            except WorkbenchError as error:
                self._refused(job, error)
            except OSError as error:
                self._refused(job, JobError("sound_lost", status=500, why=error.strerror or type(error).__name__))
            except Exception as error:
                log.exception("the sound of job %s could not be written", job.id)
                self._refused(job, WorkbenchError("internal", what=type(error).__name__))

    def _refused(self, job: ActiveJob, error: WorkbenchError) -> None:
        """A full disk or a busy database is no fault of the job: it is written again after a while."""
        if isinstance(error, HistoryError) or error.code == "disk_full":
            log.warning("the sound of job %s waits: %s", job.id, error)
            with self._board.changed:
                self._board.trouble(error)
                if not self._board.stopping:
                    self._board.changed.wait(self._board.pause_s)
            self._complete.put(job)
        elif self.fail is not None:
            self.fail(job, error)

    def _end(self, job: ActiveJob) -> None:
        chunks = self._history.chunks(job.id)
        failed = [chunk for chunk in chunks if chunk.status != "succeeded"]
        if chunks and len(failed) == len(chunks):
            raise WorkbenchError(failed[0].error_code or "engine_failed", **(failed[0].error_values or {}))
        row = self._history.job(job.id)
        told = self._writes.sound(
            self._order(job, chunks, row.source_name if row else ""),
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

    def _order(self, job: ActiveJob, chunks: list[ChunkRow], name: str) -> dict[str, Any]:
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
            "name": name,
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
