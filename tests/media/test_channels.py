"""Two channels with a person each: levels become turns."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from media.channels import CHANNELS, LevelMeter, looked_at, one_a_channel, read_levels, with_voices
from media.voices import FRAMES_A_WINDOW, Speakers, Turn, Voice, Window

SPEECH, NOISE = 60.0, 20.0


def levels(seconds: float, left: list[tuple[float, float]], right: list[tuple[float, float]]) -> np.ndarray:
    """Each side speaks in its stretches and hears the other one 20 dB quieter, 100 ms later."""
    found = np.full((round(seconds * 50), 2), NOISE)
    for side, stretches in enumerate((left, right)):
        for start, end in stretches:
            first, last = round(start * 50), round(end * 50)
            echo = found[first + 5 : last + 5, 1 - side]
            np.maximum(echo, SPEECH - 20, out=echo)
            found[first:last, side] = SPEECH
    return (found * 2).astype(np.uint8)


def told(found: np.ndarray, seconds: float) -> list[tuple[float, float, int]]:
    speakers = one_a_channel(found, seconds)
    assert speakers is not None
    return [(turn.start, turn.end, turn.speaker) for turn in speakers.turns]


def test_each_side_has_its_turns_and_its_echo_on_the_other_is_none() -> None:
    assert told(levels(10, [(1, 3)], [(4, 6)]), 10) == [(1.0, 3.0, 0), (4.0, 6.0, 1)]


def test_left_is_the_first_speaker_even_if_right_begins() -> None:
    assert told(levels(10, [(5, 7)], [(1, 3)]), 10) == [(1.0, 3.0, 1), (5.0, 7.0, 0)]


def test_both_at_once_are_turns_that_overlap() -> None:
    assert told(levels(10, [(1, 4)], [(3, 6)]), 10) == [(1.0, 4.0, 0), (3.0, 6.0, 1)]


def test_a_short_pause_does_not_end_a_turn_and_a_click_is_none() -> None:
    found = told(levels(12, [(1, 2), (2.2, 3), (3.5, 4)], [(6, 7), (9, 9.06)]), 12)
    assert found == [(1.0, 3.0, 0), (3.5, 4.0, 0), (6.0, 7.0, 1)]


def test_somebody_who_never_pauses_is_heard() -> None:
    assert told(levels(10, [(0, 10)], [(4, 5)]), 10) == [(0.0, 10.0, 0), (4.0, 5.0, 1)]


def test_a_room_heard_by_both_channels_and_a_voice_on_one_alone_are_not_one_person_a_channel() -> None:
    assert one_a_channel(levels(10, [(1, 8)], [(1, 8)]), 10) is None
    assert one_a_channel(levels(10, [(1, 8)], []), 10) is None
    assert one_a_channel(levels(0, [], []), 0) is None


def test_the_meter_gives_the_same_levels_however_the_sound_comes() -> None:
    sound = np.random.default_rng(1).integers(-9000, 9000, (16_010, 2)).astype(np.int16)
    whole, parts = LevelMeter(), LevelMeter()
    at_once = whole.feed(sound) + whole.close()
    assert at_once == b"".join(parts.feed(sound[at : at + 333]) for at in range(0, 16_010, 333)) + parts.close()
    assert len(at_once) == 2 * 51 and not whole.alike


def test_channels_that_are_the_same_are_told(tmp_path: Path) -> None:
    meter = LevelMeter()
    meter.feed(np.full((3200, 2), 500, np.int16))
    assert meter.alike
    assert not looked_at(tmp_path) and not len(read_levels(tmp_path))
    (tmp_path / CHANNELS).write_bytes(b"\x01\x02\x03\x04")
    assert looked_at(tmp_path) and read_levels(tmp_path).tolist() == [[1, 2], [3, 4]]


def test_each_side_gets_the_mean_of_its_own_voices_and_one_of_both_none() -> None:
    one, other = np.eye(2, 192, dtype=np.float32)
    left, right = np.zeros(FRAMES_A_WINDOW, bool), np.zeros(FRAMES_A_WINDOW, bool)
    left[30:200], right[300:500] = True, True
    found = Speakers((Turn(0.0, 4.0, 0), Turn(4.5, 9.0, 1)), np.zeros((0, 0), np.float32), (4.0, 4.5))
    windows = [Window(0.0, (Voice(left, one, 2.8), Voice(right, other, 3.3), Voice(left | right, one + other, 6.0)))]
    assert np.allclose(with_voices(found, windows).embeddings, [one, other])
    assert not with_voices(found, [Window(0.0, (Voice(left, one, 2.8),))]).embeddings[1].any()
    assert with_voices(found, []) is found
