"""Pictures of a video as files: one of it as it came and the same moment of the result."""

from __future__ import annotations

import os
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

Picture = npt.NDArray[np.uint8]


def write_png(path: Path, picture: Picture) -> None:
    """Writes an RGB picture without loss; it is there wholly or not at all. Raises OSError."""
    _write(path, _packed(picture, "png", "rgb24", {"compression_level": "6"}))


def write_jpeg(path: Path, picture: Picture) -> None:
    """Writes an RGB picture with hardly any loss; it is there wholly or not at all. Raises OSError."""
    _write(path, _packed(picture, "mjpeg", "yuvj444p", {"qmin": "2", "qmax": "2"}))


def _packed(picture: Picture, codec: str, kind: str, options: dict[str, str]) -> bytes:
    import av

    context: Any = av.CodecContext.create(codec, "w")
    context.height, context.width = picture.shape[:2]
    context.pix_fmt, context.options = kind, options
    context.time_base = Fraction(1, 25)
    frame = av.VideoFrame.from_ndarray(picture, "rgb24").reformat(format=kind, dst_color_range="JPEG")
    frame.pts = 0
    return b"".join(bytes(packet) for packet in [*context.encode(frame), *context.encode(None)])


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    with open(part, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
