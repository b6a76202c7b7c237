"""Measures how the memory of each process grows with the length of the sound: 10 minutes, 1 hour, 10 hours.

    python bench/memory_flat.py [--minutes 10 60 600] [--speech 10] [--compare]

Each length is Opus with some seconds of real speech in every ten minutes, sent over HTTP to a fresh server. Memory is
what a process has for itself (USS, Linux). Three processes matter, each looked at where it would grow:

- the server and the reader: their peak while the job runs, the end of it too, when its text is joined;
- the engine: its peak over one and the same short recording, before the job and after it. Its peak inside the job is
  printed and does not count: how many stretches come together in a batch, and how long they are, is chance, and a
  longer job throws the dice more often. A batch is bounded, whatever the length; what would stay behind is not.

Before all that the short recording is run once, so that every process has all it ever loads. The growth is the slope
of a line through the lengths, for each process, and their sum is the figure. ``--compare`` runs faster-whisper's
batched pipeline on the same file in a process of its own and tells its peak. Goal: under 1 MiB for each hour.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from math import nan
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from bench.recordings import RATE, Sound, speech, with_silence, write_opus
from bench.room import Room, open_room
from bench.tree import Peak, RolePeaks

COUNTED = ("server in the job", "reader in the job", "engine after it")
THEIRS = """
import sys
from faster_whisper import BatchedInferencePipeline, WhisperModel
pipeline = BatchedInferencePipeline(WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=2))
segments, _ = pipeline.transcribe(sys.argv[2], language="en", beam_size=5, batch_size=8)
print(sum(1 for _ in segments))
"""


def main() -> None:
    """Prints a line for each length, the growth of each process for each hour, and their sum."""
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[10.0, 60.0, 600.0])
    parser.add_argument("--speech", type=float, default=10.0, help="seconds of speech in every ten minutes")
    parser.add_argument("--short", type=float, default=120.0, help="seconds of speech in the short recording")
    parser.add_argument("--compare", action="store_true")
    told = parser.parse_args()
    rows: list[dict[str, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for minutes in told.minutes:
            path = folder / "sound.opus"
            said = speech(told.media, told.speech)
            write_opus(path, with_silence(said, min(600.0, minutes * 60)), minutes * 60)
            begun = time.monotonic()
            rows.append(ours(folder / f"data-{minutes:.0f}", told.models, path, speech(told.media, told.short)))
            line = "   ".join(f"{what} {mib:6.1f}" for what, mib in rows[-1].items())
            theirs = f"   faster-whisper {their_peak(told.models, path):7.0f}" if told.compare else ""
            print(f"{minutes:5.0f} min  {line}{theirs}  MiB  ({time.monotonic() - begun:.0f} s)", flush=True)
    if len(rows) > 1:
        hours = [minutes / 60 for minutes in told.minutes]
        slopes = {what: slope(hours, [row[what] for row in rows]) for what in COUNTED}
        print("   ".join(f"{what} {mib:+.2f}" for what, mib in slopes.items()), " MiB for each hour")
        print(f"growth {sum(slopes.values()):.2f} MiB for each hour of sound")


def ours(data: Path, models: Path, path: Path, said: Sound) -> dict[str, float]:
    """Returns the peaks in MiB of the processes of a fresh server before, in and after the job."""
    data.mkdir()
    with open_room(data, models) as room, RolePeaks(room.pid, every_s=0.2) as peaks:
        for number in range(2):
            run_short(room, data, said, number)
            before = peaks.mark()
        room.wait(room.submit(room.upload(path)), every_s=1.0)
        inside = peaks.mark()
        run_short(room, data, said, 2)
        after = peaks.mark()
    return {
        "server in the job": inside.get("server", nan),
        "reader in the job": inside.get("reader", nan),
        "engine in the job": inside.get("engine", nan),
        "engine before it": before.get("engine", nan),
        "engine after it": after.get("engine", nan),
    }


def run_short(room: Room, data: Path, said: Sound, number: int) -> None:
    """Runs the short recording; a title of its own makes it one that has not been done yet."""
    path = data / f"short-{number}.opus"
    write_opus(path, said, len(said) / RATE, title=str(number))
    room.wait(room.submit(room.upload(path)))


def slope(at: Sequence[float], values: Sequence[float]) -> float:
    """Returns the growth of ``values`` for each unit of ``at``: the slope of the line of least squares."""
    middle, mean = sum(at) / len(at), sum(values) / len(values)
    spread = sum((x - middle) ** 2 for x in at)
    return sum((x - middle) * (y - mean) for x, y in zip(at, values, strict=True)) / spread


def their_peak(models: Path, path: Path) -> float:
    """Returns the peak of faster-whisper in MiB."""
    process = subprocess.Popen(
        [sys.executable, "-c", THEIRS, str(models / "base"), str(path)], stdout=subprocess.DEVNULL
    )
    with Peak(process.pid) as peak:
        process.wait()
    return peak.mib


if __name__ == "__main__":
    main()
