"""The end of making a video sharper: the runs of a job become one file, which is what the person gets back."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engines.requests_video import VideoRequest
from media.errors import WorkbenchError
from media.video_index import VideoIndex, read_index
from workbench.errors import JobError
from workbench.history.artifacts import finish_with
from workbench.history.rows import ArtifactRow, ChunkRow
from workbench.running.board import ActiveJob
from workbench.running.desk import Desk
from workbench.running.ending_thread import EndingThread
from workbench.tasks.video import SIZES, n_frames_of

RESULT, FACTS = "result", "facts"
_STILLS = (
    ("still_before", "still_before.png", "image/png"),
    ("still_after", "still_after.jpg", "image/jpeg"),
)


class VideoEnding(EndingThread):
    """Puts runs one behind the other, with the sound and everything else of the video."""

    def __init__(self, desk: Desk) -> None:
        super().__init__("video-endings", desk.board, self._write)
        self._history = desk.history
        self._events = desk.events
        self._writes = desk.writes
        self._uploads = desk.uploads
        self._artifacts = desk.artifacts
        self._limits = desk.limits

    def _write(self, job: ActiveJob) -> None:
        chunks = self._history.chunks(job.id)
        failed = next((chunk for chunk in chunks if chunk.status != "succeeded"), None)
        if failed is not None:
            raise WorkbenchError(failed.error_code or "engine_failed", **(failed.error_values or {}))
        folder, row = self._artifacts.work(job.id), self._history.job(job.id)
        index = read_index(folder)
        if index is None:
            raise JobError("video_lost", status=500)
        order = {
            "work": "video_join", "source": str(self._uploads.source(job.sha256)), "folder": str(folder),
            "name": row.source_name if row else "", "n_runs": len(index.runs),
        }  # fmt: skip
        told = self._writes.sound(
            order, self._limits, lambda share: self._show(job, share), lambda: self._board.stopping or job.ended
        )
        notes = [*job.notes, *({"code": code, "values": {}} for code in told["notes"])]
        if finish_with(self._history, job.id, self._keep(job, index, chunks, told), notes):
            shutil.rmtree(folder, ignore_errors=True)
        self._board.remove(job.id)
        self._events.publish(job.id)

    def _keep(
        self, job: ActiveJob, index: VideoIndex, chunks: Sequence[ChunkRow], told: Mapping[str, Any]
    ) -> list[ArtifactRow]:
        """Moves what was written out of the folder of unfinished work; returns what the history is told of it."""
        work, folder = self._artifacts.work(job.id), self._artifacts.folder(job.id)
        os.replace(work / str(told["file"]), folder / str(told["file"]))
        _write(folder / "facts.json", json.dumps(facts_of(job.request, index, chunks, told)).encode())
        rows = [
            self._artifacts.row(job.id, RESULT, folder / str(told["file"]), str(told["media_type"])),
            self._artifacts.row(job.id, FACTS, folder / "facts.json", "application/json"),
        ]
        for name, file, media_type in _STILLS:
            if (work / file).is_file():
                os.replace(work / file, folder / file)
                rows.append(self._artifacts.row(job.id, name, folder / file, media_type))
        return rows

    def _show(self, job: ActiveJob, share: float) -> None:
        with self._board.changed:
            job.stage_progress = share
        self._events.publish(job.id)


def facts_of(
    request: VideoRequest, index: VideoIndex, chunks: Sequence[ChunkRow], told: Mapping[str, Any]
) -> dict[str, Any]:
    """Returns what is told of a finished video, as plain JSON; ``took_s`` is the time of computing alone, ``wanted``
    what the part will take that is wanted after a trial."""
    facts = index.facts
    took_s = sum(float((chunk.result or {}).get("took_s", 0.0)) for chunk in chunks)
    whole = n_frames_of(facts, request.then_start, request.then_end) / index.n_frames
    size = int(int(told["size"]) * whole * SIZES[request.codec])
    return {
        "width": facts.width, "height": facts.height,
        "out_width": facts.width * request.scale, "out_height": facts.height * request.scale,
        "n_frames": index.n_frames, "frames_a_second": facts.frames_a_second,
        "duration_s": index.n_frames / facts.frames_a_second, "whole_s": facts.duration_s,
        "n_scenes": len(index.scenes), "took_s": round(took_s, 2), "bytes": int(told["size"]),
        "speed": round(index.n_frames / took_s, 4) if took_s > 0 else None, "media_type": told["media_type"],
        "pixel_shape": facts.pixel_shape,
        "wanted": {
            "n_frames": round(index.n_frames * whole), "time_s": round(took_s * whole, 2), "bytes": size,
            "room_bytes": 2 * size,
        },
    }  # fmt: skip


def _write(path: Path, content: bytes) -> None:
    with open(path, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
