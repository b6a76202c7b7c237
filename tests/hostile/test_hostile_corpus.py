"""Every odd file gives its sound or its plain error, and nothing beside it is ever read."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engines.intake.intake import Intake, IntakeResult
from engines.requests import VadOptions
from media.errors import WorkbenchError
from media.limits import MediaLimits
from tests.hostile.corpus import CASES, TEN_HOURS, Case, Sound
from tests.hostile.making import tone, wav


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    intake = Intake()
    yield intake
    intake.close()


@pytest.fixture(scope="module")
def ten_hours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("long") / "source"
    TEN_HOURS.make(path)
    return path


def read(intake: Intake, source: Path, folder: Path, limits: MediaLimits | None = None) -> IntakeResult:
    return intake.run(source, folder, VadOptions(), limits or MediaLimits(), lambda event: None, lambda: False)


def short_name(case: Case) -> str:
    return case.name.encode("ascii", "replace").decode()[:40]


@pytest.mark.parametrize("case", CASES, ids=short_name)
def test_an_odd_file_gives_its_sound_or_its_plain_error(case: Case, intake: Intake, tmp_path: Path) -> None:
    source = tmp_path / "source"
    case.make(source)
    wav(tmp_path / "secret.wav", (tone(1.0, 16_000) * 32767).astype("<i2"), 16_000)
    if isinstance(case.expected, str):
        with pytest.raises(WorkbenchError) as caught:
            read(intake, source, tmp_path / "work")
        assert caught.value.code == case.expected
        assert not (tmp_path / "work" / "audio.json").exists()
    else:
        check_sound(case.expected, read(intake, source, tmp_path / "work"), tmp_path / "work")


def check_sound(expected: Sound, result: IntakeResult, folder: Path) -> None:
    assert result.duration_s == pytest.approx(expected.seconds, abs=expected.within)
    assert result.media_kind == expected.kind
    if expected.damaged is not None:
        assert ("media_damaged" in result.notes) == expected.damaged
    samples = np.fromfile(folder / "audio.pcm", "<i2")
    assert (
        len(samples)
        == round(result.duration_s * 16_000)
        == json.loads((folder / "audio.json").read_text())["n_samples"]
    )
    assert (folder / "peaks.u8").stat().st_size == -(-len(samples) // 1600)


def test_the_corpus_holds_at_least_forty_files_and_every_name_once() -> None:
    assert len(CASES) >= 40
    assert len({case.name for case in CASES}) == len(CASES)


@pytest.mark.parametrize(
    "folder_name", ['quote\'s "folder"', "http:", "concat:a|b", "会议 🎧", "per%cent %d", "a;b&c", "-y"]
)
def test_the_place_of_the_data_folder_does_not_matter(folder_name: str, intake: Intake, tmp_path: Path) -> None:
    folder = tmp_path / folder_name
    folder.mkdir()
    wav(folder / "source", (tone(1.0, 16_000) * 32767).astype("<i2"), 16_000)
    assert read(intake, folder / "source", folder).duration_s == 1.0


def test_ten_hours_of_silence_are_read_in_flat_memory_and_hold_no_speech(
    ten_hours: Path, intake: Intake, tmp_path: Path
) -> None:
    result = read(intake, ten_hours, tmp_path)
    assert isinstance(TEN_HOURS.expected, Sound)
    check_sound(TEN_HOURS.expected, result, tmp_path)
    assert result.speech_s == 0.0
    for pid in intake.children():
        status = Path(f"/proc/{pid}/status")
        if status.exists():
            peak = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
            assert int(peak.split()[1]) < 300_000
    os.truncate(tmp_path / "audio.pcm", 0)


def test_decoded_seconds_are_limited_while_decoding(ten_hours: Path, intake: Intake, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError) as caught:
        read(intake, ten_hours, tmp_path, MediaLimits(max_duration_s=60.0))
    assert (caught.value.code, caught.value.status) == ("media_too_long", 413)
    assert (tmp_path / "audio.pcm").stat().st_size <= 62 * 32_000
