"""What a video is, which ways there are to make it sharper here, and what time and room each takes."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engines.requests_video import VideoRequest
from media.errors import MediaError
from media.limits import MediaLimits
from media.video_facts import VideoFacts, check
from workbench.errors import JobError
from workbench.history.history import History
from workbench.machine.models import Models
from workbench.running.desk import Writes
from workbench.tasks.video import MODELS, SIZES, UNIT, n_frames_of
from workbench.uploads import Uploads

_LOOK, _STILL = "video.json", "video-{at}.jpg"
_BITS_A_PIXEL = {"small": 0.6, "good": 1.25, "best": 2.6}
"""Of H.264, for each pixel of the video as it came: what is enlarged holds little more than that did. Measured on a
real clip that became twice as large; four times take half as much again."""
_SOUND_BYTES = 24_000
_LOOK_STALL_S = 30.0


class VideoRoom:
    """Looks at uploaded videos in the sandbox, and reckons; may be called from any thread."""

    def __init__(self, models: Models, history: History, uploads: Uploads, intake: Writes, limits: MediaLimits) -> None:
        self._models = models
        self._history = history
        self._uploads = uploads
        self._intake = intake
        self._limits = replace(limits, stall_s=_LOOK_STALL_S)
        self._one = threading.Lock()

    def choices(self) -> list[dict[str, Any]]:
        """Returns each way: ``{"source", "model", "title", "licence", "speed", "pack", "can_run", "download_bytes",
        "installed", "unchecked"}``.

        ``speed`` is in 100,000 pixels a second, of real work where there was some.
        """
        found = []
        for source, name in MODELS.items():
            spec = self._models.named(name)
            has_pack = self._models.has_pack(spec)
            found.append(
                {
                    "source": source,
                    "model": name,
                    "title": spec.title,
                    "licence": spec.licence,
                    "speed": round(self._models.speed(spec, self._history, 0), 4),
                    "pack": None if has_pack else spec.pack,
                    "can_run": has_pack or spec.pack is not None,
                    "download_bytes": spec.download_bytes,
                    "installed": self._models.is_here(spec),
                    "unchecked": self._models.lies_unchecked(spec),
                }
            )
        return found

    def look(self, upload_id: str) -> dict[str, Any]:
        """Returns ``{"facts", "problem", "notes"}`` of an uploaded video; ``problem`` is by scale, or None.

        Raises NotFound ``upload_unknown`` and MediaError for a file that is no video.
        """
        facts = self._facts(self._uploads.find(upload_id).sha256)
        problems: dict[str, dict[str, Any] | None] = {}
        notes: set[str] = set()
        for scale in (2, 4):
            try:
                notes |= set(check(facts, scale))
                problems[str(scale)] = None
            except MediaError as error:
                problems[str(scale)] = {"code": error.code, "values": error.values}
        return {"facts": facts.to_dict(), "problem": problems, "notes": sorted(notes)}

    def still(self, upload_id: str, at: float) -> Path:
        """Returns a picture of an uploaded video at ``at`` seconds, as a JPEG file; raises as ``look`` does."""
        sha256 = self._uploads.find(upload_id).sha256
        path = self._uploads.folder(sha256) / _STILL.format(at=round(at))
        if not path.is_file():
            self._order(sha256, round(at), path)
        return path

    def expected(self, upload_id: str, request: VideoRequest) -> dict[str, Any]:
        """Returns ``{"n_frames", "time_s", "bytes", "room_bytes", "free_bytes"}`` of what a request will take.

        ``room_bytes`` is what is needed while it is made: all runs and the file of them.
        """
        return self._expected(self._uploads.find(upload_id).sha256, request)

    def _expected(self, sha256: str, request: VideoRequest) -> dict[str, Any]:
        facts = self._facts(sha256)
        n_frames = n_frames_of(facts, request.start, request.end)
        pixels = facts.width * facts.height * n_frames
        spec = self._models.named(MODELS[request.source])
        speed = self._models.speed(spec, self._history, 0)
        size = int(pixels * request.scale**0.6 / 1.5 * _BITS_A_PIXEL[request.quality] * SIZES[request.codec] / 8)
        size += int(_SOUND_BYTES * n_frames / facts.frames_a_second) if facts.has_sound else 0
        return {
            "n_frames": n_frames, "time_s": round(pixels / UNIT / speed, 3), "bytes": size, "room_bytes": 2 * size,
            "free_bytes": self.free_bytes(),
        }  # fmt: skip

    def check(self, upload_ids: list[str], request: VideoRequest) -> None:
        """Raises MediaError where a video cannot be made sharper, JobError ``video_no_room`` where the disk is full."""
        for upload_id in upload_ids:
            self._check(self._uploads.find(upload_id).sha256, request)

    def check_again(self, job_id: str, request: VideoRequest) -> None:
        """Raises as ``check`` does, for another job of a job's video."""
        row = self._history.job(job_id)
        if row is not None and row.input_sha256:
            self._check(row.input_sha256, request)

    def free_bytes(self) -> int:
        """Returns the room on the disk that results are written to."""
        return self._uploads.free_bytes()

    def _check(self, sha256: str, request: VideoRequest) -> None:
        check(self._facts(sha256), request.scale)
        told = self._expected(sha256, request)
        if told["room_bytes"] > told["free_bytes"]:
            need, free = told["room_bytes"] >> 20, told["free_bytes"] >> 20
            raise JobError("video_no_room", status=507, need=need, free=free)

    def _facts(self, sha256: str) -> VideoFacts:
        path = self._uploads.folder(sha256) / _LOOK
        try:
            return VideoFacts.from_dict(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            told = self._order(sha256, 0, self._uploads.folder(sha256) / _STILL.format(at=0))
            part = path.with_name(f"{path.name}.part")
            part.write_text(json.dumps(told["facts"]), encoding="utf-8")
            part.replace(path)
            return VideoFacts.from_dict(told["facts"])

    def _order(self, sha256: str, at: float, still: Path) -> Mapping[str, Any]:
        source = self._uploads.source(sha256)
        if not source.is_file():
            raise JobError("input_missing", status=410)
        order = {
            "work": "video_look", "source": str(source), "folder": str(still.parent), "still": str(still), "at": at,
        }  # fmt: skip
        # One at a time: a screen asks for a picture whenever its slider is moved.
        with self._one:
            return self._intake.sound(order, self._limits, lambda _: None, lambda: False)
