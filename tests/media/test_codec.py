from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from media.codec import Recording
from media.errors import MediaError
from media.limits import MediaLimits
from tests.hostile.making import Track, damage, media, tone, wav


def decode(path: Path) -> np.ndarray:
    with Recording(path, MediaLimits()) as recording:
        return np.concatenate(list(recording.blocks()))


def test_16_khz_mono_is_given_bit_for_bit(tmp_path: Path) -> None:
    sound = (tone(2.5, 16_000) * 32_767).astype("<i2")
    assert np.array_equal(decode(wav(tmp_path / "a", sound, 16_000)), sound.reshape(-1))


@pytest.mark.parametrize("channels", [2, 6, 8])
def test_a_loud_recording_of_many_channels_is_not_clipped(channels: int, tmp_path: Path) -> None:
    sound = np.repeat(1.8 * tone(1.0, 16_000), channels, axis=1).astype("<f4")
    mixed = decode(wav(tmp_path / "a", sound, 16_000, form=3))
    assert np.abs(mixed - 32_768 * sound[:, 0]).max() < 3


def test_a_stretch_that_cannot_be_decoded_does_not_move_what_follows(tmp_path: Path) -> None:
    whole = media(tmp_path / "whole", "matroska", [Track("flac", 16_000, seconds=6.0)])
    wanted = decode(whole)
    found = decode(damage(whole, 0.45, 0.55))
    assert len(found) == pytest.approx(len(wanted), abs=16_000 * 0.3)
    tail = slice(len(wanted) - 16_000, len(wanted) - 8_000)
    shift = np.abs(found[tail].astype(int) - wanted[tail]).max()
    assert shift < 100


def test_blocks_are_about_a_second_long(tmp_path: Path) -> None:
    path = media(tmp_path / "a", "mp3", [Track("libmp3lame", 44_100, seconds=20.0)])
    with Recording(path, MediaLimits()) as recording:
        sizes = [len(block) for block in recording.blocks()]
    assert max(sizes) <= 20_000
    assert len(sizes) < 50


def test_what_the_container_says_is_known_before_decoding(tmp_path: Path) -> None:
    path = media(tmp_path / "a", "mp4", [Track("aac", 44_100, seconds=2.0)], "libx264")
    with Recording(path, MediaLimits()) as recording:
        assert recording.media_kind == "video"
        assert recording.duration_s == pytest.approx(2.0, abs=0.1)


def test_too_long_a_recording_is_refused_at_the_limit(tmp_path: Path) -> None:
    path = wav(tmp_path / "a", np.zeros((160_000, 1), "<i2"), 16_000)
    with Recording(path, MediaLimits(max_duration_s=3.0)) as recording:
        given = 0
        with pytest.raises(MediaError) as caught:
            for block in recording.blocks():
                given += len(block)
    assert caught.value.code == "media_too_long"
    assert given <= 48_000
