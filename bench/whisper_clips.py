"""Forty short clips: this project's Whisper engine against faster-whisper one by one, in CPU time and words.

Run it as ``python bench/whisper_clips.py --weights FOLDER --media FOLDER``, with the recordings that the tests use.
Both sides run in this process with the same weights, threads and beam, in turns of one batch, and detect the language
of each clip.
CPU time is user and system time of this process and its children (os.times).
"""

from __future__ import annotations

import argparse
import csv
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engines.base import ModelSpec, Place, Task
from engines.requests import TranscribeItem
from engines.whisper.whisper import WhisperEngine


@dataclass(slots=True)
class Clip:
    """A recording with its right words, where they are known; ``sound`` is 16 kHz float32."""

    path: Path
    sound: Any
    text: str | None
    language: str
    said: dict[str, str] = field(default_factory=dict)


def main() -> None:
    """Prints CPU seconds of both sides, their ratio, and the error rates."""
    options = arguments()
    clips = read_clips(options.media, options.clips)
    with tempfile.TemporaryDirectory() as folder:
        sides = {
            "faster-whisper": faster_whisper_side(options),
            "roomtone": roomtone_side(options, Path(folder)),
        }
        spent = dict.fromkeys(sides, 0.0)
        walls = dict.fromkeys(sides, 0.0)
        for run in sides.values():
            run(clips[:1])
        for at in range(0, len(clips), options.batch):
            batch = clips[at : at + options.batch]
            for name, run in sides.items():
                cpu, wall = sum(os.times()[:4]), time.monotonic()
                texts = run(batch)
                spent[name] += sum(os.times()[:4]) - cpu
                walls[name] += time.monotonic() - wall
                for clip, text in zip(batch, texts, strict=True):
                    clip.said[name] = text
    print(f"{len(clips)} clips, {sum(len(clip.sound) for clip in clips) / 16000:.0f} s of sound, beam {options.beam}")
    for name in sides:
        print(f"{name:15s} cpu {spent[name]:7.2f} s   wall {walls[name]:7.2f} s   {errors(clips, name)}")
    print(f"ratio of CPU time {spent['roomtone'] / spent['faster-whisper']:.3f}   {difference(clips)}")
    if options.show:
        show(clips)


def arguments() -> argparse.Namespace:
    """Returns the command line's choices."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--clips", type=int, default=40)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--words", action="store_true", help="ask this project's side for word times as well")
    parser.add_argument("--language", help="fix the language of both sides")
    parser.add_argument("--show", action="store_true", help="print every clip on which the two differ")
    return parser.parse_args()


def read_clips(media: Path, count: int) -> list[Clip]:
    """Returns clips with known words first, then clips of many speakers."""
    from faster_whisper import decode_audio

    with open(media / "transcripts.tsv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    known = [(media / row["file"], row["text"], row["language"]) for row in rows]
    others = sorted((media / "speakers").glob("*/*.flac"), key=lambda path: (path.name[-7:], path.name))
    wanted = [*known, *((path, None, "en") for path in others)][:count]
    return [Clip(path, decode_audio(str(path)), text, language) for path, text, language in wanted]


def faster_whisper_side(options: argparse.Namespace) -> Callable[[Sequence[Clip]], list[str]]:
    """Returns a function that transcribes clips one by one with faster-whisper's defaults."""
    from faster_whisper import WhisperModel

    model = WhisperModel(str(options.weights), device="cpu", compute_type="int8", cpu_threads=options.threads)

    def run(clips: Sequence[Clip]) -> list[str]:
        said = []
        for clip in clips:
            segments, _ = model.transcribe(clip.sound, beam_size=options.beam, language=options.language)
            said.append(" ".join(segment.text.strip() for segment in segments))
        return said

    return run


def roomtone_side(options: argparse.Namespace, folder: Path) -> Callable[[Sequence[Clip]], list[str]]:
    """Returns a function that transcribes a batch of clips with this project's engine."""
    spec = ModelSpec(options.weights.name, Task.TRANSCRIBE, "", "", "", 0, (), (), {})
    engine = WhisperEngine()
    engine.load(spec, options.weights, Place("cpu", "int8", options.threads))

    def item(clip: Clip) -> TranscribeItem:
        pcm = folder / f"{clip.path.name}.pcm"
        if not pcm.exists():
            np.clip(clip.sound * 32768, -32768, 32767).astype("<i2").tofile(pcm)
        pieces = ((0.0, len(clip.sound) / 16000),)
        return TranscribeItem(str(pcm), pieces, options.language, word_timestamps=options.words, beam_size=options.beam)

    def run(clips: Sequence[Clip]) -> list[str]:
        results = engine.run([item(clip) for clip in clips], lambda *_: None)
        return [" ".join(segment["text"] for segment in result["segments"]) for result in results]

    return run


def errors(clips: Sequence[Clip], name: str) -> str:
    """Returns the error rate of words, and of signs for Chinese, over the clips with known words."""
    import jiwer

    spaced = [(clip.text, clip.said[name]) for clip in clips if clip.text and clip.language != "zh"]
    chinese = [(clip.text, clip.said[name]) for clip in clips if clip.text and clip.language == "zh"]
    told = f"WER {jiwer.wer([plain(a) for a, _ in spaced], [plain(b) for _, b in spaced]):.3f} of {len(spaced)}"
    if chinese:
        rate = jiwer.cer([simplified(right) for right, _ in chinese], [simplified(said) for _, said in chinese])
        told += f", CER {rate:.3f} of {len(chinese)}"
    return told


def difference(clips: Sequence[Clip]) -> str:
    """Returns how far the words of the two sides are apart, over all clips."""
    import jiwer

    pairs = [(plain(clip.said["faster-whisper"]), plain(clip.said["roomtone"])) for clip in clips]
    pairs = [(a, b) for a, b in pairs if a]
    return f"words that differ {jiwer.wer([a for a, _ in pairs], [b for _, b in pairs]):.3f}"


def plain(text: str) -> str:
    """Returns lower-case words without punctuation."""
    kept = "".join(sign if sign.isalnum() or sign in " '" else " " for sign in text.lower().replace("’", "'"))
    return " ".join(kept.split())


def simplified(text: str) -> str:
    """Returns simplified Chinese signs without punctuation."""
    import opencc

    return str(opencc.OpenCC("t2s").convert(plain(text).replace(" ", "")))


def show(clips: Sequence[Clip]) -> None:
    """Prints the clips on which the two sides differ."""
    for clip in clips:
        if plain(clip.said["faster-whisper"]) != plain(clip.said["roomtone"]):
            print(f"{clip.path.name} ({len(clip.sound) / 16000:.1f} s) {clip.text or ''}")
            print(f"   faster-whisper: {clip.said['faster-whisper']}\n   roomtone:       {clip.said['roomtone']}")


if __name__ == "__main__":
    main()
