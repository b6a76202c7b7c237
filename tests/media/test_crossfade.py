"""Windows become one sound: equal ones pass unchanged, unlike ones lose no power."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.crossfade import Window, faded, joined

OVERLAP = 50


def cut(sound: np.ndarray, length: int) -> list[Window]:
    starts = range(0, len(sound), length)
    return [Window(number, start, min(start + length, len(sound))) for number, start in enumerate(starts)]


@given(n_samples=st.integers(1, 1000), length=st.integers(OVERLAP, 300), n_channels=st.integers(1, 2))
def test_windows_of_one_sound_give_that_sound_again(n_samples: int, length: int, n_channels: int) -> None:
    sound = np.random.default_rng(n_samples).normal(0, 0.1, (n_samples, n_channels)).astype(np.float32)
    whole = np.concatenate(list(joined(cut(sound, length), lambda w: sound[w.start : w.end + OVERLAP])))
    assert whole.shape == sound.shape
    assert np.abs(whole - sound).max() < 1e-6


def test_a_fade_between_unlike_sounds_keeps_the_power() -> None:
    noise = np.random.default_rng(1).normal(0, 0.1, (2, 20_000, 1)).astype(np.float32)
    mixed = faded(noise[0], noise[1])
    assert float((mixed[8_000:12_000] ** 2).mean()) == pytest.approx(0.01, rel=0.1)


def test_a_fade_from_silence_is_finite() -> None:
    assert np.isfinite(faded(np.zeros((100, 2), np.float32), np.ones((100, 2), np.float32))).all()
