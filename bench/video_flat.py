"""Measures how the memory of each process grows with the length of a video: 50, 500, 5,000 small frames.

    python bench/video_flat.py [--frames 50 500 5000] [--width 32] [--height 32] [--source clean]

Each length is a pattern that moves, with a cut every 400 frames, sent over HTTP to a fresh server. Memory is what a
process has for itself (USS, Linux), at its most while the job runs. The growth is that from the second length to the
last one: the first is shorter than one run, so that less is held. Goal: within 5 %.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import av
import numpy as np

from bench.options import options
from bench.room import open_room
from bench.tree import RolePeaks

_SCENE = 400
_ROLES = ("server", "engine", "reader")


def main() -> None:
    """Prints a line for each length, and the growth of each process."""
    parser = options(__doc__)
    parser.add_argument("--frames", type=int, nargs="+", default=[50, 500, 5000])
    parser.add_argument("--width", type=int, default=32)
    parser.add_argument("--height", type=int, default=32)
    parser.add_argument("--source", default="clean", help="clean, compressed, blurred or quick")
    told = parser.parse_args()
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        for n_frames in told.frames:
            path, data = Path(name) / f"{n_frames}.mp4", Path(name) / f"data-{n_frames}"
            write(path, n_frames, (told.width, told.height))
            data.mkdir()
            began = time.monotonic()
            rows.append(peaks(data, told.models, path, told.source))
            line = "   ".join(f"{role} {rows[-1].get(role, 0):6.1f}" for role in _ROLES)
            print(f"{n_frames:6d} frames   {line}  MiB  ({time.monotonic() - began:.0f} s)", flush=True)
    if len(rows) > 2:
        growth = {role: 100 * (rows[-1][role] / rows[1][role] - 1) for role in _ROLES if rows[1].get(role)}
        print("   ".join(f"{role} {percent:+.1f} %" for role, percent in growth.items()))


def write(path: Path, n_frames: int, size: tuple[int, int]) -> None:
    """Writes a video without sound."""
    width, height = size
    columns, rows = np.meshgrid(np.arange(width), np.arange(height))
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=25, options={"crf": "16", "preset": "fast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for at in range(n_frames):
            scene = at // _SCENE % 3
            grey = 60 + 60 * scene + 30 * np.sin((columns + at / 2) / (2 + scene)) + 20 * np.cos((rows - at / 3) / 3)
            picture = np.clip(np.stack([grey, grey * 0.9, 255 - grey], axis=2), 0, 255).astype(np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        output.mux(stream.encode(None))


def peaks(data: Path, models: Path, path: Path, source: str) -> dict[str, float]:
    """Returns the most MiB that each kind of process had for itself while a fresh server made the video sharper."""
    with open_room(data, models) as room, RolePeaks(room.pid, every_s=0.2) as watched:
        upload = room.upload(path)
        request = {"source": source, "scale": 4}
        job = room.ask("POST", "/api/video/jobs", json={"uploads": [upload], "request": request})["jobs"][0]
        room.wait(str(job["id"]), every_s=0.5)
        return watched.mark()


if __name__ == "__main__":
    main()
