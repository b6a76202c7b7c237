"""The reading of a video for a job: its index is written, and its runs of frames become chunks."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from engines.requests_video import VideoRequest
from media.packing import Chunk
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
    facts = told["facts"]
    return chunks_of(told["runs"], facts["width"], facts["height"]), tuple(told["notes"])
