from __future__ import annotations

import json
import subprocess
import sys
import threading
import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engines.errors import Stopped
from engines.intake.intake import Intake, IntakeEvent, IntakeResult, Probed, Speech
from engines.requests import VadOptions
from media.audio import duration_s
from media.channels import looked_at, one_a_channel, read_levels
from media.errors import WorkbenchError
from media.limits import MediaLimits
from media.vad import Span
from tests.hostile.making import tone, wav


@pytest.fixture(scope="module")
def intake() -> Iterator[Intake]:
    intake = Intake()
    yield intake
    intake.close()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return wav(tmp_path / "source", (tone(3.0, 16_000) * 32_767).astype("<i2"), 16_000)


@pytest.fixture(scope="module")
def talk(media_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two minutes of real speech with pauses, as a WAV file."""
    parts = []
    for path in sorted((media_folder / "vad").glob("*.wav")):
        with wave.open(str(path)) as file:
            parts += [np.frombuffer(file.readframes(file.getnframes()), "<i2"), np.zeros(24_000, "<i2")]
    sound = np.tile(np.concatenate(parts), 2)[: 120 * 16_000]
    return wav(tmp_path_factory.mktemp("talk") / "source", sound.reshape(-1, 1), 16_000)


def read(
    intake: Intake, source: Path, folder: Path, limits: MediaLimits | None = None
) -> tuple[IntakeResult, list[IntakeEvent]]:
    events: list[IntakeEvent] = []
    result = intake.run(source, folder, VadOptions(), limits or MediaLimits(), events.append, lambda: False)
    return result, events


def spans_of(events: list[IntakeEvent]) -> list[Span]:
    return [span for event in events if isinstance(event, Speech) for span in event.spans]


def test_a_recording_is_read_in_one_pass_and_its_samples_are_those_of_the_file(
    intake: Intake, source: Path, tmp_path: Path
) -> None:
    result, events = read(intake, source, tmp_path)
    assert result == IntakeResult(3.0, "audio", 0.0)
    assert events[0] == Probed(3.0, "audio")
    assert isinstance(events[-1], Speech)
    assert events[-1].decoded_s == 3.0
    assert (tmp_path / "audio.pcm").read_bytes() == source.read_bytes()[44:]


def test_speech_comes_while_the_rest_is_still_being_decoded(intake: Intake, talk: Path, tmp_path: Path) -> None:
    readable: list[float] = []

    def look(event: IntakeEvent) -> None:
        if isinstance(event, Speech):
            assert duration_s(tmp_path / "audio.pcm") >= event.decoded_s
            assert all(span.end <= event.decoded_s for span in event.spans)
            readable.append(event.decoded_s)

    result = intake.run(talk, tmp_path, VadOptions(), MediaLimits(), look, lambda: False)
    assert readable[0] < 15.0
    assert readable == sorted(readable)
    assert 60.0 < result.speech_s < 110.0


def test_the_speech_of_a_complete_working_file_is_found_again_without_the_upload(
    intake: Intake, talk: Path, tmp_path: Path
) -> None:
    first, events = read(intake, talk, tmp_path)
    again, events_again = read(intake, tmp_path / "gone", tmp_path)
    assert first == again
    assert spans_of(events) == spans_of(events_again)
    assert events_again[0] == Probed(120.0, "audio")


def test_an_incomplete_working_file_is_decoded_again(intake: Intake, source: Path, tmp_path: Path) -> None:
    read(intake, source, tmp_path)
    whole = (tmp_path / "audio.pcm").read_bytes()
    (tmp_path / "audio.json").unlink()
    (tmp_path / "audio.pcm").write_bytes(whole[:1000])
    read(intake, source, tmp_path)
    assert (tmp_path / "audio.pcm").read_bytes() == whole


def test_one_warm_child_reads_one_file_after_another(intake: Intake, source: Path, tmp_path: Path) -> None:
    read(intake, source, tmp_path / "a")
    before = intake.children()
    read(intake, source, tmp_path / "b")
    assert intake.children() == before


def test_a_refused_file_costs_the_child_and_not_the_next_file(intake: Intake, source: Path, tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"")
    with pytest.raises(WorkbenchError) as caught:
        read(intake, tmp_path / "bad", tmp_path / "a")
    assert (caught.value.code, caught.value.status) == ("media_empty", 422)
    assert read(intake, source, tmp_path / "b")[0].duration_s == 3.0


def test_a_child_that_went_to_sleep_is_replaced(source: Path, tmp_path: Path) -> None:
    intake = Intake(idle_s=0.0)
    try:
        for number in range(3):
            assert read(intake, source, tmp_path / str(number))[0].duration_s == 3.0
    finally:
        intake.close()


def test_stopping_ends_the_child_at_once(intake: Intake, talk: Path, tmp_path: Path) -> None:
    asked = threading.Event()
    pids: list[int] = []

    def stop(event: IntakeEvent) -> None:
        pids.extend(intake.children())
        asked.set()

    with pytest.raises(Stopped):
        intake.run(talk, tmp_path, VadOptions(), MediaLimits(), stop, asked.is_set)
    assert not set(pids) & set(intake.children())
    assert read(intake, talk, tmp_path)[0].duration_s == 120.0


def test_closing_stops_a_running_file(talk: Path, tmp_path: Path) -> None:
    intake = Intake()
    with pytest.raises(Stopped):
        intake.run(talk, tmp_path, VadOptions(), MediaLimits(), lambda event: intake.close(), lambda: False)
    with pytest.raises(Stopped):
        read(intake, talk, tmp_path)
    assert intake.children() == []


def test_an_error_of_the_listener_reaches_the_caller_and_leaves_no_busy_child(
    intake: Intake, source: Path, tmp_path: Path
) -> None:
    def fail(event: IntakeEvent) -> None:
        raise LookupError

    with pytest.raises(LookupError):
        intake.run(source, tmp_path, VadOptions(), MediaLimits(), fail, lambda: False)
    assert read(intake, source, tmp_path)[0].duration_s == 3.0


def test_two_threads_read_two_files_at_once(intake: Intake, talk: Path, tmp_path: Path) -> None:
    results: list[IntakeResult] = []
    threads = [
        threading.Thread(target=lambda n=n: results.append(read(intake, talk, tmp_path / str(n))[0]))  # type: ignore[misc]
        for n in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(results) == 2
    assert results[0] == results[1]


def test_a_missing_upload_says_so(intake: Intake, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError) as caught:
        read(intake, tmp_path / "nothing", tmp_path)
    assert caught.value.code == "media_not_read"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_says_so(intake: Intake, source: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "audio.pcm").symlink_to("/dev/full")
    with pytest.raises(WorkbenchError) as caught:
        read(intake, source, tmp_path / "work")
    assert (caught.value.code, caught.value.status) == ("disk_full", 507)
    assert isinstance(caught.value.values["free_mib"], int)


@pytest.mark.skipif(sys.platform != "linux", reason="the address space is limited on Linux only")
def test_a_file_that_takes_too_much_memory_is_refused(intake: Intake, talk: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError) as caught:
        read(intake, talk, tmp_path, MediaLimits(memory_mib=100))
    assert caught.value.code in {"media_too_heavy", "media_crashed"}
    assert read(intake, talk, tmp_path)[0].duration_s == 120.0


def test_the_parent_side_loads_no_model_and_no_media_library(root: Path) -> None:
    code = "import engines.intake.intake, sys, json; print(json.dumps(sorted(sys.modules)))"
    told = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, check=True, text=True)
    assert not {"av", "onnxruntime", "faster_whisper", "ctranslate2"} & set(json.loads(told.stdout))


def test_the_levels_of_two_channels_lie_beside_the_sound_and_nothing_of_two_that_are_the_same(
    intake: Intake, tmp_path: Path
) -> None:
    sound = (tone(4.0, 16_000) * 32_767).astype("<i2").reshape(-1, 1)
    left = sound.copy()
    left[32_000:] = 0
    for name, pair in (("two", (left, sound - left)), ("same", (sound, sound)), ("one", (sound,))):
        source = wav(tmp_path / f"{name}.wav", np.concatenate(pair, axis=1), 16_000)
        read(intake, source, tmp_path / name)
    speakers = one_a_channel(read_levels(tmp_path / "two"), 4.0)
    assert speakers is not None
    assert [(round(t.start, 1), round(t.end, 1), t.speaker) for t in speakers.turns] == [(0.0, 2.0, 0), (2.0, 4.0, 1)]
    assert not len(read_levels(tmp_path / "same")) and looked_at(tmp_path / "same")
    assert not len(read_levels(tmp_path / "one")) and looked_at(tmp_path / "one")


def test_a_voice_on_each_channel_is_two_people(intake: Intake, media_folder: Path, tmp_path: Path) -> None:
    result, _ = read(intake, media_folder / "asr" / "stereo_two_channels.wav", tmp_path)
    speakers = one_a_channel(read_levels(tmp_path), result.duration_s)
    assert speakers is not None and {turn.speaker for turn in speakers.turns} == {0, 1}
