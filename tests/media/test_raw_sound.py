from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from media.raw_sound import FORMATS, RawSound


def tone(rate: int, hz: float, seconds: float = 1.0) -> np.ndarray:
    return 10_000 * np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate)


def heard(content: bytes) -> np.ndarray:
    return np.frombuffer(content, "<i2").astype(float)


def test_a_tone_stays_the_tone_it_was() -> None:
    made = heard(RawSound("pcm16").feed(tone(24_000, 440).astype("<i2").tobytes()))
    wanted = tone(16_000, 440)[: len(made)]
    assert 15_900 < len(made) <= 16_000
    assert np.abs(made - wanted)[100:-100].max() < 30


def test_what_16_khz_cannot_carry_is_gone_and_not_mirrored() -> None:
    made = heard(RawSound("pcm16").feed(tone(24_000, 11_000).astype("<i2").tobytes()))
    assert np.abs(made[100:]).max() < 50


@given(cuts=st.lists(st.integers(0, 4_800), max_size=8), format=st.sampled_from(sorted(FORMATS)))
def test_it_makes_no_difference_where_the_pieces_are_cut(cuts: list[int], format: str) -> None:
    content = np.random.default_rng(3).integers(0, 256, 4_800, np.uint8).tobytes()
    places = [0, *sorted(cuts), len(content)]
    sound = RawSound(format)
    pieces = b"".join(sound.feed(content[a:b]) for a, b in zip(places, places[1:], strict=False))
    assert pieces == RawSound(format).feed(content)


@pytest.mark.parametrize(
    ("format", "codes"),
    [("g711_ulaw", {0xFF: 0, 0x00: -32124, 0x80: 32124}), ("g711_alaw", {0xD5: 8, 0x2A: -32256, 0xAA: 32256})],
)
def test_the_codes_of_the_telephone_mean_what_the_standard_says(format: str, codes: dict[int, int]) -> None:
    for code, value in codes.items():
        made = heard(RawSound(format).feed(bytes([code]) * 400))
        assert abs(made[200] - value) <= 1
