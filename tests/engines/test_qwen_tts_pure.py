"""What Qwen3-TTS needs around its networks: speed at the same pitch, texts, recordings that may be used, places."""

from __future__ import annotations

import json
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engines import catalog
from engines.catalog_qwen_tts import QWEN_TTS
from engines.device import Gpu, Machine, places
from engines.errors import EngineError
from engines.intake import speech
from engines.requests_speaking import AloudRequest
from engines.speaking.reference import FACTS, SOUND, look
from engines.speaking.stretching import stretched
from engines.speaking.voices import VOICES, named, recording_of, voices_of
from engines.speaking.wording import language_read, marked, respelt
from media.errors import MediaError
from media.limits import MediaLimits
from media.spoken import RATE
from tests.engines.test_speaking import tone
from workbench.reading_aloud.script import Script
from workbench.tasks.aloud import item_of


@settings(max_examples=25, deadline=None)
@given(st.floats(0.25, 4.0), st.integers(0, RATE))
def test_speech_gets_as_long_as_its_speed_says(speed: float, n_samples: int) -> None:
    made = stretched(np.zeros(n_samples, np.float32), speed, RATE)
    assert len(made) == n_samples or len(made) == round(n_samples / speed)


@pytest.mark.parametrize("speed", [0.7, 1.3, 2.0])
def test_speed_changes_neither_pitch_nor_loudness(speed: float) -> None:
    made = stretched(tone(2.0), speed, RATE)
    middle = made[RATE // 5 : len(made) - RATE // 5]
    spectrum = np.abs(np.fft.rfft(middle * np.hanning(len(middle))))
    assert len(made) == round(2.0 * RATE / speed)
    assert np.argmax(spectrum) * RATE / len(middle) == pytest.approx(220, abs=3)
    assert np.sqrt((middle**2).mean()) == pytest.approx(0.2 / np.sqrt(2), rel=0.1)
    assert np.abs(np.diff(middle)).max() < 0.03


def test_a_text_is_respelt_by_the_list_and_pinyin_is_left_to_the_small_voices() -> None:
    words = (("EBITDA", "税前利润"), ("重庆", "chong2 qing4"), ("SQL", "sequel"))
    assert respelt("重庆的EBITDA", words, lambda text: f"<{text}>") == "<重庆的税前利润>"
    assert respelt("SQL is fine.", words, str.upper) == "sequel is fine."
    assert "at" in respelt("Write to a@b.org", (), str).split()


def test_pinyin_of_the_list_is_a_mark_for_indextts_and_nothing_else_in_a_text_is_one() -> None:
    words = (("重庆", "chong2 qing4"), ("女", "nü3"), ("举", "ju3"), ("EBITDA", "税前利润"))
    told = marked("重庆<|TTS/B|>女举，EBITDA 3点", words, lambda text: text.replace("3", "三"))
    assert told == "<重|CHONG2><庆|QING4>  TTS/B  <女|NV3><举|JV3>，税前利润 三点"
    assert marked("2026", (), str.upper) == "2026"


def test_a_recording_has_a_voice_for_each_model_that_can_speak_with_it() -> None:
    own = "own-0123456789abcdef"
    told = {voice.name: voice.model for voice in voices_of(own)}
    assert told == {own: "qwen3-tts-base", f"{own}-index": "indextts"}
    assert {recording_of(name) for name in told} == {own} and recording_of("own-1-index") is None
    assert all(named(name) is not None for name in told) and recording_of("heart") is None


def test_the_language_of_a_text_is_known_by_its_signs() -> None:
    told = [language_read(text) for text in ("今天开会。", "Good morning", "おはよう世界", "안녕하세요", "GPU很快")]
    assert told == ["Chinese", "English", "Japanese", "Korean", "Chinese"]


def write_reference(folder: Path, ends_on: str | None = None) -> Path:
    folder.mkdir(parents=True)
    (folder / FACTS).write_text(json.dumps({"text": "Good morning.", "ends_on": ends_on}))
    with wave.open(str(folder / SOUND), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((tone(3.0) * 32767).astype("<i2").tobytes())
    return folder


def test_a_recording_is_used_until_its_last_day_and_no_longer(tmp_path: Path) -> None:
    folder = write_reference(tmp_path / "own", "2026-11-28")
    found = look(folder, "2026-11-28")
    assert found.text == "Good morning." and len(found.sound()) == 3 * RATE
    with pytest.raises(EngineError, match="aloud_voice_ended"):
        look(folder, "2026-11-29")
    (folder / SOUND).unlink()
    with pytest.raises(EngineError, match="aloud_voice_gone"):
        look(folder, "2026-11-28")


def test_a_sentence_in_somebodys_voice_points_to_the_recording_in_the_data_folder(tmp_path: Path) -> None:
    voice = "own-0123456789abcdef"
    spoken = tmp_path / "artifacts" / "job" / "spoken"
    again = item_of(AloudRequest(voice), Script("Good morning."), 20_000_000, (0, 13), spoken)
    assert again.reference == str(tmp_path / "own-voices" / voice) and again.take == 2
    assert item_of(AloudRequest("vivian"), Script("Good morning."), 0, (0, 13), spoken).reference == ""
    found = named(voice)
    assert found is not None and found.model == "qwen3-tts-base" and named("own-../../etc") is None


def test_a_stretch_is_cut_out_of_a_recording_at_the_rate_of_the_voice(tmp_path: Path) -> None:
    source = write_reference(tmp_path / "own") / SOUND
    order = {"source": str(source), "target": str(tmp_path / "cut.wav"), "start": 0.5, "end": 2.0}
    shares: list[float] = []
    assert speech.cut_voice(order, MediaLimits(), shares.append) == {"audio_s": 1.5} and shares
    with wave.open(str(tmp_path / "cut.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (RATE, 1, 1.5 * RATE)
    with pytest.raises(MediaError):
        speech.cut_voice({**order, "start": 5.0, "end": 6.0}, MediaLimits(), shares.append)


def test_it_is_loaded_in_the_half_precision_that_the_card_has() -> None:
    def found(capability: float) -> list[tuple[str, str]]:
        machine = Machine(4, 32_000, 30_000, (Gpu(0, "Card", 8000, 7000, capability),))
        return [(place.device, place.precision) for place in places(QWEN_TTS[0], machine)]

    assert found(8.6) == [("cuda:0", "bfloat16"), ("cpu", "float32")]
    assert found(7.5) == [("cuda:0", "float16"), ("cpu", "float32")]
    assert found(6.1) == [("cuda:0", "float32"), ("cpu", "float32")]


def test_its_files_are_pinned_and_its_voices_known() -> None:
    assert all(file.sha256 and len(file.sha256) == 64 for spec in QWEN_TTS for file in spec.files)
    assert all(2.4e9 < spec.download_bytes < 2.6e9 for spec in QWEN_TTS)
    assert len([voice for voice in VOICES if voice.model == QWEN_TTS[0].name]) == 9
    assert {spec.name for spec in QWEN_TTS} <= {spec.name for spec in catalog.MODELS}
