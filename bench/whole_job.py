"""A whole job over HTTP against faster-whisper's batched pipeline in a script: CPU time of the process trees, in turns.

    python bench/whole_job.py [--minutes 10] [--rounds 3] [--pause 0.3]

Both sides have Whisper base loaded (int8, beam 5, word times, the same threads) and get the same Opus files of real
speech with pauses. Ours has to receive the file, read it in its sandbox, recognise, write the database and serve a page
that follows the job; theirs only returns segments. Goal: at most 0.95 of their CPU time.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from bench.recordings import speech, with_silence, write_opus
from bench.room import Room, open_room
from bench.tree import cpu_s

Figure = tuple[float, float, str]
"""CPU seconds, wall seconds, and the text."""


def main() -> None:
    """Prints CPU and wall seconds of both sides, their ratio, and how far their words are apart."""
    parser = options(__doc__)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--pause", type=float, default=0.3, help="share of the recording that is silence")
    parser.add_argument("--their-side", action="store_true", help="used by the bench itself")
    told = parser.parse_args()
    if told.their_side:
        their_side(told.models / "base", told.threads)
        return
    figures: dict[str, list[Figure]] = {"roomtone": [], "faster-whisper batched": []}
    command = [sys.executable, __file__, "--their-side", "--models", str(told.models), "--threads", str(told.threads)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        block = with_silence(speech(told.media, 60.0 * (1 - told.pause)), 60.0)
        path = folder / "sound.opus"
        with open_room(folder / "data", told.models, "--threads", str(told.threads)) as room:
            theirs = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for number in range(-1, told.rounds):
                minutes = told.minutes if number >= 0 else 0.5
                write_opus(path, block, minutes * 60, str(number))
                both = our_turn(room, path), their_turn(theirs, path)
                for side, figure in zip(figures.values(), both, strict=True):
                    side += [figure] if number >= 0 else []
            theirs.kill()
            theirs.wait()
    show(told.minutes, figures)


def our_turn(room: Room, path: Path) -> Figure:
    """Sends a file, follows its job and reads its lines."""
    cpu, begun = cpu_s(room.pid), time.monotonic()
    job = room.wait(room.submit(room.upload(path)), every_s=0.5)
    spent, taken = cpu_s(room.pid) - cpu, time.monotonic() - begun
    lines = room.ask("GET", f"/api/jobs/{job['id']}/segments", params={"limit": 2000})["segments"]
    return spent, taken, " ".join(line["text"] for line in lines)


def their_turn(process: subprocess.Popen[str], path: Path) -> Figure:
    """Has the other side recognise a file."""
    assert process.stdin is not None and process.stdout is not None
    cpu, begun = cpu_s(process.pid), time.monotonic()
    print(path, file=process.stdin, flush=True)
    text = str(json.loads(process.stdout.readline()))
    return cpu_s(process.pid) - cpu, time.monotonic() - begun, text


def their_side(weights: Path, threads: int) -> None:
    """Reads paths from standard input and prints the text of each as JSON."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(str(weights), device="cpu", compute_type="int8", cpu_threads=threads)
    pipeline = BatchedInferencePipeline(model)
    for line in sys.stdin:
        segments, _ = pipeline.transcribe(line.strip(), language="en", beam_size=5, batch_size=8, word_timestamps=True)
        print(json.dumps(" ".join(segment.text for segment in segments)), flush=True)


def show(minutes: float, figures: dict[str, list[Figure]]) -> None:
    """Prints the figures. Words are counted by edit distance: the text repeats itself, so that the longest equal runs,
    which difflib looks for, lie in different rounds of it.
    """
    import jiwer

    print(f"{minutes:.0f} minutes of sound, {len(figures['roomtone'])} rounds")
    for name, side in figures.items():
        cpu, wall = sum(figure[0] for figure in side), sum(figure[1] for figure in side)
        print(f"{name:24s} CPU {cpu:8.2f} s   wall {wall:8.2f} s   {len(words(side[-1][2]))} words")
    ours, theirs = (sum(figure[0] for figure in side) for side in figures.values())
    said, other = (" ".join(words(side[-1][2])) for side in figures.values())
    print(f"ratio of CPU time {ours / theirs:.3f}   words that differ {jiwer.wer(other, said):.3f}")


def words(text: str) -> list[str]:
    """Returns the words without signs and case."""
    return re.findall(r"[a-z0-9']+", text.lower())


if __name__ == "__main__":
    main()
