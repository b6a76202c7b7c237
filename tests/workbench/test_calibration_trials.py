"""What models are measured with is work as their engines take it."""

from __future__ import annotations

from pathlib import Path

import pytest

from engines import catalog
from engines.base import Memory, Place, Task
from engines.requests import SoundItem, TranscribeItem, VoicesItem
from engines.requests_speaking import SpeakItem
from engines.requests_video import VideoItem
from engines.requests_writing import TranslateItem, WriteItem
from engines.writing.server_call import FILE
from media.video_index import read_index
from workbench.machine.calibration_plan import at_least
from workbench.machine.calibration_trials import Sound, trial_of

KINDS = {
    Task.TRANSCRIBE: TranscribeItem, Task.SPEAKERS: VoicesItem, Task.SOUND: SoundItem, Task.WRITE: WriteItem,
    Task.ALOUD: SpeakItem, Task.VIDEO: VideoItem,
}  # fmt: skip


@pytest.fixture
def sound(tmp_path: Path) -> Sound:
    return Sound(tmp_path, lambda seconds: None)


@pytest.mark.parametrize("task", list(Task))
def test_every_kind_of_model_has_something_to_be_measured_with(task: Task, sound: Sound) -> None:
    for spec in catalog.of_task(task):
        if spec.files and spec.files[0].name != FILE:
            trial = trial_of(spec, Place("cpu", "int8", 2), None, sound)
            for size in trial.sizes:
                items = trial.items(size, 1)
                assert [type(item) for item in items] == [TranslateItem if spec.pair else KINDS[task]] * size
            assert trial.work > 0


def test_a_question_is_never_the_one_before(sound: Sound) -> None:
    trial = trial_of(catalog.by_name("qwen3-0.6b"), Place("cpu", "int8", 2), None, sound)
    asked = [item.messages[0] for run in range(3) for item in trial.items(2, run)]
    assert len(set(asked)) == 6


def test_the_made_video_is_indexed_and_made_once(sound: Sound) -> None:
    spec = catalog.by_name("basicvsr-clean")
    [item] = trial_of(spec, Place("cpu", "float32", 2), None, sound).items(1, 0)
    index = read_index(Path(item.folder))
    assert index is not None and index.runs == ((0, 6),)
    made_at = Path(item.video).stat().st_mtime_ns
    trial_of(spec, Place("cpu", "float32", 2), None, sound)
    assert Path(item.video).stat().st_mtime_ns == made_at


def test_small_items_do_not_make_a_model_seem_smaller_than_large_ones_need() -> None:
    guess = Memory(400, 1500, 100)
    assert at_least(Memory(500, 20, 5), guess) == Memory(500, 1495, 5)
    assert at_least(Memory(900, 1600, 5), guess) == Memory(900, 1600, 5)
