"""Loudness follows EBU R128: the cases of EBU Tech 3341 that can be made from sines."""

from __future__ import annotations

import numpy as np
import pytest

from media.loudness import LevelMeter


def sine(db: float, seconds: float, rate: int = 48_000, hz: float = 1000.0) -> np.ndarray:
    time = np.arange(int(rate * seconds)) / rate
    tone = (10 ** (db / 20) * np.sin(2 * np.pi * hz * time)).astype(np.float32)
    return np.stack([tone, tone], axis=1)


def loudness(sound: np.ndarray, rate: int = 48_000, block: int = 10_007) -> float | None:
    meter = LevelMeter(rate, sound.shape[1])
    for at in range(0, len(sound), block):
        meter.feed(sound[at : at + block])
    return meter.level().loudness


@pytest.mark.parametrize("rate", [44_100, 48_000])
@pytest.mark.parametrize("db", [-23.0, -33.0])
def test_a_stereo_sine_has_the_loudness_of_its_level(rate: int, db: float) -> None:
    assert loudness(sine(db, 20.0, rate), rate) == pytest.approx(db, abs=0.1)


def test_quiet_parts_do_not_count() -> None:
    parts = [sine(-36, 10.0), sine(-23, 60.0), sine(-36, 10.0)]
    assert loudness(np.concatenate(parts)) == pytest.approx(-23.0, abs=0.1)


def test_silence_has_no_loudness_and_a_short_sound_has_one() -> None:
    assert loudness(np.zeros((48_000, 1), np.float32)) is None
    assert loudness(sine(-23, 0.25)) is not None


def test_noise_peak_and_bandwidth_are_told_apart() -> None:
    rng = np.random.default_rng(3)
    hiss = rng.normal(0, 10 ** (-60 / 20), (48_000 * 8, 1)).astype(np.float32)
    hiss[48_000 * 4 :] += sine(-20, 4.0)[:, :1]
    meter = LevelMeter(48_000, 1)
    meter.feed(hiss)
    level = meter.level()
    assert level.noise_db == pytest.approx(-60.0, abs=1.0)
    assert level.peak_db == pytest.approx(-20.0, abs=0.5)
    assert level.bandwidth_hz > 900
