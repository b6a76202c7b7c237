"""VoiceFixer's real networks with weights made here: loaded, run through windows, and the wrong ones refused."""

from __future__ import annotations

import os
import wave
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines import catalog
from engines.base import Place
from engines.catalog import by_name
from engines.device import Machine
from engines.errors import EngineError
from engines.intake.intake import Intake
from engines.requests import SoundItem, SoundRequest
from engines.residency.residency import Residency
from engines.voicefixer_ import ANALYSIS, RATE, VOCODER, VoiceFixerEngine, check_analysis, check_vocoder, move_home
from media.sound_file import SOUND, SoundWriter, read_sound, to_int16, window_name
from workbench.core import Workbench
from workbench.history.history import History
from workbench.machine.calibration_sound import made_voice
from workbench.settings import Settings
from workbench.texts import Texts

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


@pytest.mark.timeout(1800)
def test_a_whole_job_gives_what_the_package_makes_of_the_file(
    weights: Path, engine: VoiceFixerEngine, tmp_path: Path, root: Path
) -> None:
    sound = sound_in(tmp_path / "sound", 1.5)
    with wave.open(str(tmp_path / "talk.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(to_int16(sound[:, None]).tobytes())
    bench = composed(tmp_path / "data", root, weights)
    bench.start()
    try:
        upload = bench.receive("talk.wav", [(tmp_path / "talk.wav").read_bytes()])
        job = bench.submit([upload.id], SoundRequest(kind="restore"), "ann")[0]
        done = bench.wait(job.id, 1500)
        assert done.status == "succeeded", done.error
        found = bench.artifacts.find(job.id, "result")
        assert found is not None
        with wave.open(str(found[1])) as file:
            assert (file.getframerate(), file.getnchannels(), file.getnframes()) == (RATE, 1, len(sound))
            made = np.frombuffer(file.readframes(len(sound)), "<i2").astype(np.float32) / 32768
    finally:
        bench.close()
    direct = engine._fixer.restore_inmem(sound, mode=0).reshape(-1)[: len(made)]
    made = made[: len(direct)]
    # The job gives the original's loudness back: but for that one factor they are the same.
    factor = float(made @ direct) / float(direct @ direct)
    error = np.sqrt(((made - factor * direct) ** 2).mean()) / np.sqrt((made**2).mean())
    assert 20 * np.log10(error) < -50


def composed(data: Path, root: Path, weights: Path) -> Workbench:
    """The workbench of ``launch.py`` with these weights."""
    store: Any = SimpleNamespace(find=lambda spec: weights, available=lambda name: True)
    machine = Machine(2, 16_000, 16_000)
    data.mkdir()
    history = History(data / "history.db", root / "history.db-schema")
    residency, texts = Residency(store, machine), Texts(root / "assets" / "texts")
    return Workbench(Settings(data=data), history, residency, Intake(), store, catalog, texts, machine=machine)
