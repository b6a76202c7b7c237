"""A long recording: this project's Whisper engine against faster-whisper's batched pipeline, in CPU time.

Run it as ``python bench/whisper_long.py --weights FOLDER --media FOLDER``. Real clips are joined with pauses between;
both sides find speech with the same detector and decode with the same beam, in turns of one part of the recording.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from engines.base import ModelSpec, Place, Task
from engines.requests import Piece, TranscribeItem
from engines.whisper.whisper import WhisperEngine

RATE = 16000


def main() -> None:
    """Prints CPU seconds of both sides, their ratio, and how far their words are apart."""
    import jiwer
    from faster_whisper import BatchedInferencePipeline, WhisperModel

    options = arguments()
    parts = joined(options.media, options.minutes, options.parts)
    theirs = BatchedInferencePipeline(WhisperModel(str(options.weights), "cpu", 0, "int8", options.threads))
    ours = WhisperEngine()
    spec = ModelSpec(options.weights.name, Task.TRANSCRIBE, "", "", "", 0, (), (), {})
    ours.load(spec, options.weights, Place("cpu", "int8", options.threads))
    spent = [0.0, 0.0]
    words: tuple[list[str], list[str]] = ([], [])
    with tempfile.TemporaryDirectory() as folder:
        for number, sound in enumerate(parts):
            start = cpu()
            segments, _ = theirs.transcribe(sound, language="en", beam_size=options.beam, batch_size=8)
            words[0].append(plain(" ".join(segment.text for segment in segments)))
            middle = cpu()
            words[1].append(plain(ours_on(ours, sound, Path(folder) / f"{number}.pcm", options)))
            spent[0] += middle - start
            spent[1] += cpu() - middle
    print(f"{sum(map(len, parts)) / RATE:.0f} s of sound in {len(parts)} parts, beam {options.beam}")
    print(
        f"faster-whisper batched cpu {spent[0]:.2f} s, roomtone cpu {spent[1]:.2f} s, ratio {spent[1] / spent[0]:.3f}"
    )
    print(f"words that differ {jiwer.wer(words[0], words[1]):.3f}")


def arguments() -> argparse.Namespace:
    """Returns the command line's choices."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--media", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=6.0)
    parser.add_argument("--parts", type=int, default=2)
    parser.add_argument("--chunk", type=float, default=28.0, help="seconds of speech in a chunk of this project's side")
    parser.add_argument("--batch", type=int, default=8, help="chunks decoded together by this project's side")
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--words", action="store_true", help="ask this project's side for word times as well")
    return parser.parse_args()


def joined(media: Path, minutes: float, n_parts: int) -> list[Any]:
    """Returns ``n_parts`` recordings, float32 at 16 kHz, together ``minutes`` long at most."""
    from faster_whisper import decode_audio

    parts: list[list[Any]] = [[] for _ in range(n_parts)]
    length = 0
    for number, path in enumerate(sorted((media / "speakers").glob("*/*.flac"))):
        clip = decode_audio(str(path))
        length += len(clip) + RATE
        if length > minutes * 60 * RATE:
            break
        parts[number % n_parts] += [clip, np.zeros(RATE, np.float32)]
    return [np.concatenate(part) for part in parts if part]


def ours_on(engine: WhisperEngine, sound: Any, pcm: Path, options: argparse.Namespace) -> str:
    """Returns the words of this project's engine; finding the speech is part of the work on both sides."""
    np.clip(sound * 32768, -32768, 32767).astype("<i2").tofile(pcm)
    items = [
        TranscribeItem(str(pcm), pieces, "en", word_timestamps=options.words, beam_size=options.beam)
        for pieces in chunks(sound, options.chunk)
    ]
    n = options.batch
    results = [result for at in range(0, len(items), n) for result in engine.run(items[at : at + n], lambda *_: None)]
    return " ".join(segment["text"] for result in results for segment in result["segments"])


def chunks(sound: Any, most_s: float) -> list[tuple[Piece, ...]]:
    """Returns stretches of speech, packed to at most ``most_s`` seconds together."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    packed: list[list[Piece]] = [[]]
    for found in get_speech_timestamps(sound, VadOptions(max_speech_duration_s=most_s, min_silence_duration_ms=500)):
        piece = (found["start"] / RATE, found["end"] / RATE)
        if sum(end - start for start, end in [*packed[-1], piece]) > most_s:
            packed.append([])
        packed[-1].append(piece)
    return [tuple(pieces) for pieces in packed if pieces]


def plain(text: str) -> str:
    """Returns lower-case words without punctuation."""
    return " ".join("".join(sign if sign.isalnum() or sign == "'" else " " for sign in text.lower()).split())


def cpu() -> float:
    """Returns the CPU seconds of this process and its children so far."""
    return sum(os.times()[:4])


if __name__ == "__main__":
    main()
