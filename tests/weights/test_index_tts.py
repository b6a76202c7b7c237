"""IndexTTS in its own environment, through its own package: networks of its shape, tiny and with random weights.

What they say is noise; that they are loaded, learn a voice from a recording and speak with it is not.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engines.base import Place
from engines.catalog_index_tts import ENVIRONMENT, INDEX_TTS
from engines.environments import has, python_of
from engines.errors import EngineError
from engines.process import EngineProcess
from engines.requests_speaking import SoundsItem, SpeakItem
from media.sound_file import read_sound
from media.spoken import RATE, length_s
from tests.engines.test_qwen_tts_pure import write_reference

pytestmark = [pytest.mark.weights, pytest.mark.timeout(300)]
ON_CPU = Place("cpu", "float32", 2)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not has(ENVIRONMENT, INDEX_TTS.needs):
        pytest.skip("the pack index-tts is not installed: python3 bootstrap.py index-tts")
    folder = tmp_path_factory.mktemp("index-tts") / "indextts"
    script = Path(__file__).parent / "index_tts_tiny.py"
    subprocess.run([python_of(ENVIRONMENT), "-I", script, folder], check=True, capture_output=True)
    assert all((folder / file.name).is_file() for file in INDEX_TTS.files)
    return folder


@pytest.fixture(scope="module")
def speaker(tiny: Path) -> Iterator[EngineProcess]:
    started = EngineProcess.start(INDEX_TTS, tiny, ON_CPU)
    yield started
    started.close()


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One for all tests: hearing it takes longer than speaking with it."""
    return write_reference(tmp_path_factory.mktemp("own") / "own-0123456789abcdef")


@pytest.fixture
def item(recording: Path, tmp_path: Path) -> SpeakItem:
    folder = recording
    return SpeakItem("3点开会。", f"{folder.name}-index", str(tmp_path / "a.pcm"), pause_s=0.2, reference=str(folder))


def test_a_voice_of_a_recording_speaks_chinese_and_english_and_what_was_meant_is_told(
    speaker: EngineProcess, item: SpeakItem, tmp_path: Path
) -> None:
    marked = replace(
        item, text="重庆，<|endoftext|>", words=(("重庆", "chong2 qing4"),), target=str(tmp_path / "b.pcm")
    )
    english = replace(item, text="Hello there!", target=str(tmp_path / "c.pcm"), speed=2.0)
    silent = replace(item, text="…", target=str(tmp_path / "d.pcm"))
    *told, nothing, sounds = speaker.run(
        [item, marked, english, silent, SoundsItem("会议", item.voice)], lambda *_: None
    )
    for one, result in zip((item, marked, english), told, strict=True):
        assert result["audio_s"] == pytest.approx(length_s(Path(one.target)), abs=0.01)
        assert result["audio_s"] == pytest.approx(result["speech_s"] + 0.2 / one.speed, abs=0.01)
        assert result["speech_s"] > 0 and result["sounds"]
    assert nothing["speech_s"] == 0.0 and sounds["sounds"].startswith("xwei")


def test_the_same_take_is_the_same_and_another_take_another(
    speaker: EngineProcess, item: SpeakItem, tmp_path: Path
) -> None:
    def sound(take: int) -> np.ndarray:
        target = tmp_path / f"{take}.pcm"
        speaker.run([replace(item, target=str(target), take=take)], lambda *_: None)
        return read_sound(target, 1, 0, round(length_s(target) * RATE))

    first, again, other = sound(0), sound(0), sound(1)
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_other_languages_and_recordings_that_were_taken_back_are_refused(
    speaker: EngineProcess, item: SpeakItem, tmp_path: Path
) -> None:
    with pytest.raises(EngineError, match="aloud_language"):
        speaker.run([replace(item, text="안녕하세요")], lambda *_: None)
    gone = write_reference(tmp_path / "gone")
    (gone / "sound.wav").unlink()
    for folder, code in ((str(gone), "aloud_voice_gone"), ("", "aloud_voice_gone")):
        with pytest.raises(EngineError, match=code):
            speaker.run([replace(item, reference=folder)], lambda *_: None)


def test_a_file_that_lacks_a_part_is_not_loaded(tiny: Path, tmp_path: Path) -> None:
    short = tmp_path / "short"
    short.mkdir()
    for file in tiny.iterdir():
        (short / file.name).symlink_to(file)
    (short / "gpt.pth").unlink()
    cut = (
        "import sys, torch; told = torch.load(sys.argv[1]); told.pop('mel_head.weight'); torch.save(told, sys.argv[2])"
    )
    subprocess.run([python_of(ENVIRONMENT), "-I", "-c", cut, tiny / "gpt.pth", short / "gpt.pth"], check=True)
    with pytest.raises(EngineError, match="weights_damaged"):
        EngineProcess.start(INDEX_TTS, short, ON_CPU)
