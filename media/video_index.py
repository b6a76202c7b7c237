"""The index of a video: when each frame is shown, where scenes begin, and which frames run together."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from media.errors import MediaError
from media.limits import MediaLimits
from media.video_facts import VideoFacts, check
from media.video_scenes import SMALL, SceneFinder, run_length, runs_of
from media.video_source import VideoSource, look

INDEX, TIMES = "video.json", "times.i64"
_LOOKED_AT = 50
"""So many frames tell whether a video is interlaced."""

Times = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Part:
    """The wanted part of a video in seconds from its first picture; ``end`` None is to its end."""

    start: float = 0.0
    end: float | None = None


@dataclass(frozen=True, slots=True)
class VideoIndex:
    """What is known of the wanted part of a video. Frames are numbered from its first one.

    ``runs`` are ``(first, end)``, none across the start of a scene; ``scenes`` are the frames with which scenes begin.
    ``part`` is what was wanted of it, ``zero`` when the first picture of the whole video is shown, and ``lasts`` how
    long the last frame of the part stays, both in units of ``facts.time_base``. ``jumps`` are what was added, in the
    same units, each time that the clock began anew.
    """

    facts: VideoFacts
    n_frames: int
    scenes: tuple[int, ...]
    runs: tuple[tuple[int, int], ...]
    interlaced: bool = False
    damaged: bool = False
    notes: tuple[str, ...] = ()
    part: Part = Part()
    zero: int = 0
    lasts: int = 0
    jumps: tuple[int, ...] = ()

    def scene_of(self, frame: int) -> tuple[int, int]:
        """Returns the first frame of the scene that holds a frame, and the one behind its last."""
        at = int(np.searchsorted(self.scenes, frame, side="right"))
        return self.scenes[at - 1], self.scenes[at] if at < len(self.scenes) else self.n_frames


def make_index(
    source: Path, folder: Path, part: Part, scale: int, limits: MediaLimits, tell: Callable[[float], None]
) -> VideoIndex:
    """Decodes the part once, at a small size, and writes its index into ``folder``; returns it.

    Raises MediaError: see ``video_facts.check``, ``video_no_pictures`` for an empty part, ``media_too_long``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with VideoSource(source, limits) as video:
        facts, first = look(video, lambda: tell(0.0))
    notes = check(facts, scale)
    with VideoSource(source, limits) as video:
        found = _Passed(facts, part, limits)
        far = part.start > 1 and first.pts is not None
        if far:
            video.seek(first.pts + round((part.start - 1) / found.tick))
        for frame in video.frames(joined=not far):
            if not found.take(frame, first.pts or 0):
                break
            if facts.duration_s:
                tell(min(1.0, found.at_s / min(part.end or facts.duration_s, facts.duration_s)))
        damaged = video.damaged
    found.end(facts.duration_s)
    if not found.times:
        raise MediaError("video_no_pictures")
    runs = runs_of(found.scenes, len(found.times), run_length(facts.width, facts.height))
    index = VideoIndex(
        facts, len(found.times), tuple(found.scenes), tuple(runs), found.interlaced, damaged, tuple(notes), part,
        first.pts or 0, found.lasts(first.pts or 0), tuple(video.jumps),
    )  # fmt: skip
    np.asarray(found.times, "<i8").tofile(folder / TIMES)
    _write(folder / INDEX, _told(index))
    return index


class _Passed:
    """What passed by while a video was read."""

    def __init__(self, facts: VideoFacts, part: Part, limits: MediaLimits) -> None:
        self.tick = float(Fraction(*facts.time_base))
        self.times: list[int] = []
        self.scenes: list[int] = []
        self.at_s = 0.0
        self._part = part
        self._late_s = part.start + min(0.25, 1.5 / facts.frames_a_second)
        self._limits = limits
        self._scenes = SceneFinder()
        self._n_interlaced = 0
        self._lasts = 0
        self._after: int | None = None
        self._before: Any = None

    def lasts(self, origin: int) -> int:
        """Returns how long the last frame is shown: until the next one or the end of the part, else what the file says
        of it; 0 where that is not known."""
        if self._after is None:
            return self._lasts
        end = self._after if self._part.end is None else min(self._after, origin + round(self._part.end / self.tick))
        return max(1, end - self.times[-1]) if self.times else 0

    @property
    def interlaced(self) -> bool:
        """Whether most of the first frames are marked as two half pictures."""
        return self._n_interlaced * 2 > min(len(self.times), _LOOKED_AT)

    def take(self, frame: Any, origin: int) -> bool:
        """Takes the next frame; False when the part is over."""
        self.at_s = (frame.pts - origin) * self.tick
        if self.at_s < self._part.start - self.tick / 2:
            self._before = frame
            return True
        if self._part.end is not None and self.at_s >= self._part.end - self.tick / 2:
            self._after = frame.pts
            return False
        if self.at_s > self._limits.max_duration_s:
            raise MediaError("media_too_long", status=413, limit_h=round(self._limits.max_duration_s / 3600, 1))
        if not self.times and self.at_s > self._late_s:
            self._still_shown()
        self._keep(frame)
        return True

    def end(self, duration_s: float | None) -> None:
        """Ends the part; ``duration_s`` is that of the whole video."""
        if not self.times and (self._after is not None or (duration_s or 0.0) > self._part.start):
            self._still_shown()

    def _still_shown(self) -> None:
        """Takes the picture that was on the screen when the part began: some videos have one in many seconds."""
        if self._before is not None:
            self._keep(self._before)
            self._before = None

    def _keep(self, frame: Any) -> None:
        if self._scenes.feed(frame.reformat(*SMALL, "gray", interpolation="AREA").to_ndarray()):
            self.scenes.append(len(self.times))
        if len(self.times) < _LOOKED_AT:
            self._n_interlaced += bool(frame.interlaced_frame)
        self.times.append(frame.pts)
        self._lasts = int(frame.duration or 0)


def read_index(folder: Path) -> VideoIndex | None:
    """Returns the index of a folder; None where it is absent or not whole."""
    try:
        told = json.loads((folder / INDEX).read_text(encoding="utf-8"))
        index = VideoIndex(
            VideoFacts.from_dict(told["facts"]), int(told["n_frames"]), tuple(told["scenes"]),
            tuple((int(first), int(end)) for first, end in told["runs"]), bool(told["interlaced"]),
            bool(told["damaged"]), tuple(told["notes"]), Part(*told["part"]), int(told["zero"]), int(told["lasts"]),
            tuple(told["jumps"]),
        )  # fmt: skip
        whole = (folder / TIMES).stat().st_size == 8 * index.n_frames
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return index if whole else None


def read_times(folder: Path) -> Times:
    """Returns when each frame is shown, in units of ``facts.time_base`` in the video's own clock; raises OSError."""
    return np.fromfile(folder / TIMES, "<i8").astype(np.int64)


def _told(index: VideoIndex) -> bytes:
    told = {
        "facts": index.facts.to_dict(), "n_frames": index.n_frames, "scenes": index.scenes, "runs": index.runs,
        "interlaced": index.interlaced, "damaged": index.damaged, "notes": index.notes,
        "part": [index.part.start, index.part.end], "zero": index.zero, "lasts": index.lasts, "jumps": index.jumps,
    }  # fmt: skip
    return json.dumps(told).encode()


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    with open(part, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
