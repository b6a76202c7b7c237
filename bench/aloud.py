"""Reading aloud against the bare library, and what Whisper hears of each voice.

Both sides speak the same sentences with the same network, turn by turn in one process each, so that whatever else the
machine does meets both. CPU time is that of the process alone. Heard back are a Chinese and an English text by each
voice: character errors without marks for Chinese, word errors for English, as Whisper writes them.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.room import Room, open_room
from engines.base import Place
from engines.catalog_speaking import SPEAKING
from engines.catalog_whisper import WHISPER
from engines.process import EngineProcess
from engines.requests import TranscribeItem
from engines.requests_speaking import SpeakItem
from engines.speaking.kokoro import KokoroEngine
from engines.speaking.phonemes import Phonemes
from engines.speaking.symbols import ids_of
from engines.speaking.voices import VOICES, Voice
from media.sound_file import read_sound
from media.spoken import RATE, length_s
from workbench.reading_aloud.hearing import gathered

ZH = (
    "各位同事，大家上午好。",
    "下周三上午九点，我们在二号会议室讨论明年的预算。",
    "请各部门经理提前准备好报告，并在周五之前发给李小姐。",
)
EN = (
    "Good morning, everyone.",
    "Next Wednesday at nine we will discuss the budget for the coming year.",
    "Please prepare your reports in advance and send them to Miss Lee by Friday.",
)


def texts_of(voice: Voice) -> tuple[str, ...]:
    """Returns what a voice says."""
    return ZH if voice.language == "zh" else EN


def against_the_library(weights: Path, threads: int, rounds: int) -> dict[str, float]:
    """Returns CPU seconds, seconds and sound of both sides."""
    engine, phonemes = KokoroEngine(), Phonemes()
    place = Place("cpu", "int8", threads)
    engine.load(SPEAKING[0], weights, place)
    bare, names = _session(weights, threads)
    sums = {"ours_cpu": 0.0, "bare_cpu": 0.0, "ours_wall": 0.0, "bare_wall": 0.0, "audio_s": 0.0}
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "a.pcm"
        for number in range(-1, rounds):
            for voice, text in [("zf_xiaobei", text) for text in ZH] + [("af_heart", text) for text in EN]:
                sides = ["ours", "bare"] if number % 2 else ["bare", "ours"]
                for side in sides:
                    cpu, wall = time.process_time(), time.perf_counter()
                    if side == "ours":
                        engine.run([SpeakItem(text, voice, str(target), pause_s=0.4)], lambda *_: None)
                    else:
                        _bare(bare, names, weights, phonemes, text, voice)
                    if number >= 0:
                        sums[f"{side}_cpu"] += time.process_time() - cpu
                        sums[f"{side}_wall"] += time.perf_counter() - wall
                if number >= 0:
                    sums["audio_s"] += length_s(target)
    return sums


def _session(weights: Path, threads: int) -> tuple[Any, list[str]]:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(weights / SPEAKING[0].files[0].name), options)
    return session, [one.name for one in session.get_inputs()]


def _bare(session: Any, names: list[str], weights: Path, phonemes: Phonemes, text: str, voice: str) -> None:
    """What a program does that has nothing but the network and the dictionaries."""
    ids = ids_of(phonemes.of(text, "zh" if voice.startswith("z") else "en-us"))
    style = np.fromfile(weights / f"{voice}.bin", "<f4").reshape(-1, 1, 256)[len(ids) - 2]
    session.run(None, dict(zip(names, (np.array([ids]), style, np.ones(1, np.float32)), strict=True)))


def first_sound(models: Path, threads: int, rounds: int) -> dict[str, float]:
    """Returns how many seconds the first sound takes (medians): over HTTP from this program, and from the bare library
    for the first sentence alone and for the whole text, which it speaks in one piece."""
    weights, phonemes = models / "kokoro", Phonemes()
    bare, names = _session(weights, threads)
    found: dict[str, list[float]] = {"ours": [], "bare_sentence": [], "bare_text": []}
    with tempfile.TemporaryDirectory() as data, open_room(Path(data), models, "--threads", str(threads)) as room:
        for number in range(-1, rounds):
            for voice, texts in (("zf_xiaobei", ZH), ("af_heart", EN)):
                passed = {
                    "ours": _until_heard(room, " ".join(texts), voice),
                    "bare_sentence": _took(lambda: _bare(bare, names, weights, phonemes, texts[0], voice)),  # noqa: B023
                    "bare_text": _took(lambda: _bare(bare, names, weights, phonemes, " ".join(texts), voice)),  # noqa: B023
                }
                for side, seconds in passed.items():
                    if number >= 0:
                        found[side].append(seconds)
    return {side: median(seconds) for side, seconds in found.items()}


def _until_heard(room: Room, text: str, voice: str) -> float:
    """Returns the seconds until the first bytes of sound; the rest is read, so that nothing is left to compute."""
    asked = {"model": "kokoro", "voice": voice, "input": text, "response_format": "pcm"}
    begun = time.perf_counter()
    with httpx.stream("POST", f"{room.url}/v1/audio/speech", json=asked, timeout=300) as answer:
        answer.raise_for_status()
        pieces = answer.iter_bytes()
        next(pieces)
        first_s = time.perf_counter() - begun
        for _ in pieces:
            pass
    return first_s


def _took(work: Callable[[], None]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def heard_back(models: Path, voices: list[str]) -> list[tuple[str, float, float, float]]:
    """Returns for each voice: its errors in percent, its loudness spread in LU, seconds of sound."""
    import jiwer
    from opencc import OpenCC

    simplified = OpenCC("t2s")
    speaker = EngineProcess.start(SPEAKING[0], models / "kokoro", Place("cpu", "int8", 2))
    base = next(spec for spec in WHISPER if spec.name == "base")
    listener = EngineProcess.start(base, models / "base", Place("cpu", "int8", 2))
    found = []
    try:
        for voice in (one for one in VOICES if one.name in voices):
            with tempfile.TemporaryDirectory() as folder:
                files = [Path(folder) / f"{number}.pcm" for number in range(len(texts_of(voice)))]
                items = [
                    SpeakItem(text, voice.name, str(file)) for text, file in zip(texts_of(voice), files, strict=True)
                ]
                told = speaker.run(items, lambda *_: None)
                said = _heard(listener, files, Path(folder) / "heard.pcm", "zh" if voice.language == "zh" else "en")
                length = sum(length_s(file) for file in files)
            truth = _plain(" ".join(texts_of(voice)))
            spoken = _plain(simplified.convert(" ".join(said)))
            rate = (
                jiwer.cer(truth.replace(" ", ""), spoken.replace(" ", ""))
                if voice.language == "zh"
                else jiwer.wer(truth, spoken)
            )
            levels = [one["loudness"] for one in told]
            spread = max(levels) - min(levels)
            found.append((voice.name, 100 * rate, spread, length))
            print(
                f"{voice.name:14} errors {100 * rate:5.1f} %  loudness within {spread:.1f} LU  {length:.1f} s",
                flush=True,
            )
    finally:
        speaker.close()
        listener.close()
    return found


def _heard(listener: EngineProcess, files: list[Path], pcm: Path, language: str) -> list[str]:
    places = gathered(pcm, files)
    items = [
        TranscribeItem(str(pcm), (place,), language, word_timestamps=False, duration_s=places[-1][1])
        for place in places
    ]
    return [" ".join(line["text"] for line in told["segments"]) for told in listener.run(items, lambda *_: None)]


def _plain(text: str) -> str:
    return " ".join("".join(sign.lower() if sign.isalnum() else " " for sign in text).split())


def seams(weights: Path) -> float:
    """Returns by how many dB the largest step at an end of a sentence lies below the largest inside it."""
    engine = KokoroEngine()
    engine.load(SPEAKING[0], weights, Place("cpu", "int8", 2))
    worst = -200.0
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "a.pcm"
        for text in ZH:
            (told,) = engine.run([SpeakItem(text, "zf_xiaobei", str(target), pause_s=0.4)], lambda *_: None)
            sound = read_sound(target, 1, 0, round(length_s(target) * RATE))[:, 0]
            end = round(told["speech_s"] * RATE)
            steps = np.abs(np.diff(np.concatenate([[0.0], sound])))
            at_ends = max(steps[:8].max(), steps[end - 8 : end + 8].max(), 1e-9)
            worst = max(worst, float(20 * np.log10(at_ends / steps[400 : end - 400].max())))
    return worst


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--models", type=Path, required=True, help="folder with kokoro/ and base/")
    parser.add_argument("--media", type=Path, help="not needed: the texts are here")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--voices", default="zf_xiaobei,zm_yunjian,af_heart,bm_george", help="names, or all")
    asked = parser.parse_args()
    sums = against_the_library(asked.models / "kokoro", asked.threads, asked.rounds)
    print(json.dumps({name: round(value, 2) for name, value in sums.items()}))
    print(f"CPU time against the bare library: {sums['ours_cpu'] / sums['bare_cpu']:.3f}")
    print(f"CPU seconds a second of sound: {sums['ours_cpu'] / sums['audio_s']:.2f}")
    first = first_sound(asked.models, asked.threads, asked.rounds)
    print("first sound: " + ", ".join(f"{side} {seconds:.2f} s" for side, seconds in first.items()), flush=True)
    print(f"seams: {seams(asked.models / 'kokoro'):.1f} dB against the steps inside the sentences")
    print(f"memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB with two copies of the network")
    names = (
        [voice.name for voice in VOICES if voice.model == "kokoro"]
        if asked.voices == "all"
        else asked.voices.split(",")
    )
    heard_back(asked.models, names)


if __name__ == "__main__":
    main()
