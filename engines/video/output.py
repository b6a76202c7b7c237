"""Encodes what a network makes in a thread beside it, and keeps one picture of it to be looked at."""

from __future__ import annotations

import queue
import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.requests_video import VideoItem
from media.video_encoding import Encoding, RunWriter, run_name
from media.video_index import VideoIndex, read_times
from media.video_stills import write_jpeg, write_png

Picture = npt.NDArray[np.uint8]
WAITING = 2
"""So many enlarged pictures wait at most: at 2160p each takes 25 MB."""


class Output:
    """Takes the pictures of one run in order; ``finish`` returns the size of the file in bytes.

    Use it as a context manager; without ``finish`` nothing is left behind.
    """

    def __init__(self, item: VideoItem, index: VideoIndex, threads: int, gpu: bool) -> None:
        folder = Path(item.folder)
        times = read_times(folder)
        first, end = index.runs[item.number]
        self._times = times[first:end]
        encoding = Encoding(item.codec, item.quality, item.scale, threads, gpu)
        self._writer = RunWriter(folder / run_name(item.number), index.facts, encoding, int(times[0]))
        self._waiting: queue.Queue[Picture | None] = queue.Queue(WAITING)
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._encode, name="encode", daemon=True)
        self._thread.start()

    def __enter__(self) -> Output:
        return self

    def __exit__(self, *_: Any) -> None:
        if self._thread.is_alive():
            self._waiting.put(None)
            self._thread.join()
        self._writer.__exit__(None, None, None)

    def put(self, picture: Picture) -> None:
        """Takes the next picture; raises what the encoder has raised."""
        self._waiting.put(picture)
        if self._error is not None:
            raise self._error

    def finish(self) -> int:
        """Ends the run; raises MediaError, OSError."""
        self._waiting.put(None)
        self._thread.join()
        if self._error is not None:
            raise self._error
        return self._writer.finish()

    def _encode(self) -> None:
        at = 0
        while (picture := self._waiting.get()) is not None:
            if self._error is not None:
                continue
            try:
                self._writer.write(picture, int(self._times[at]))
                at += 1
            except BaseException as error:
                self._error = error


BEFORE, AFTER = "still_before.png", "still_after.jpg"


def still_of(index: VideoIndex) -> int:
    """Returns which frame is shown before and after: the middle one, of a run's own frames."""
    return index.n_frames // 2


def keep_still(item: VideoItem, before: Picture, after: Picture) -> None:
    """Writes one moment as it came and as it was made beside the runs; raises OSError."""
    write_png(Path(item.folder) / BEFORE, before)
    height, width = before.shape[:2]
    write_jpeg(Path(item.folder) / AFTER, scaled(after, width * item.scale, height * item.scale))


def scaled(picture: Picture, width: int, height: int) -> Picture:
    """Returns a picture at another size."""
    import av

    if picture.shape[:2] == (height, width):
        return picture
    frame = av.VideoFrame.from_ndarray(picture, "rgb24")
    return np.asarray(frame.reformat(width, height, interpolation="LANCZOS").to_ndarray())
