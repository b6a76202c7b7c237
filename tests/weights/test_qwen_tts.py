"""Qwen3-TTS in its own environment, through Qwen's own package: networks of its shape, tiny and with random weights.

What they say is noise; that they are loaded, speak with every voice, and learn one from a recording is not.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engines.base import Place
from engines.catalog_qwen_tts import ENVIRONMENT, QWEN_TTS
from engines.environments import has, python_of
from engines.errors import EngineError
from engines.process import EngineProcess
from engines.requests_speaking import SoundsItem, SpeakItem
from media.sound_file import read_sound
from media.spoken import RATE, length_s
from tests.engines.test_qwen_tts_pure import write_reference

pytestmark = [pytest.mark.weights, pytest.mark.timeout(300)]
ON_CPU = Place("cpu", "float32", 2)
WITH_VOICES, FROM_RECORDING = QWEN_TTS


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Both checkpoints, by the name of the model."""
    if not has(ENVIRONMENT, WITH_VOICES.needs):
        pytest.skip("the pack qwen-tts is not installed: python3 bootstrap.py qwen-tts")
    root = tmp_path_factory.mktemp("qwen-tts")
    script = Path(__file__).parent / "qwen_tts_tiny.py"
    for spec, kind in ((WITH_VOICES, "custom_voice"), (FROM_RECORDING, "base")):
        subprocess.run([python_of(ENVIRONMENT), "-I", script, root / spec.name, kind], check=True, capture_output=True)
    return {spec.name: root / spec.name for spec in QWEN_TTS}


@pytest.fixture(scope="module")
def speaker(tiny: dict[str, Path]) -> Iterator[EngineProcess]:
    started = EngineProcess.start(WITH_VOICES, tiny[WITH_VOICES.name], ON_CPU)
    yield started
    started.close()


def test_voices_speak_and_what_was_meant_is_told(speaker: EngineProcess, tmp_path: Path) -> None:
    names = ["vivian", "dylan", "ono_anna"]
    items = [SpeakItem("3点。", name, str(tmp_path / f"{name}.pcm"), pause_s=0.2) for name in names]
    told = speaker.run([*items, SoundsItem("会议", "vivian")], lambda *_: None)
    for item, one in zip(items, told, strict=False):
        assert one["audio_s"] == pytest.approx(length_s(Path(item.target)), abs=0.01)
        assert one["audio_s"] == pytest.approx(one["speech_s"] + 0.2, abs=0.01)
        assert one["speech_s"] > 0.1 and "tjɛ" in one["sounds"]
    assert told[-1]["sounds"].startswith("xwei")
    with pytest.raises(EngineError, match="aloud_no_voice"):
        speaker.run([SpeakItem("Hello", "nobody", str(tmp_path / "a.pcm"))], lambda *_: None)


def test_the_same_take_is_the_same_and_another_take_another(speaker: EngineProcess, tmp_path: Path) -> None:
    def sound(take: int) -> np.ndarray:
        target = tmp_path / f"{take}.pcm"
        speaker.run([SpeakItem("Hi", "ryan", str(target), take=take)], lambda *_: None)
        return read_sound(target, 1, 0, round(length_s(target) * RATE))

    first, again, other = sound(0), sound(0), sound(1)
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_a_voice_is_learned_from_a_recording_until_that_is_taken_away(tiny: dict[str, Path], tmp_path: Path) -> None:
    folder = write_reference(tmp_path / "own-0123456789abcdef")
    process = EngineProcess.start(FROM_RECORDING, tiny[FROM_RECORDING.name], ON_CPU)
    try:
        item = SpeakItem("Hi", folder.name, str(tmp_path / "a.pcm"), reference=str(folder))
        told = process.run([item, replace(item, text="So", target=str(tmp_path / "b.pcm"))], lambda *_: None)
        assert len(told) == 2 and (tmp_path / "b.pcm").is_file()
        (folder / "sound.wav").unlink()
        with pytest.raises(EngineError, match="aloud_voice_gone"):
            process.run([item], lambda *_: None)
    finally:
        process.close()


def test_a_file_that_lacks_a_part_is_not_loaded(tiny: dict[str, Path], tmp_path: Path) -> None:
    """Transformers would fill the gap with random numbers."""
    short = tmp_path / "short"
    cut = (
        "import sys; from safetensors.numpy import load_file, save_file; from pathlib import Path; import shutil;"
        "shutil.copytree(sys.argv[1], sys.argv[2]); file = Path(sys.argv[2]) / 'model.safetensors';"
        "import safetensors.torch as st; all = st.load_file(file); all.pop('talker.codec_head.weight');"
        "st.save_file(all, file, {'format': 'pt'})"
    )
    python = python_of(ENVIRONMENT)
    subprocess.run([python, "-I", "-c", cut, tiny[WITH_VOICES.name], short], check=True, capture_output=True)
    with pytest.raises(EngineError, match="weights_damaged"):
        EngineProcess.start(WITH_VOICES, short, ON_CPU)
