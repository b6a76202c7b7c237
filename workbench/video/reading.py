"""The reading of a video for a job: its index is written, and its runs of frames become chunks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engines.requests_video import VideoRequest
from media.packing import Chunk
from media.video_index import read_index
from workbench.errors import JobError
from workbench.tasks.video import chunks_of

Sound = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Gives an order to the intake's child."""


def read_frames(request: VideoRequest, source: Path, folder: Path, give: Sound) -> tuple[list[Chunk], tuple[str, ...]]:
    """Returns the chunks of a video and the codes of notes; raises MediaError, Stopped.

    An index that is there already is taken as it is.
    """
    told = give(
        {
            "work": "video_index", "source": str(source), "folder": str(folder), "scale": request.scale,
            "start": request.start, "end": request.end,
        }
    )  # fmt: skip
    # The runs of a long video would not fit the child's answer.
    index = read_index(folder)
    if index is None:
        raise JobError("video_lost", status=500)
    return chunks_of(index.runs, index.facts.width, index.facts.height), tuple(told["notes"])
