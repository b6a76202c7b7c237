"""Encodes enlarged pictures of one run, so that runs encoded apart can be put one behind the other unchanged."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from media.errors import MediaError
from media.realtime import end_realtime
from media.video_facts import VideoFacts

Picture = npt.NDArray[np.uint8]
QUALITIES = ("small", "good", "best")
KINDS = ("h264", "h265", "av1")
MOST_LATE = 3
"""An encoder puts at most so many pictures before one that is shown earlier."""
_MATRICES = {1: "ITU709", 4: "FCC", 5: "ITU601", 6: "ITU601", 7: "SMPTE240M", 9: "BT2020", 10: "BT2020"}
_PRIMARIES = {1: 1, 4: 4, 5: 5, 6: 6, 7: 7, 9: 9, 10: 9}
_AHEAD = "rc-lookahead=12:sync-lookahead=0"
_CONSTANT = {
    "libx264": (23, 18, 14), "libx265": (26, 21, 17), "libsvtav1": (38, 30, 22),
    "h264_nvenc": (28, 22, 17), "hevc_nvenc": (29, 24, 19), "av1_nvenc": (36, 28, 21),
}  # fmt: skip
"""What an encoder's constant quality is for each of ``QUALITIES``."""
_ON_GPU = {"h264": "h264_nvenc", "h265": "hevc_nvenc", "av1": "av1_nvenc"}
_ON_CPU = {"h264": "libx264", "h265": "libx265", "av1": "libsvtav1"}


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a result is encoded: one of ``KINDS`` and ``QUALITIES``, times as large, by how many threads; ``gpu`` takes
    the encoder of an NVIDIA card where it opens."""

    kind: str = "h264"
    quality: str = "good"
    scale: int = 4
    threads: int = 2
    gpu: bool = False


class RunWriter:
    """Writes ``path`` with the pictures of one run; it is there wholly, after ``finish``, or not at all.

    ``origin`` is the frame time that counts as 0. Raises MediaError ``video_not_written`` and OSError.
    """

    def __init__(self, path: Path, facts: VideoFacts, encoding: Encoding, origin: int) -> None:
        import av

        self._path, self._facts, self._encoding, self._origin = path, facts, encoding, origin
        self._part = path.with_name(f"{path.name}.part")
        self._began = False
        self._reformatter: Any = av.video.reformatter.VideoReformatter()
        self._output = av.open(str(self._part), "w", format="nut")
        try:
            self._stream = self._opened()
        except BaseException:
            self._output.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._output.close()
        self._part.unlink(missing_ok=True)

    def write(self, picture: Picture, pts: int) -> None:
        """Adds a picture that is shown at ``pts``, in the video's own clock."""
        frame = self._frame(picture)
        frame.pts, frame.time_base = pts - self._origin, Fraction(*self._facts.time_base)
        self._mux(frame)

    def finish(self) -> int:
        """Ends the run, makes it safe on disk, and returns its size in bytes."""
        self._mux(None)
        self._output.close()
        with open(self._part, "rb") as file:
            os.fsync(file.fileno())
        size = self._part.stat().st_size
        os.replace(self._part, self._path)
        return size

    def _mux(self, frame: Any) -> None:
        import av

        try:
            self._output.mux(self._stream.encode(frame))
        except (av.FFmpegError, ValueError) as error:
            raise _not_written(self._encoding, error) from error
        if not self._began:
            # The first picture opens the encoder, and with it its threads.
            self._began = True
            end_realtime()

    def _frame(self, picture: Picture) -> Any:
        import av
        from av.video.reformatter import ColorRange, Colorspace, Interpolation

        facts, scale = self._facts, self._encoding.scale
        return self._reformatter.reformat(
            av.VideoFrame.from_ndarray(picture, "rgb24"), facts.width * scale, facts.height * scale, "yuv420p",
            dst_colorspace=Colorspace[_MATRICES.get(facts.matrix_used, "ITU709")],
            src_color_range=ColorRange.JPEG,
            dst_color_range=ColorRange.JPEG if facts.full_range else ColorRange.MPEG,
            interpolation=Interpolation.LANCZOS | Interpolation.ACCURATE_RND | Interpolation.FULL_CHR_H_INT,
        )  # fmt: skip

    def _opened(self) -> Any:
        import av

        encoding = self._encoding
        names = [_ON_CPU[encoding.kind]]
        if encoding.gpu:
            names.insert(0, _ON_GPU[encoding.kind])
        problem: Exception | None = None
        for name in names:
            try:
                return self._stream_of(name)
            except (av.FFmpegError, ValueError) as error:
                problem = error
        raise _not_written(encoding, problem)

    def _stream_of(self, name: str) -> Any:
        import av

        facts, scale = self._facts, self._encoding.scale
        trial = av.CodecContext.create(name, "w")
        self._dress(trial, name)
        trial.open()
        end_realtime()
        stream: Any = self._output.add_stream(name, rate=Fraction(*facts.rate))
        self._dress(stream.codec_context, name)
        stream.time_base = Fraction(*facts.time_base)
        stream.width, stream.height = facts.width * scale, facts.height * scale
        return stream

    def _dress(self, context: Any, name: str) -> None:
        facts, scale = self._facts, self._encoding.scale
        context.width, context.height, context.pix_fmt = facts.width * scale, facts.height * scale, "yuv420p"
        context.time_base, context.framerate = Fraction(*facts.time_base), Fraction(*facts.rate)
        context.sample_aspect_ratio = Fraction(*facts.pixel_shape)
        context.colorspace = facts.matrix_used
        context.color_primaries = facts.primaries if facts.primaries != 2 else _PRIMARIES.get(facts.matrix_used, 1)
        context.color_trc = facts.transfer if facts.transfer != 2 else (6 if facts.matrix_used in (5, 6) else 1)
        context.color_range = 2 if facts.full_range else 1
        context.thread_count = self._encoding.threads
        context.options = options_of(name, self._encoding)


def options_of(name: str, encoding: Encoding) -> Mapping[str, str]:
    """Returns the private options of an encoder. What it writes ahead of its pictures must not depend on these."""
    constant = str(_CONSTANT[name][QUALITIES.index(encoding.quality)])
    if name == "libx264":
        # Little looking ahead: at 2160p each picture that it holds takes 12 MB.
        return {"crf": constant, "preset": "medium", "bf": "2", "x264-params": f"{_AHEAD}:open-gop=0"}
    if name == "libx265":
        return {
            "crf": constant,
            "preset": "fast",
            "x265-params": f"log-level=none:bframes=2:rc-lookahead=12:open-gop=0:pools={encoding.threads}",
        }
    if name == "libsvtav1":
        return {"crf": constant, "preset": "8", "svtav1-params": f"lp={min(2, encoding.threads)}:lookahead=8"}
    return {"rc": "vbr", "cq": constant, "preset": "p5", "bf": "2", "b": "0"}


def run_name(number: int) -> str:
    """Returns the file name of a run."""
    return f"run-{number:06d}.nut"


def _not_written(encoding: Encoding, error: Exception | None) -> MediaError:
    return MediaError("video_not_written", status=500, kind=encoding.kind.upper(), why=str(error or "")[:200])
