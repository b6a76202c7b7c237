"""Enlarges videos without a model: Lanczos. For machines on which a network takes days."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.base import ModelSpec, Place, Report
from engines.errors import EngineError
from engines.requests_video import VideoItem
from engines.video.beat import Beat
from engines.video.frames import Frames
from engines.video.output import Output, keep_still, still_of
from media.limits import MediaLimits
from media.video_index import VideoIndex, read_index

Picture = npt.NDArray[np.uint8]


class LanczosEngine:
    """Runs VideoItems; the result of one is ``{"run", "n_frames", "bytes", "took_s", "frames_a_second"}``.

    It needs no weights.
    """

    def __init__(self) -> None:
        self._threads = 1
        self._key: tuple[str, str] | None = None
        self._frames: Frames | None = None

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Takes note of the place; there is nothing to load."""
        del spec, weights
        self._threads = place.threads

    def run(self, batch: Sequence[VideoItem], report: Report) -> list[dict[str, Any]]:
        """Reports and returns one result for each item; raises EngineError, MediaError, OSError."""
        results = []
        for position, item in enumerate(batch):
            results.append(self._item(item, partial(report, position)))
            report(position, results[-1])
        return results

    def close(self) -> None:
        """Ends the decoder."""
        if self._frames is not None:
            self._frames.close()
            self._frames = None

    def _item(self, item: VideoItem, tell: Callable[[dict[str, Any]], None]) -> dict[str, Any]:
        index = read_index(Path(item.folder))
        if index is None or item.number >= len(index.runs):
            raise EngineError("engine_failed", reason="the video is not there")
        first, end = index.runs[item.number]
        frames, beat = self._frames_at(item, index, first), Beat(tell, end - first, end - first)
        enlarged = Enlarging(item.scale)
        with Output(item, index, self._threads, False) as output:
            for number in range(first, end):
                beat.step()
                before = frames.take()
                after = enlarged(before)
                output.put(after)
                beat.n_done += 1
                if number == still_of(index):
                    keep_still(item, before, after)
            size = output.finish()
        return {"run": f"{item.number}", "n_frames": end - first, "bytes": size, **beat.ended()}

    def _frames_at(self, item: VideoItem, index: VideoIndex, first: int) -> Frames:
        key = item.video, item.folder
        if self._frames is None or self._key != key or self._frames.next_frame != first:
            self.close()
            self._key, self._frames = key, Frames(*key_of(item), index, first, MediaLimits())
        return self._frames


def key_of(item: VideoItem) -> tuple[str, Path]:
    """Returns the video and the folder of an item."""
    return item.video, Path(item.folder)


class Enlarging:
    """Enlarges pictures of one size by ``scale``."""

    def __init__(self, scale: int) -> None:
        from av.video.reformatter import VideoReformatter

        self._scale = scale
        # One for all pictures: it keeps the tables of its filter.
        self._reformatter: Any = VideoReformatter()

    def __call__(self, picture: Picture) -> Picture:
        """Returns a picture ``scale`` times as large."""
        import av
        from av.video.reformatter import Interpolation

        height, width = picture.shape[:2]
        made = self._reformatter.reformat(
            av.VideoFrame.from_ndarray(picture, "rgb24"), self._scale * width, self._scale * height, "rgb24",
            interpolation=Interpolation.LANCZOS | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
        )  # fmt: skip
        return np.asarray(made.to_ndarray())
