"""Real CAM++ and segmentation weights on real voices."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from bench.diarization_error import Wrong, errors
from bench.meetings import Meeting, meeting, people_of, read, with_noise
from engines.base import Place
from engines.catalog_speakers import SPEAKERS
from engines.process import EngineProcess
from engines.requests import VoicesItem
from media.grouping import Grouping
from media.voices import Window, tell_apart
from tests.weights.speakers_weights import speakers_weights
from workbench.tasks.speakers import starts_between

pytestmark = pytest.mark.weights
Sound = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def process() -> Iterator[EngineProcess]:
    started = EngineProcess.start(SPEAKERS[0], speakers_weights(), Place("cpu", "float32", 1))
    yield started
    started.close()


def windows_of(process: EngineProcess, sound: Sound, folder: Path) -> list[Window]:
    pcm = folder / "sound.pcm"
    np.clip(sound * 32767, -32768, 32767).astype("<i2").tofile(pcm)
    item = VoicesItem(str(pcm), starts_between(0.0, len(sound) / 16000))
    (result,) = process.run([item], lambda *_: None)
    return [Window.from_dict(window) for window in result["windows"]]


def told(process: EngineProcess, one: Meeting, folder: Path, collar_s: float = 0.0) -> tuple[int, Wrong]:
    """Returns how many people are found in a meeting, and what is wrong in who speaks when."""
    found = tell_apart(windows_of(process, one.sound, folder), one.length_s, Grouping())
    turns = [(turn.start, turn.end, str(turn.speaker)) for turn in found.turns]
    return len(found.speech_s), errors(turns, one.truth, one.length_s, collar_s)


@pytest.mark.parametrize(("n_people", "seed"), [(2, 1), (3, 2), (4, 1)])
def test_people_of_a_meeting_are_counted_and_hardly_a_word_is_somebody_elses(
    process: EngineProcess, media_folder: Path, tmp_path: Path, n_people: int, seed: int
) -> None:
    one = meeting(people_of(media_folder, 5), n_people, seed)
    counted, found = told(process, one, tmp_path)
    assert counted == n_people
    assert found.mistaken_s < 0.02 * found.speech_s and found.rate < 0.08
    assert told(process, one, tmp_path, 0.25)[1].rate < 0.03


def test_noise_does_not_make_other_people(process: EngineProcess, media_folder: Path, tmp_path: Path) -> None:
    quiet = meeting(people_of(media_folder, 5), 3, 4)
    white = np.random.default_rng(0).standard_normal(160_000).astype(np.float32)
    counted, found = told(process, with_noise(quiet, white, 10), tmp_path, 0.25)
    assert counted == 3
    assert found.mistaken_s < 0.02 * found.speech_s and found.rate < 0.12


def test_a_telephone_call_is_told_apart(process: EngineProcess, media_folder: Path, tmp_path: Path) -> None:
    rows = [line.split() for line in (media_folder / "diarization" / "sample.rttm").read_text().splitlines()]
    truth = [(float(row[3]), float(row[3]) + float(row[4]), row[7]) for row in rows if row and row[0] == "SPEAKER"]
    call = Meeting(read(media_folder / "diarization" / "sample.wav"), tuple(truth))
    assert told(process, call, tmp_path, 0.25)[1].rate < 0.05
    assert told(process, call, tmp_path)[1].rate < 0.1


@pytest.mark.parametrize("folder", ["speakers", "speakers_zh"])
def test_the_voices_of_two_people_never_lie_as_close_as_two_of_one(
    process: EngineProcess, media_folder: Path, tmp_path: Path, folder: str
) -> None:
    voices: list[tuple[str, Any]] = []
    kinds = {".wav", ".flac", ".mp3"}
    for path in sorted(path for path in (media_folder / folder).rglob("*") if path.suffix in kinds):
        name = path.parent.name if folder == "speakers" else path.stem.rsplit("_", 1)[0]
        sound = read(path)
        found = [voice for window in windows_of(process, sound, tmp_path) for voice in window.voices]
        mean = sum(voice.embedding * voice.alone_s for voice in found)
        voices.append((name, mean / np.linalg.norm(mean)))
    pairs = [(a == b, float(x @ y)) for (a, x), (b, y) in combinations(voices, 2)]
    same, other = ([score for equal, score in pairs if equal is kind] for kind in (True, False))
    limits = np.unique([score for _, score in pairs])
    rates = [max(np.mean(np.less(same, limit)), np.mean(np.greater_equal(other, limit))) for limit in limits]
    assert min(rates) <= (0.01 if folder == "speakers" else 0.0)
