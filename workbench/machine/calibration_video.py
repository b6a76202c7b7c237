"""The video that a calibration is run on: a pattern that moves, made and indexed in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from media.errors import WorkbenchError
from media.limits import MediaLimits
from media.video_encoding import Encoding, RunWriter
from media.video_facts import VideoFacts
from media.video_index import INDEX, Part, make_index

SIDES = 160, 96, 6
"""Width, height and frames: some seconds of work for a processor, and no more memory than any video takes."""
NAME = "made.nut"
_ROOT = Path(__file__).resolve().parent.parent.parent
_PATIENCE_S = 60.0
_TICK = 1, 25


def picture(at: int) -> npt.NDArray[np.uint8]:
    """Returns one RGB picture ``(height, width, 3)`` of a pattern that has moved ``at`` pixels."""
    width, height, _ = SIDES
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    grey = 120 + 40 * np.sin((columns + at) / 5.0) + 40 * np.cos((rows - at) / 7.0)
    return np.clip(np.stack([grey, grey * 0.8, 255 - grey], axis=2), 0, 255).astype(np.uint8)


def make_video(folder: Path) -> Path:
    """Returns the video, whose index lies beside it; raises WorkbenchError ``internal`` where it cannot be made."""
    video = folder / NAME
    if video.is_file() and (folder / INDEX).is_file():
        return video
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "workbench.machine.calibration_video", str(folder)],
            cwd=_ROOT, env={**os.environ, "PYTHONPATH": str(_ROOT)}, timeout=_PATIENCE_S, check=False,
            capture_output=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise WorkbenchError("internal", what=type(error).__name__) from error
    if done.returncode:
        raise WorkbenchError("internal", what="calibration_video")
    return video


def main(folder: Path) -> None:
    """Writes the video and its index."""
    width, height, n_frames = SIDES
    facts = VideoFacts(width, height, (25, 1), _TICK)
    writer: Any = RunWriter(folder / NAME, facts, Encoding(scale=1), 0)
    with writer:
        for number in range(n_frames):
            writer.write(picture(2 * number), number)
        writer.finish()
    make_index(folder / NAME, folder, Part(), 4, MediaLimits(), lambda share: None)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
