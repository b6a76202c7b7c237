"""Times the first text of a long recording: this program against faster-whisper's batched pipeline, in turns.

    python bench/first_text.py [--minutes 60] [--rounds 3]

Both sides have Whisper base loaded (int8, the same threads) and get the same speech as Opus. Ours is timed from the
moment the job is handed in to the moment its first line can be read over HTTP, with the upload told apart; theirs from
the call with the file's path to the first segment. Goal: a tenth of theirs.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from bench.recordings import speech, write_opus
from bench.room import Room, open_room


def main() -> None:
    """Prints seconds to the first text of both sides and their ratio."""
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--their-side", action="store_true", help="used by the bench itself")
    told = parser.parse_args()
    if told.their_side:
        their_side(told.models / "base", told.threads)
        return
    ours, theirs, uploads = [], [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        block = speech(told.media, 120.0)
        warm = folder / "warm.opus"
        write_opus(warm, block, 10.0, "warm")
        with open_room(folder / "data", told.models, "--threads", str(told.threads)) as room, Theirs(told) as other:
            room.wait(room.submit(room.upload(warm)))
            other.first_text(warm)
            for number in range(told.rounds):
                path = folder / f"{number}.opus"
                write_opus(path, block, told.minutes * 60, str(number))
                begun = time.monotonic()
                upload = room.upload(path)
                uploads.append(time.monotonic() - begun)
                ours.append(our_first_text(room, upload))
                theirs.append(other.first_text(path))
                path.unlink()
    show(told.minutes, ours, theirs, uploads)


def our_first_text(room: Room, upload: str) -> float:
    """Returns the seconds from handing a job in to its first line; ends the job then."""
    begun = time.monotonic()
    job_id = room.submit(upload)
    while not room.ask("GET", f"/api/jobs/{job_id}/segments", params={"limit": 1})["segments"]:
        if room.ask("GET", f"/api/jobs/{job_id}")["error"]:
            raise SystemExit("the job failed")
        time.sleep(0.05)
    taken = time.monotonic() - begun
    room.ask("POST", f"/api/jobs/{job_id}/cancel")
    time.sleep(2.0)  # so that the cancelled chunk is out of the way of the other side
    return taken


class Theirs:
    """faster-whisper in a process of its own, with its model loaded."""

    def __init__(self, told: object) -> None:
        self._command = [sys.executable, __file__, "--their-side", "--models", str(told.models)]  # type: ignore[attr-defined]
        self._command += ["--threads", str(told.threads)]  # type: ignore[attr-defined]

    def __enter__(self) -> Theirs:
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.wait()

    def first_text(self, path: Path) -> float:
        """Returns the seconds from the call to the first segment."""
        assert self._process.stdin is not None and self._process.stdout is not None
        print(path, file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())


def their_side(weights: Path, threads: int) -> None:
    """Reads paths from standard input and prints the seconds to the first segment of each."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(str(weights), device="cpu", compute_type="int8", cpu_threads=threads)
    pipeline = BatchedInferencePipeline(model)
    for line in sys.stdin:
        begun = time.monotonic()
        segments, _ = pipeline.transcribe(line.strip(), language="en", beam_size=5, batch_size=8, word_timestamps=True)
        next(iter(segments))
        print(time.monotonic() - begun, flush=True)


def show(minutes: float, ours: list[float], theirs: list[float], uploads: list[float]) -> None:
    """Prints the figures."""
    print(f"first text of {minutes:.0f} minutes of speech, {len(ours)} rounds")
    for name, figures in (("upload", uploads), ("roomtone", ours), ("faster-whisper batched", theirs)):
        print(f"{name:24s} median {statistics.median(figures):7.2f} s   longest {max(figures):7.2f} s")
    print(f"ratio {statistics.median(ours) / statistics.median(theirs):.3f}")


if __name__ == "__main__":
    main()
