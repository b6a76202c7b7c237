"""VoiceFixer's real networks with weights made here: loaded, run through windows, and the wrong ones refused."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engines.base import Place
from engines.catalog import by_name
from engines.errors import EngineError
from engines.requests import SoundItem
from engines.voicefixer_ import ANALYSIS, RATE, VOCODER, VoiceFixerEngine, check_analysis, check_vocoder, move_home
from media.sound_file import SOUND, SoundWriter, read_sound, window_name
from workbench.machine.calibration_sound import made_voice

pytestmark = [pytest.mark.weights, pytest.mark.filterwarnings("default")]
torch = pytest.importorskip("torch", reason="the pack restore is not installed")
pytest.importorskip("librosa", reason="the pack restore is not installed")


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Weights by chance, of the true shape, made with the package's own classes."""
    folder, home = tmp_path_factory.mktemp("weights"), tmp_path_factory.mktemp("home")
    was = {name: os.environ.get(name) for name in ("HOME", "USERPROFILE")}
    for name in (ANALYSIS, VOCODER):
        (folder / name).touch()
    move_home(home, folder)
    pytest.importorskip("voicefixer", reason="the pack restore is not installed")
    from voicefixer.restorer.model import VoiceFixer
    from voicefixer.vocoder.config import Config
    from voicefixer.vocoder.model.generator import Generator

    torch.manual_seed(0)
    Config.refresh(RATE)
    torch.save({"generator": Generator(Config.cin_channels).state_dict()}, folder / VOCODER)
    torch.save(VoiceFixer(channels=2, sample_rate=RATE).state_dict(), folder / ANALYSIS)
    yield folder
    for name, value in was.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value


@pytest.fixture(scope="module")
def engine(weights: Path) -> Iterator[VoiceFixerEngine]:
    made = VoiceFixerEngine()
    made.load(by_name("voicefixer"), weights, Place("cpu", "float32", 2))
    yield made
    made.close()


def sound_in(folder: Path, seconds: float) -> np.ndarray:
    voice = np.interp(np.arange(int(seconds * RATE)) / RATE * 16_000, np.arange(16_000 * 4), made_voice(4.0))
    samples = voice.astype(np.int16)
    with SoundWriter(folder, RATE, 1) as writer:
        writer.write(samples)
        writer.finish(False)
    return samples.astype(np.float32) / 32768


@pytest.mark.parametrize("mode", [0, 1])
def test_a_short_sound_is_what_the_package_itself_makes_of_it(
    engine: VoiceFixerEngine, tmp_path: Path, mode: int
) -> None:
    sound = sound_in(tmp_path, 2.0)
    engine.run([SoundItem(str(tmp_path / SOUND), 0, 0.0, 2.0, mode)], lambda *_: None)
    made = read_sound(tmp_path / window_name(0), 1, 0, len(sound))[:, 0]
    direct = engine._fixer.restore_inmem(sound, mode=mode).reshape(-1)
    assert np.abs(made[: len(direct)] - direct).max() <= 1 / 32768


def test_the_mode_for_bad_damage_is_repeatable_and_leaves_nothing_behind(
    engine: VoiceFixerEngine, tmp_path: Path
) -> None:
    sound_in(tmp_path, 2.0)
    heard = []
    for mode in (0, 2, 2, 0):
        engine.run([SoundItem(str(tmp_path / SOUND), 0, 0.0, 2.0, mode)], lambda *_: None)
        heard.append(read_sound(tmp_path / window_name(0), 1, 0, 2 * RATE))
    assert np.array_equal(heard[0], heard[3]) and np.array_equal(heard[1], heard[2])


def test_weights_with_other_names_are_refused(engine: VoiceFixerEngine, weights: Path, tmp_path: Path) -> None:
    spec = by_name("voicefixer")
    told = torch.load(weights / ANALYSIS)
    first = next(name for name in told if name.startswith("generator."))
    told["renamed"] = told.pop(first)
    torch.save(told, tmp_path / ANALYSIS)
    torch.save({"generator": {}}, tmp_path / VOCODER)
    with pytest.raises(EngineError, match="weights_damaged"):
        check_analysis(spec, tmp_path, engine._fixer._model)
    with pytest.raises(EngineError, match="weights_damaged"):
        check_vocoder(spec, tmp_path)
    (tmp_path / VOCODER).write_bytes(b"no checkpoint")
    with pytest.raises(EngineError, match="weights_damaged"):
        check_vocoder(spec, tmp_path)
