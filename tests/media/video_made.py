"""Videos made for tests: a pattern that moves, with whatever is odd about it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np

TICK = Fraction(1, 12_800)


@dataclass(frozen=True, slots=True)
class Odd:
    """What a made video is like; ``times`` in seconds replace the even ones, ``cuts`` are frames with a new picture."""

    size: tuple[int, int] = (64, 48)
    n_frames: int = 12
    codec: str = "libx264"
    pixels: str = "yuv420p"
    times: tuple[float, ...] | None = None
    cuts: tuple[int, ...] = ()
    rotation: int = 0
    full_range: bool = False
    transfer: int | None = None
    sound: bool = True
    options: tuple[tuple[str, str], ...] = (("crf", "10"),)
    shape: Fraction = Fraction(1)


def picture(at: int, scene: int, size: tuple[int, int]) -> np.ndarray[Any, Any]:
    """Returns one RGB picture of a pattern that has moved ``at`` pixels; scenes differ in light and place."""
    width, height = size
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    wave = np.sin((columns + at) / (4 + 3 * scene)) + np.cos((rows - at) / (5 + scene))
    grey = 40 + 55 * (scene % 3) + 20 * wave
    return np.clip(np.stack([grey, grey * 0.8, 255 - grey], axis=2), 0, 255).astype(np.uint8)


def made(path: Path, odd: Odd | None = None) -> Path:
    """Writes a video and returns its path."""
    odd = odd or Odd()
    with av.open(str(path), "w") as output:
        stream: Any = output.add_stream(odd.codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = *odd.size, odd.pixels
        stream.time_base = stream.codec_context.time_base = TICK
        stream.codec_context.sample_aspect_ratio = odd.shape
        stream.codec_context.color_range = 2 if odd.full_range else 1
        if odd.transfer is not None:
            stream.codec_context.color_trc = odd.transfer
        if odd.rotation:
            stream.set_display_rotation(odd.rotation)
        if odd.codec == "libx264":
            stream.codec_context.options = dict(odd.options)
        sound: Any = output.add_stream("aac", rate=44_100) if odd.sound else None
        scene = 0
        for number in range(odd.n_frames):
            scene += number in odd.cuts
            frame = av.VideoFrame.from_ndarray(picture(number, scene, odd.size), "rgb24").reformat(
                format=odd.pixels, dst_color_range="JPEG" if odd.full_range else "MPEG"
            )
            at = odd.times[number] if odd.times else number / 25
            frame.pts, frame.time_base = round(at / TICK), TICK
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
        if sound is not None:
            _beep(output, sound, odd.n_frames / 25)
    return path


def _beep(output: Any, stream: Any, seconds: float) -> None:
    n_samples = int(44_100 * seconds)
    tone = (0.2 * np.sin(np.arange(n_samples) * 0.06)).astype(np.float32)
    for at in range(0, n_samples, 1024):
        frame = av.AudioFrame.from_ndarray(tone[None, at : at + 1024], format="fltp", layout="mono")
        frame.sample_rate, frame.pts, frame.time_base = 44_100, at, Fraction(1, 44_100)
        output.mux(stream.encode(frame))
    output.mux(stream.encode(None))


def times_of(path: Path) -> list[float]:
    """Returns when each picture of a video is shown, in seconds."""
    with av.open(str(path)) as container:
        return [round(float(frame.time), 4) for frame in container.decode(video=0)]
