"""Sharper video against basicsr's own inference of the whole clip: what it looks like, and processor time, interleaved.

    python bench/video.py --models FOLDER --media FOLDER [--frames N] [--rounds N]

Needs the pack of video. A real clip is scaled down to a quarter and made four times as large again: by bicubic, by the
package as it is (``model(clip)``), and by runs as jobs are made of. PSNR and SSIM are of luma, against the clip itself.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import av
import numpy as np
import numpy.typing as npt

from bench.options import options
from engines.video.network import read_network
from engines.video.propagation import Propagation
from engines.video.stream import Stream
from media.video_facts import VideoFacts
from media.video_index import VideoIndex
from media.video_scenes import runs_of

Picture = npt.NDArray[np.uint8]
_EDGE = 8
_WEIGHTS = Path("basicvsr-clean") / "BasicVSR_REDS4.pth"


class Clip:
    """Frames in memory that are given as a decoder would."""

    def __init__(self, pictures: list[Picture]) -> None:
        self._pictures = pictures
        self.next_frame = 0

    def take(self) -> Picture:
        self.next_frame += 1
        return self._pictures[self.next_frame - 1]

    def close(self) -> None:
        pass


def main() -> None:
    """Prints the figures."""
    parser = options(__doc__)
    parser.add_argument("--frames", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--run", type=int, default=16, help="frames of a run")
    told = parser.parse_args()
    import torch

    torch.set_num_threads(2)
    true, small = read(told.media / "video" / "realshort.mp4", told.frames)
    print(f"{len(true)} frames {small[0].shape[1]} x {small[0].shape[0]}, runs of {told.run}")
    show("bicubic", [scaled(picture, 4) for picture in small], true)
    weights = told.models / _WEIGHTS
    plain = read_network(weights, "BasicVSR")
    kinds = {"float32": torch.float32, "bfloat16": torch.bfloat16}
    own = {name: Propagation(read_network(weights, "BasicVSR"), "cpu", kind) for name, kind in kinds.items()}
    spent: dict[str, float] = dict.fromkeys(("package", *own), 0.0)
    waited = dict(spent)
    made: dict[str, list[Picture]] = {}
    for _ in range(told.rounds):
        ways: dict[str, Callable[[], list[Picture]]] = {"package": partial(whole, plain, small)}
        ways |= {name: partial(runs, network, small, told.run) for name, network in own.items()}
        for name, way in ways.items():
            began, at = time.process_time(), time.monotonic()
            made[name] = way()
            spent[name] += time.process_time() - began
            waited[name] += time.monotonic() - at
    for name, pictures in made.items():
        show(name, pictures, true)
        n = told.rounds * len(true)
        print(
            f"{name} CPU {spent[name] / n:.3f} s a frame, {spent['package'] / spent[name]:.2f} times as fast as the"
            f" package; waited {waited[name] / n:.3f} s, {waited['package'] / waited[name]:.2f} times as fast"
        )


def read(path: Path, n_frames: int) -> tuple[list[Picture], list[Picture]]:
    """Returns the first frames of a clip, and the same scaled down to a quarter."""
    with av.open(str(path)) as container:
        found = [
            frame.to_ndarray(format="rgb24")
            for frame, _ in zip(container.decode(video=0), range(n_frames), strict=False)
        ]
    return found, [scaled(frame, 0.25) for frame in found]


def scaled(picture: Picture, times: float) -> Picture:
    """Returns a picture scaled by bicubic."""
    height, width = picture.shape[:2]
    frame = av.VideoFrame.from_ndarray(picture, "rgb24")
    made = frame.reformat(round(width * times), round(height * times), interpolation="BICUBIC")
    return np.asarray(made.to_ndarray())


def whole(network: Any, small: list[Picture]) -> list[Picture]:
    """Returns what the package makes of a whole clip, as its own script does."""
    import torch

    with torch.no_grad():
        clip = torch.stack([torch.from_numpy(frame).permute(2, 0, 1).float() / 255 for frame in small])[None]
        found = network(clip)[0]
    return [np.asarray((frame.clamp(0, 1) * 255).round().byte().permute(1, 2, 0)) for frame in found]


def runs(network: Propagation, small: list[Picture], length: int) -> list[Picture]:
    """Returns what is made of a clip run by run."""
    import torch

    height, width = small[0].shape[:2]
    cut = tuple(runs_of([0], len(small), length))
    index = VideoIndex(VideoFacts(width, height, (25, 1), (1, 25)), len(small), (0,), cut)
    with torch.inference_mode():
        stream = Stream(Clip(small), index, network, 1 << 30, 0, Path())
        return [after for run in cut for _, _, after in stream.made(*run)]


def show(name: str, pictures: list[Picture], true: list[Picture]) -> None:
    """Prints how near pictures are to the true ones."""
    pairs = [(luma(made), luma(wanted)) for made, wanted in zip(pictures, true, strict=True)]
    psnr = np.mean([10 * np.log10(255**2 / np.mean((a - b) ** 2)) for a, b in pairs])
    print(f"{name} PSNR-Y {psnr:.3f} dB, SSIM-Y {np.mean([ssim(a, b) for a, b in pairs]):.4f}")


def luma(picture: Picture) -> npt.NDArray[np.float64]:
    """Returns luma by ITU-R BT.601, 16 to 235, without the edge."""
    return (16 + picture.astype(np.float64) @ np.array([65.481, 128.553, 24.966]) / 255)[_EDGE:-_EDGE, _EDGE:-_EDGE]


def ssim(a: npt.NDArray[np.float64], b: npt.NDArray[np.float64]) -> float:
    """Returns the structural similarity with a Gaussian window of 11 pixels (Wang et al., 2004)."""
    kernel = np.exp(-((np.arange(11) - 5) ** 2) / (2 * 1.5**2))
    kernel /= kernel.sum()

    def mean(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        rows = np.apply_along_axis(lambda row: np.convolve(row, kernel, "valid"), 1, values)
        return np.apply_along_axis(lambda column: np.convolve(column, kernel, "valid"), 0, rows)

    low, high = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    mean_a, mean_b = mean(a), mean(b)
    both = mean(a * b) - mean_a * mean_b
    spread = mean(a * a) - mean_a**2 + mean(b * b) - mean_b**2
    found = (2 * mean_a * mean_b + low) * (2 * both + high) / ((mean_a**2 + mean_b**2 + low) * (spread + high))
    return float(found.mean())


if __name__ == "__main__":
    main()
