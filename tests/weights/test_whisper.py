"""Real Whisper weights on real speech, and on sound without any."""

from __future__ import annotations

import csv
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import jiwer
import numpy as np
import pytest

from engines.base import ModelSpec, Place, Task
from engines.requests import TranscribeItem
from engines.whisper.whisper import WhisperEngine

pytestmark = pytest.mark.weights

Sound = np.ndarray[Any, np.dtype[np.float32]]
Save = Callable[[str, Sound], str]


def load(models: Path, name: str, english_only: bool = False) -> WhisperEngine:
    if not (models / name / "model.bin").is_file():
        pytest.skip(f"no weights of Whisper {name} in {models}: set ROOMTONE_TEST_MODELS")
    spec = ModelSpec(name, Task.TRANSCRIBE, "", name, "MIT", 0, (), (), {}, english_only=english_only)
    engine = WhisperEngine()
    engine.load(spec, models / name, Place("cpu", "int8", 1))
    return engine


@pytest.fixture(scope="module")
def base(models_folder: Path) -> WhisperEngine:
    return load(models_folder, "base")


@pytest.fixture
def save(tmp_path: Path) -> Save:
    def write(name: str, sound: Sound) -> str:
        path = tmp_path / f"{name}.pcm"
        np.clip(sound * 32768, -32768, 32767).astype("<i2").tofile(path)
        return str(path)

    return write


def read(path: Path) -> Sound:
    from faster_whisper import decode_audio

    return np.asarray(decode_audio(str(path)), np.float32)


def whole(save: Save, path: Path, **options: Any) -> TranscribeItem:
    sound = read(path)
    seconds = len(sound) / 16000
    return TranscribeItem(save(path.name, sound), ((0.0, seconds),), duration_s=seconds, **options)


def run(engine: WhisperEngine, *items: TranscribeItem) -> list[dict[str, Any]]:
    return engine.run(items, lambda *_: None)


def text(result: dict[str, Any]) -> str:
    return " ".join(segment["text"] for segment in result["segments"])


def plain(words: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in words.lower()).split())


def test_clips_of_three_languages_in_one_batch_are_understood(
    base: WhisperEngine, media_folder: Path, save: Save
) -> None:
    with open(media_folder / "transcripts.tsv", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    results = run(base, *(whole(save, media_folder / row["file"]) for row in rows))
    assert [result["language"] for result in results] == [row["language"] for row in rows]
    english = [
        (plain(row["text"]), plain(text(r))) for row, r in zip(rows, results, strict=True) if row["language"] == "en"
    ]
    assert jiwer.wer([right for right, _ in english], [said for _, said in english]) <= 0.03


def test_a_batch_gives_the_words_that_each_item_gives_alone(
    base: WhisperEngine, media_folder: Path, save: Save
) -> None:
    files = ["asr/spk1_snt1.wav", "asr/aishell-BAC009S0724W0121.wav", "asr/ru.wav"]
    items = [whole(save, media_folder / name, translate=name.endswith("ru.wav")) for name in files]
    assert [text(result) for result in run(base, *items)] == [text(run(base, item)[0]) for item in items]


def test_words_that_were_hard_to_find_are_the_same_whatever_ran_before(
    base: WhisperEngine, media_folder: Path, save: Save
) -> None:
    chance = np.random.default_rng(3)
    speech = read(media_folder / "asr/jfk.flac")[: 16000 * 8]
    items = []
    for level in (0.4, 0.6, 0.8):
        noise = chance.normal(0.0, level, len(speech)).astype(np.float32)
        items.append(TranscribeItem(save(f"noise {level}", np.clip(speech + noise, -1, 1)), ((0.0, 8.0),), "en"))
    together = run(base, *items, whole(save, media_folder / "asr/spk1_snt1.wav"))
    assert sum(result["redone"] for result in together) > 0
    assert [run(base, item)[0] for item in items] == together[: len(items)]


def test_times_are_inside_the_pieces_in_order_and_plain_numbers(
    base: WhisperEngine, media_folder: Path, save: Save
) -> None:
    speech = read(media_folder / "asr/jfk.flac")
    sound = np.concatenate([np.zeros(16000 * 20, np.float32), speech])
    item = TranscribeItem(save("late", sound), ((20.0, 25.0), (25.5, 31.0)), language="en", duration_s=31.0)
    segments = run(base, item)[0]["segments"]
    assert segments and all(20.0 <= s["start"] < s["end"] <= 31.0 for s in segments)
    words = [word for segment in segments for word in segment["words"]]
    assert len(words) > 15
    assert all(type(word["start"]) is float and type(word["probability"]) is float for word in words)
    assert all(a["start"] <= b["start"] for a, b in pairwise(words))


@pytest.mark.parametrize("kind", ["nothing", "noise", "loud noise", "hum", "chord"])
def test_sound_without_speech_gives_no_sentences(base: WhisperEngine, save: Save, kind: str) -> None:
    n = 16000 * 8
    time = np.arange(n) / 16000
    rng = np.random.default_rng(0)
    sounds = {
        "nothing": np.zeros(n),
        "noise": rng.normal(0, 0.01, n),
        "loud noise": rng.normal(0, 0.1, n),
        "hum": 0.1 * np.sin(2 * np.pi * 50 * time),
        "chord": sum(0.1 * np.sin(2 * np.pi * hz * time) for hz in (261, 329, 392)),
    }
    item = TranscribeItem(save("sound", np.asarray(sounds[kind], np.float32)), ((0.0, 8.0),), language="en")
    assert run(base, item)[0]["segments"] == []


@pytest.mark.parametrize("pause_s", [0.0, 0.4])
def test_a_sentence_that_is_said_over_and_over_is_written_each_time(
    base: WhisperEngine, media_folder: Path, save: Save, pause_s: float
) -> None:
    once = np.concatenate([read(media_folder / "asr/spk1_snt1.wav"), np.zeros(round(16000 * pause_s), np.float32)])
    sound = np.tile(once, 7) + np.random.default_rng(1).normal(0, 0.001, 7 * len(once)).astype(np.float32)
    item = TranscribeItem(save("again", sound), ((0.0, len(sound) / 16000),), language="en")
    result = run(base, item)[0]
    assert plain(text(result)) == " ".join(["the child almost hurt the small dog"] * 7)
    assert all("repeated" in segment["flags"] for segment in result["segments"])


def test_chinese_that_is_said_over_and_over_is_not_taken_for_an_invention(
    base: WhisperEngine, media_folder: Path, save: Save
) -> None:
    once = read(media_folder / "asr/aishell-BAC009S0724W0121.wav")
    pause = np.zeros(int(0.3 * 16000), np.float32)
    sound = np.concatenate([np.concatenate([once, pause]) for _ in range(4)])[: 16000 * 28]
    result = run(base, TranscribeItem(save("again", sound), ((0.0, len(sound) / 16000),), "zh"))[0]
    assert len(text(result)) >= 4 * 12


def test_the_language_is_chosen_among_those_allowed(base: WhisperEngine, media_folder: Path, save: Save) -> None:
    item = whole(save, media_folder / "asr/jfk.flac", languages=("de", "en"))
    result = run(base, item)[0]
    assert result["language"] == "en" and result["language_probability"] > 0.9


def test_names_given_as_hotwords_are_written_that_way(base: WhisperEngine, media_folder: Path, save: Save) -> None:
    items = [whole(save, media_folder / "asr/jfk.flac", hotwords=words) for words in ("", "Kennedy, Americans")]
    assert all("Americans" in text(result) for result in run(base, *items))


def test_an_english_model_takes_everything_for_english(models_folder: Path, media_folder: Path, save: Save) -> None:
    engine = load(models_folder, "tiny.en", english_only=True)
    result = run(engine, whole(save, media_folder / "asr/jfk.flac", language="zh"))[0]
    assert result["language"] == "en" and "country" in text(result)


def test_our_pictures_and_never_spoken_tokens_are_those_of_faster_whisper(
    models_folder: Path, media_folder: Path, base: WhisperEngine
) -> None:
    from faster_whisper.feature_extractor import FeatureExtractor
    from faster_whisper.tokenizer import Tokenizer
    from faster_whisper.transcribe import get_suppressed_tokens
    from tokenizers import Tokenizer as Vocabulary

    from engines.whisper.features import LogMel
    from engines.whisper.net import suppressed_tokens

    sound = read(media_folder / "asr/jfk.flac")
    theirs = FeatureExtractor()(sound)[:, :1100]
    assert np.abs(LogMel(80)(sound, 1100) - theirs).max() < 1e-3
    vocabulary = Vocabulary.from_file(str(models_folder / "base" / "tokenizer.json"))
    wanted = get_suppressed_tokens(Tokenizer(vocabulary, True, "transcribe", "en"), [-1])
    assert suppressed_tokens(vocabulary) == list(wanted or ())
