"""Measures the peak memory of the whole process tree for 10 minutes, 1 hour and 10 hours of sound.

    python bench/memory_flat.py [--minutes 10 60 600] [--speech 10] [--compare]

Each length is Opus with some seconds of real speech in every ten minutes, sent over HTTP to a fresh server. Before it,
and within the peak, runs a short recording that fills whole batches: their size is no matter of length. ``--compare``
runs faster-whisper's batched pipeline on the same file in a process of its own. Memory is the proportional set size
where the system tells it. Goal: under 1 MB of growth for each hour.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from bench.recordings import Sound, speech, with_silence, write_opus
from bench.room import open_room
from bench.tree import Peak, cpu_s

WARM_S = 240.0
THEIRS = """
import sys
from faster_whisper import BatchedInferencePipeline, WhisperModel
pipeline = BatchedInferencePipeline(WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=2))
segments, _ = pipeline.transcribe(sys.argv[2], language="en", beam_size=5, batch_size=8)
print(sum(1 for _ in segments))
"""


def main() -> None:
    """Prints a line for each length, and the growth for each hour."""
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[10.0, 60.0, 600.0])
    parser.add_argument("--speech", type=float, default=10.0, help="seconds of speech in every ten minutes")
    parser.add_argument("--compare", action="store_true")
    told = parser.parse_args()
    peaks: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for minutes in told.minutes:
            path = folder / "sound.opus"
            said = speech(told.media, told.speech)
            write_opus(path, with_silence(said, min(600.0, minutes * 60)), minutes * 60)
            peak, line = ours(folder / f"data-{minutes:.0f}", told.models, path, speech(told.media, WARM_S))
            peaks.append((minutes / 60, peak))
            theirs = f"   faster-whisper {their_peak(told.models, path):7.0f} MiB" if told.compare else ""
            print(f"{minutes:6.0f} min   peak {peak:7.1f} MiB   {line}{theirs}", flush=True)
    if len(peaks) > 1:
        (first_h, first), (last_h, last) = peaks[0], peaks[-1]
        print(f"growth {(last - first) / (last_h - first_h):.2f} MiB for each hour of sound")


def ours(data: Path, models: Path, path: Path, said: Sound) -> tuple[float, str]:
    """Returns the peak in MiB while a job runs in a fresh server, and a line about the rest."""
    data.mkdir()
    warm = data / "warm.opus"
    write_opus(warm, said, WARM_S)
    with open_room(data, models) as room, Peak(room.pid) as peak:
        room.wait(room.submit(room.upload(warm)))
        first, spent, begun = peak.mib, cpu_s(room.pid), time.monotonic()
        job = room.wait(room.submit(room.upload(path)), every_s=1.0)
        taken = time.monotonic() - begun
        n_lines = len(room.ask("GET", f"/api/jobs/{job['id']}/segments", params={"limit": 2000})["segments"])
        return (
            peak.mib,
            f"before {first:7.1f} MiB   {taken:6.1f} s, CPU {cpu_s(room.pid) - spent:6.1f} s, {n_lines} lines",
        )


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
