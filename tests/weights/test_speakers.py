"""Real CAM++ and segmentation weights on real voices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, permutations
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from engines.base import Place
from engines.catalog_speakers import SPEAKERS
from engines.process import EngineProcess
from engines.requests import VoicesItem
from media.grouping import Grouping
from media.voices import Turn, Window, tell_apart
from tests.weights.speakers_weights import speakers_weights
from workbench.tasks.speakers import starts_between

pytestmark = pytest.mark.weights
Sound = npt.NDArray[np.float32]
Truth = Sequence[tuple[float, float, str]]
STEP_S = 0.01


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


def read(path: Path) -> Sound:
    from faster_whisper import decode_audio

    return np.asarray(decode_audio(str(path)), np.float32)


def wrong(found: Sequence[Turn], truth: Truth, duration_s: float, collar_s: float) -> float:
    """Returns the part of the speech time that is missed, invented or given to the wrong person."""
    names = sorted({name for _, _, name in truth})
    n = max(len(names), len({turn.speaker for turn in found}))
    told = _grid([(start, end, names.index(name)) for start, end, name in truth], n, duration_s)
    heard = _grid([(turn.start, turn.end, turn.speaker) for turn in found], n, duration_s)
    counted = np.ones(len(told), bool)
    for start, end, _ in truth:
        for border in (start, end):
            counted[max(0, round((border - collar_s) / STEP_S)) : round((border + collar_s) / STEP_S)] &= collar_s == 0
    told, heard = told[counted], heard[counted]
    shared = told.T.astype(float) @ heard.astype(float)
    right = max(sum(shared[row, column] for row, column in enumerate(order)) for order in permutations(range(n)))
    return float((np.maximum(told.sum(1), heard.sum(1)).sum() - right) / told.sum())


def _grid(turns: Sequence[tuple[float, float, int]], n: int, duration_s: float) -> npt.NDArray[np.bool_]:
    grid = np.zeros((round(duration_s / STEP_S), n), bool)
    for start, end, who in turns:
        grid[round(start / STEP_S) : round(end / STEP_S), who] = True
    return grid


def meeting(media: Path, n_people: int, seed: int) -> tuple[Sound, list[tuple[float, float, str]]]:
    """Joins recordings of several people in a random order with pauses between; the truth is whose recording it is."""
    rng = np.random.default_rng(seed)
    folders = sorted(path for path in (media / "speakers").iterdir() if path.is_dir())
    people = [folders[number] for number in rng.choice(len(folders), n_people, replace=False)]
    clips = [(folder.name, path) for folder in people for path in sorted(folder.iterdir())[:5]]
    rng.shuffle(clips)
    parts: list[Sound] = []
    truth, at = [], 0.0
    for name, path in clips:
        pause = rng.normal(0, 1e-4, int(rng.uniform(0.2, 1.0) * 16000)).astype(np.float32)
        sound = read(Path(path))
        at += len(pause) / 16000
        truth.append((at, at + len(sound) / 16000, str(name)))
        at += len(sound) / 16000
        parts += [pause, sound]
    return np.concatenate(parts), truth


def given_wrong(found: Sequence[Turn], truth: Truth) -> float:
    """Returns the part of the time within recordings of one person that is given to another."""
    shares: dict[tuple[str, int], float] = {}
    for start, end, name in truth:
        for turn in found:
            both = min(end, turn.end) - max(start, turn.start)
            if both > 0:
                shares[name, turn.speaker] = shares.get((name, turn.speaker), 0.0) + both
    names = {name for name, _ in shares}
    right = sum(max(value for (who, _), value in shares.items() if who == name) for name in names)
    return 1.0 - right / sum(shares.values())


@pytest.mark.parametrize(("n_people", "seed"), [(2, 1), (3, 2), (4, 1)])
def test_people_of_a_meeting_are_counted_and_none_speaks_with_another_ones_voice(
    process: EngineProcess, media_folder: Path, tmp_path: Path, n_people: int, seed: int
) -> None:
    sound, truth = meeting(media_folder, n_people, seed)
    found = tell_apart(windows_of(process, sound, tmp_path), len(sound) / 16000, Grouping())
    assert len(found.speech_s) == n_people
    assert given_wrong(found.turns, truth) < 0.03


def test_noise_does_not_make_other_people(process: EngineProcess, media_folder: Path, tmp_path: Path) -> None:
    sound, truth = meeting(media_folder, 3, 4)
    level = float(np.sqrt(np.mean(sound**2))) * 10 ** (-10 / 20)
    noisy = sound + np.random.default_rng(0).normal(0, level, len(sound)).astype(np.float32)
    found = tell_apart(windows_of(process, noisy, tmp_path), len(sound) / 16000, Grouping())
    assert len(found.speech_s) == 3
    assert given_wrong(found.turns, truth) < 0.05


def test_a_telephone_call_is_told_apart(process: EngineProcess, media_folder: Path, tmp_path: Path) -> None:
    rows = [line.split() for line in (media_folder / "diarization" / "sample.rttm").read_text().splitlines()]
    truth = [(float(row[3]), float(row[3]) + float(row[4]), row[7]) for row in rows if row and row[0] == "SPEAKER"]
    sound = read(media_folder / "diarization" / "sample.wav")
    found = tell_apart(windows_of(process, sound, tmp_path), len(sound) / 16000, Grouping())
    assert wrong(found.turns, truth, len(sound) / 16000, 0.25) < 0.05
    assert wrong(found.turns, truth, len(sound) / 16000, 0.0) < 0.12


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
