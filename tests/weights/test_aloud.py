"""Texts spoken with real weights and heard back by Whisper, and a word that is left out on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engines.base import Place
from engines.process import EngineProcess
from engines.requests import TranscribeItem
from engines.requests_speaking import SoundsItem, SpeakItem
from engines.speaking.voices import VOICES
from media.sound_file import read_sound, write_window
from media.spoken import RATE, length_s
from tests.contract.test_engines import ON_CPU, whisper, whisper_weights
from tests.weights.speaking_weights import KOKORO, speaking_weights
from workbench.reading_aloud.comparing import compare
from workbench.reading_aloud.hearing import gathered

pytestmark = [pytest.mark.weights, pytest.mark.timeout(900)]
ZH = "会议将于下周三上午九点在二号会议室举行，请各部门经理准时参加。"
EN = "The quarterly report shows that sales grew by twelve percent compared with last year."


@pytest.fixture(scope="module")
def speaker() -> Iterator[EngineProcess]:
    started = EngineProcess.start(KOKORO, speaking_weights(KOKORO), Place("cpu", "int8", 2))
    yield started
    started.close()


@pytest.fixture(scope="module")
def listener(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineProcess]:
    spec = whisper(tmp_path_factory.mktemp("whisper")).spec
    started = EngineProcess.start(spec, whisper_weights("base"), ON_CPU)
    yield started
    started.close()


def run(process: EngineProcess, items: list[Any]) -> list[dict[str, Any]]:
    return process.run(items, lambda *_: None)


def heard(listener: EngineProcess, files: list[Path], scratch: Path) -> list[str]:
    places = gathered(scratch / "heard.pcm", files)
    items = [
        TranscribeItem(str(scratch / "heard.pcm"), (place,), word_timestamps=False, duration_s=places[-1][1])
        for place in places
    ]
    return [" ".join(line["text"] for line in told["segments"]) for told in run(listener, items)]


@pytest.mark.parametrize(
    ("voice", "text"), [("zf_xiaobei", ZH), ("zm_yunjian", ZH), ("af_heart", EN), ("bm_george", EN)]
)
def test_what_is_spoken_is_heard_back(speaker, listener, tmp_path, voice: str, text: str) -> None:
    (told,) = run(speaker, [SpeakItem(text, voice, str(tmp_path / "a.pcm"))])
    (said,) = heard(listener, [tmp_path / "a.pcm"], tmp_path)
    (sounds,) = run(speaker, [SoundsItem(said, voice)])
    found = compare(told["sounds"], sounds["sounds"])
    assert found.doubt == "" and found.wrong < 0.2, said


def test_a_word_that_is_cut_out_of_the_sound_is_missed(speaker, listener, tmp_path) -> None:
    (told,) = run(speaker, [SpeakItem(ZH, "zf_xiaobei", str(tmp_path / "a.pcm"))])
    sound = read_sound(tmp_path / "a.pcm", 1, 0, round(length_s(tmp_path / "a.pcm") * RATE))
    third = len(sound) // 3
    write_window(tmp_path / "b.pcm", np.concatenate([sound[:third], sound[2 * third :]]))
    (said,) = heard(listener, [tmp_path / "b.pcm"], tmp_path)
    (sounds,) = run(speaker, [SoundsItem(said, "zf_xiaobei")])
    assert compare(told["sounds"], sounds["sounds"]).doubt == "missing", said


def test_every_voice_is_there_and_each_kind_makes_a_sound_of_a_usual_loudness(speaker, tmp_path) -> None:
    assert all((speaking_weights(KOKORO) / voice.file).is_file() for voice in VOICES if voice.model == "kokoro")
    voices = ["zm_yunxi", "af_bella", "bf_emma"]
    told = run(speaker, [SpeakItem("好的，OK。", name, str(tmp_path / f"{name}.pcm")) for name in voices])
    assert all(one["speech_s"] > 0.4 and -24.0 < one["loudness"] < -17.0 for one in told)
