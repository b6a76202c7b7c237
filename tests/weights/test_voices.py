"""Real voices are named and compared rightly, by the engine as it runs in its process."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

from engines.base import Place
from engines.catalog_speakers import SPEAKERS
from engines.process import EngineProcess
from engines.requests import VoicesItem
from media.clarity import clearness_db
from media.grouping import Grouping
from media.likeness import Heard, Rule, answer, mean, named
from media.voices import Window, tell_apart
from tests.weights.speakers_weights import speakers_weights
from workbench.tasks.speakers import starts_between

pytestmark = pytest.mark.weights
NOBODY = np.zeros((0, 192), np.float32)
PEOPLE, CLIPS = 5, 3


@pytest.fixture(scope="module")
def heard(media_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, list[Heard]]]:
    """Three clips of each of five people."""
    from faster_whisper import decode_audio

    pcm = tmp_path_factory.mktemp("voices") / "sound.pcm"
    process = EngineProcess.start(SPEAKERS[0], speakers_weights(), Place("cpu", "float32", 1))
    found: dict[str, list[Heard]] = {}
    for folder in sorted(path for path in (media_folder / "speakers").iterdir() if path.is_dir())[:PEOPLE]:
        for clip in sorted(folder.glob("*.flac"), key=lambda path: -path.stat().st_size)[:CLIPS]:
            sound = np.asarray(decode_audio(str(clip)), np.float32)
            (np.clip(sound, -1, 1) * 32767).astype("<i2").tofile(pcm)
            length = len(sound) / 16_000
            (result,) = process.run([VoicesItem(str(pcm), starts_between(0.0, length))], lambda *_: None)
            windows = [Window.from_dict(one) for one in result["windows"]]
            people = tell_apart(windows, length, Grouping(1, 1))
            voice = Heard(people.embeddings[0], people.speech_s[0], clearness_db(sound))
            found.setdefault(folder.name, []).append(voice)
    process.close()
    yield found


def test_no_answer_about_two_recordings_is_wrong(heard: dict[str, list[Heard]]) -> None:
    clips = [(who, clip) for who, some in heard.items() for clip in some]
    for (a, one), (b, other) in combinations(clips, 2):
        assert answer(one, other, NOBODY, Rule()).says != ("different" if a == b else "same"), (a, b)


def test_who_is_known_is_named_and_a_stranger_is_not(heard: dict[str, list[Heard]]) -> None:
    known = [[mean(some[:2])] for some in heard.values()]
    for number, some in enumerate(heard.values()):
        (found,) = named([some[2]], known, NOBODY, Rule())
        assert found is not None and found[0] == number
        others = known[:number] + known[number + 1 :]
        assert named([some[2]], others, NOBODY, Rule()) == [None]
