"""A hundred small files sent at once by as many programs, beside faster-whisper called for one after the other.

    python bench/small_files.py [--files 100] [--alone 100]

The whole server is asked through ``/v1/audio/transcriptions``, each file by a connection of its own, all at the same
time. Then a program of its own loads the same weights with faster-whisper and takes the files one by one, as its
readers show it: language recognised, beam of five. ``--alone`` takes only so many for that side, whose cost grows
evenly. Wall and CPU time are told for each file; loading the model counts on neither side.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import httpx

from bench.options import options
from bench.recordings import RATE
from bench.room import Room, open_room
from bench.tree import cpu_s
from bench.whisper_clips import plain

ALONE = """
import json, os, sys, time
from faster_whisper import WhisperModel
model = WhisperModel(sys.argv[1], device="cpu", compute_type="int8", cpu_threads=os.cpu_count())
def said(path):
    return " ".join(segment.text.strip() for segment in model.transcribe(path, beam_size=5)[0])
said(sys.argv[2])
began, cpu = time.monotonic(), sum(os.times()[:4])
texts = [said(path) for path in sys.argv[2:]]
print(json.dumps({"wall": time.monotonic() - began, "cpu": sum(os.times()[:4]) - cpu, "texts": texts}))
"""
SHIFT_S = 0.05
"""What the second copy of a clip lacks at its beginning, so that it is another recording."""


def main() -> None:
    """Prints the time of a file on both sides, their ratios, the waiting of the callers, and how the words differ."""
    told = arguments()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        paths = small_files(told.media, folder, told.files)
        with open_room(folder, told.models) as room:
            transcribed(room, [first_of(told.media)])
            cpu = cpu_s(room.pid)
            wall, waits, texts = transcribed(room, paths)
            cpu = cpu_s(room.pid) - cpu
        few = paths[: told.alone]
        alone = one_by_one(told.models / "base", few)
    n, m = len(paths), len(few)
    waits.sort()
    print(f"roomtone       {n} at once    wall {wall / n:.3f} s a file   CPU {cpu / n:.3f} s a file")
    print(f"               answers       half within {waits[n // 2]:.1f} s, all within {waits[-1]:.1f} s, errors 0")
    print(f"faster-whisper {m} one by one wall {alone['wall'] / m:.3f} s a file   CPU {alone['cpu'] / m:.3f} s a file")
    ratios = (wall / n / (alone["wall"] / m), cpu / n / (alone["cpu"] / m))
    print(f"ratio of wall time {ratios[0]:.3f}, of CPU time {ratios[1]:.3f}")
    print(f"words that differ {differing(texts[:m], alone['texts']):.3f}")


def arguments() -> argparse.Namespace:
    """Reads the options."""
    parser = options(__doc__)
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--alone", type=int, default=100, help="files for faster-whisper")
    return parser.parse_args()


def first_of(media: Path) -> Path:
    """Returns a clip that is none of those measured, with which the model is loaded."""
    return media / "asr" / "jfk.flac"


def small_files(media: Path, folder: Path, n: int) -> list[Path]:
    """Writes ``n`` different recordings of a few seconds of real English speech and returns their paths."""
    from faster_whisper import decode_audio

    clips = [*sorted((media / "speakers").rglob("*.flac")), *sorted((media / "speakers").rglob("*.wav"))]
    clips += sorted((media / "asr").glob("spk1_*.wav"))
    found = []
    for number in range(n):
        round_, at = divmod(number, len(clips))
        sound = decode_audio(str(clips[at]), RATE)[round(round_ * SHIFT_S * RATE) :]
        path = folder / f"{number:03}.wav"
        _write(path, (sound * 32767).astype("<i2").tobytes())
        found.append(path)
    return found


def _write(path: Path, pcm: bytes) -> None:
    import wave

    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(pcm)


def transcribed(room: Room, paths: Sequence[Path]) -> tuple[float, list[float], list[str]]:
    """Sends all at once; returns seconds in all, seconds of each, and the texts. Raises what a call was refused for."""

    async def one(client: httpx.AsyncClient, path: Path) -> tuple[float, str]:
        began = time.monotonic()
        form = {"file": (path.name, path.read_bytes())}
        answer = await client.post("/v1/audio/transcriptions", data={"model": "base"}, files=form)
        if answer.status_code != 200:
            raise RuntimeError(answer.text)
        return time.monotonic() - began, str(answer.json()["text"])

    async def all_at_once() -> list[tuple[float, str]]:
        limits = httpx.Limits(max_connections=len(paths))
        async with httpx.AsyncClient(base_url=room.url, timeout=1_000, limits=limits, verify=False) as client:
            return await asyncio.gather(*(one(client, path) for path in paths))

    began = time.monotonic()
    found = asyncio.run(all_at_once())
    return time.monotonic() - began, [wait for wait, _ in found], [text for _, text in found]


def one_by_one(weights: Path, paths: Sequence[Path]) -> dict[str, object]:
    """Runs faster-whisper in a process of its own."""
    words = [sys.executable, "-c", ALONE, str(weights), *map(str, paths)]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env={**os.environ})
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found


def differing(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """Returns the share of words in which the texts are apart."""
    import jiwer

    pairs = [(plain(b), plain(a)) for a, b in zip(ours, theirs, strict=True) if plain(b)]
    return float(jiwer.wer([right for right, _ in pairs], [said for _, said in pairs]))


if __name__ == "__main__":
    main()
