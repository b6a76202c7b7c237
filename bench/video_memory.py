"""What making large frames sharper takes of memory: one and four frames of 1080p, and a frame of 4K.

    python bench/video_memory.py --models FOLDER [--tiles 1]

Needs the pack of video. Each case is a process of its own, as the engine is; printed is the most that it held (resident
set, as the kernel counts it): network, frames and tiles, then with the encoder too. Frames are made in tiles of one
size, so the making is ended when some are done; pictures of the full size are then encoded.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from bench.options import options
from engines import catalog
from engines.base import Place
from engines.video.basicvsr import BasicVsrEngine
from engines.video.stream import Stream
from media.video_encoding import Encoding, RunWriter
from media.video_facts import VideoFacts
from media.video_index import VideoIndex

CASES = {"one frame of 1080p": (1920, 1080, 1, 4), "four frames of 1080p": (1920, 1080, 4, 4),
         "one frame of 4K": (3840, 2160, 1, 2)}  # fmt: skip
"""Width and height, frames, and how many times as large the result is: 4K may become 8K, and no more."""


class Enough(Exception):
    """So many tiles say it all."""


class Pictures:
    """Frames of noise, as a decoder would give them."""

    def __init__(self, width: int, height: int) -> None:
        self._size = height, width, 3
        self.next_frame = 0

    def take(self) -> np.ndarray:
        self.next_frame += 1
        return np.random.default_rng(self.next_frame).integers(0, 255, self._size, np.uint8)

    def close(self) -> None:
        pass


def main() -> None:
    """Prints a line for each case."""
    parser = options(__doc__)
    parser.add_argument("--tiles", type=int, default=1, help="after which a case is ended")
    parser.add_argument("--case", choices=list(CASES))
    told = parser.parse_args()
    if told.case:
        one(told.case, told.models, told.tiles)
        return
    for case in CASES:
        words = ["--case", case, "--models", str(told.models), "--tiles", str(told.tiles)]
        subprocess.run([sys.executable, __file__, *words], check=True)


def one(case: str, models: Path, n_tiles: int) -> None:
    """Measures one case in this process."""
    width, height, n_frames, scale = CASES[case]
    spec = catalog.by_name("basicvsr-clean")
    engine = BasicVsrEngine()
    engine.load(spec, models / spec.name, Place("cpu", "float32", 2))
    loaded = peak_mib()
    net, budget = engine._propagation, engine._budget
    assert net is not None
    facts = VideoFacts(width, height, (25, 1), (1, 25))
    index = VideoIndex(facts, n_frames, (0,), ((0, n_frames),))
    # Of a tile: motion between its frames, both ways through them, and their enlarging.
    n_steps, most = 0, n_tiles * (4 * n_frames - 1)

    def step(work: float) -> None:
        nonlocal n_steps
        n_steps += 1
        if n_steps > most:
            raise Enough

    net.on_step = step
    with tempfile.TemporaryDirectory() as name:
        import torch

        stream = Stream(Pictures(width, height), index, net, budget, 0, Path(name))
        whole = True
        with torch.inference_mode():
            try:
                for _ in stream.made(0, n_frames):
                    pass
            except Enough:
                whole = False
        tiles_mib = peak_mib()
        with RunWriter(Path(name) / "run", facts, Encoding(scale=scale), 0) as writer:
            # The network always makes four times the size; the writer brings it to what is wanted.
            picture = np.random.default_rng(0).integers(0, 255, (4 * height, 4 * width, 3), np.uint8)
            for number in range(n_frames):
                writer.write(picture, number)
            writer.finish()
    seen = "all of them" if whole else f"{n_tiles} of them"
    print(
        f"{case:22s} loaded {loaded:6.0f} MiB   {len(stream.tiles):3d} tiles, {seen}: {tiles_mib:6.0f} MiB"
        f"   with the encoder {peak_mib():6.0f} MiB",
        flush=True,
    )


def peak_mib() -> float:
    """Returns the most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
