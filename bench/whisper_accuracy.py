"""Words that come out wrong: this project's Whisper engine and faster-whisper, on the same sound in one run.

    python bench/whisper_accuracy.py [--truth FILE.tsv ...] [--seconds 180] [--show]

A truth file has the columns ``file`` (below the media folder), ``language`` and ``text``; transcripts.tsv is read when
none is named. Two kinds of sound: the clips themselves, whose language each side finds for itself, and long recordings
of clips in mixed order over quiet noise with pauses between. The project's side cuts long recordings as its server does
(Silero, packing, batches). Numbers are CPU seconds and word errors; Chinese is counted by character, in one script.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from engines.base import ModelSpec, Place, Task
from engines.requests import TranscribeItem, VadOptions
from engines.silero import Silero, weights_path
from engines.whisper.whisper import WhisperEngine
from media.vad import SpeechFinder
from workbench.running.chunks import Cutter

RATE = 16_000
QUIET_NOISE = 0.001
SAME = {"mr": "mister", "mrs": "missus", "dr": "doctor", "st": "saint", "ok": "okay"}


@dataclass(frozen=True, slots=True)
class Sound:
    """A recording with its right words; ``samples`` is 16 kHz float32."""

    name: str
    kind: str
    language: str
    text: str
    samples: Any


Side = Callable[[Sequence[Sound]], list[str]]
"""Transcribes a few recordings; the long ones come one by one."""


def main() -> None:
    """Prints, for each kind of sound and side, the words that are wrong and the CPU seconds."""
    told = arguments()
    sounds = [*clips(told)]
    sounds += joined(sounds, told.seconds) if told.seconds else []
    with tempfile.TemporaryDirectory() as folder:
        sides = {**their_sides(told), "roomtone": our_side(told, Path(folder))}
        said: dict[str, dict[str, str]] = {name: {} for name in sides}
        spent = {(kind, name): 0.0 for kind in ("clip", "long") for name in sides}
        for batch in turns(sounds, told.batch):
            for name, side in sides.items():
                begun = cpu()
                texts = side(batch)
                spent[batch[0].kind, name] += cpu() - begun
                said[name].update({sound.name: text for sound, text in zip(batch, texts, strict=True)})
    for kind in ("clip", "long"):
        mine = [sound for sound in sounds if sound.kind == kind]
        if mine:
            print(f"{kind}: {len(mine)}, {sum(len(sound.samples) for sound in mine) / RATE:.0f} s of sound")
        for name in sides if mine else ():
            print(f"  {name:24s} {score(mine, said[name]):30s} CPU {spent[kind, name]:7.2f} s")
    if told.show:
        show(sounds, said)


def arguments() -> argparse.Namespace:
    """Returns the command line's choices."""
    parser = options(__doc__)
    parser.add_argument("--truth", type=Path, action="append", help="tab-separated file, language, text")
    parser.add_argument("--seconds", type=float, default=180.0, help="length of the long recordings together")
    parser.add_argument("--clips", type=int, default=1000, help="clips at most")
    parser.add_argument("--chunk", type=float, default=VadOptions().max_speech_duration_s)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--no-words", action="store_true", help="this project's side gives no word times")
    parser.add_argument("--show", action="store_true", help="print every text that is not right")
    return parser.parse_args()


def clips(told: argparse.Namespace) -> Iterator[Sound]:
    """Returns the clips of the truth files."""
    from faster_whisper import decode_audio

    rows = []
    for path in told.truth or [told.media / "transcripts.tsv"]:
        with open(path, encoding="utf-8") as file:
            rows += [row for row in csv.reader(file, delimiter="\t") if row[0] != "file"]
    for name, language, text in rows[: told.clips]:
        yield Sound(name, "clip", language, text, decode_audio(str(told.media / name)))


def joined(sounds: Sequence[Sound], seconds: float) -> list[Sound]:
    """Returns long recordings of English clips in mixed order, each of about 90 s."""
    chance = random.Random(7)
    noise = np.random.default_rng(7)
    english = [sound for sound in sounds if sound.language == "en"]
    made: list[Sound] = []
    pool: list[Sound] = []
    while sum(len(sound.samples) for sound in made) < seconds * RATE:
        parts, texts = [np.zeros(RATE // 2, np.float32)], []
        while sum(map(len, parts)) < min(90.0, seconds) * RATE:
            if not pool:
                pool = chance.sample(english, len(english))
            clip = pool.pop()
            parts += [clip.samples, np.zeros(int(chance.uniform(0.3, 2.0) * RATE), np.float32)]
            texts.append(clip.text)
        samples = np.concatenate(parts)
        samples += noise.normal(0.0, QUIET_NOISE, len(samples)).astype(np.float32)
        made.append(Sound(f"long {len(made)}", "long", "en", " ".join(texts), samples))
    return made


def turns(sounds: Sequence[Sound], size: int) -> Iterator[Sequence[Sound]]:
    """Returns the clips in batches and the long recordings one by one."""
    short = [sound for sound in sounds if sound.kind == "clip"]
    yield from (short[at : at + size] for at in range(0, len(short), size))
    yield from ([sound] for sound in sounds if sound.kind == "long")


def their_sides(told: argparse.Namespace) -> dict[str, Side]:
    """Returns faster-whisper, one recording after the other, and its batched pipeline (on clips: the same thing)."""
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    model = WhisperModel(str(told.models / "base"), device="cpu", compute_type="int8", cpu_threads=told.threads)
    pipeline = BatchedInferencePipeline(model)

    def plain_side(sounds: Sequence[Sound]) -> list[str]:
        return [_text(model.transcribe(sound.samples, beam_size=5)) for sound in sounds]

    def batched_side(sounds: Sequence[Sound]) -> list[str]:
        return [_text(pipeline.transcribe(sound.samples, beam_size=5, batch_size=8)) for sound in sounds]

    return {"faster-whisper": plain_side, "faster-whisper batched": batched_side}


def our_side(told: argparse.Namespace, folder: Path) -> Side:
    """Returns this project's engine with the cutting of its server; finding the speech is part of its work."""
    engine, silero = WhisperEngine(), Silero(weights_path())
    spec = ModelSpec("base", Task.TRANSCRIBE, "", "", "", 0, (), (), {})
    engine.load(spec, told.models / "base", Place("cpu", "int8", told.threads))

    def run(sounds: Sequence[Sound]) -> list[str]:
        items, owners = [], []
        for number, sound in enumerate(sounds):
            pcm = folder / f"{number}.pcm"
            samples = np.clip(sound.samples * 32768, -32768, 32767).astype("<i2")
            samples.tofile(pcm)
            language = None if sound.kind == "clip" else sound.language
            for pieces in cut(silero, samples, told.chunk):
                items.append(TranscribeItem(str(pcm), pieces, language, word_timestamps=not told.no_words))
                owners.append(number)
        results: list[dict[str, Any]] = []
        for at in range(0, len(items), told.batch):
            results += engine.run(items[at : at + told.batch], lambda *_: None)
        texts: list[list[str]] = [[] for _ in sounds]
        for owner, result in zip(owners, results, strict=True):
            texts[owner] += [segment["text"] for segment in result["segments"]]
        return [" ".join(lines) for lines in texts]

    return run


def cut(silero: Silero, samples: Any, most_s: float) -> list[tuple[tuple[float, float], ...]]:
    """Returns the pieces of each chunk, as the server cuts them."""
    finder, cutter = SpeechFinder(VadOptions(max_speech_duration_s=most_s)), Cutter(most_s)
    cutter.probed(len(samples) / RATE)
    spans = finder.feed(*silero.feed(samples)) + finder.feed(*silero.close()) + finder.close(len(samples))
    return [chunk.pieces for chunk in cutter.speech(spans) + cutter.close(len(samples) / RATE)]


def score(sounds: Sequence[Sound], said: dict[str, str]) -> str:
    """Returns wrong words of all words, and wrong characters of all Chinese ones."""
    told = []
    for unit, chosen in (
        ("words", [s for s in sounds if s.language != "zh"]),
        ("signs", [s for s in sounds if s.language == "zh"]),
    ):
        if chosen:
            wrong, total = map(sum, zip(*(errors(sound, said[sound.name]) for sound in chosen), strict=True))
            told.append(f"{wrong} of {total} {unit} ({wrong / total:.3f})")
    return ", ".join(told)


def errors(sound: Sound, text: str) -> tuple[int, int]:
    """Returns how many words (Chinese: characters) are wrong, left out or too many, and how many there are."""
    import jiwer

    right, said = plain(sound.text, sound.language), plain(text, sound.language)
    found = jiwer.process_words(right, said)
    return found.substitutions + found.deletions + found.insertions, len(right.split())


def plain(text: str, language: str) -> str:
    """Returns lower-case words, or simplified Chinese characters, with spaces between and no punctuation."""
    kept = "".join(sign if sign.isalnum() or sign in " '" else " " for sign in text.lower().replace("’", "'"))
    if language != "zh":
        return " ".join(SAME.get(word, word) for word in kept.split())
    import opencc

    return " ".join(str(opencc.OpenCC("t2s").convert(kept)).replace(" ", ""))


def show(sounds: Sequence[Sound], said: dict[str, dict[str, str]]) -> None:
    """Prints each sound on which the sides make different numbers of errors, with its texts."""
    for sound in sounds:
        wrong = {name: errors(sound, texts[sound.name])[0] for name, texts in said.items()}
        if len(set(wrong.values())) > 1:
            print(f"{sound.name} ({len(sound.samples) / RATE:.1f} s): {plain(sound.text, sound.language)}")
            for name, texts in said.items():
                print(f"   {wrong[name]:3d} {name:24s} {plain(texts[sound.name], sound.language)}")


def _text(found: Any) -> str:
    return " ".join(segment.text.strip() for segment in found[0])


def cpu() -> float:
    """Returns the CPU seconds of this process and its children so far."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main()
