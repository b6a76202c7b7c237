"""Two-channel recordings with one person a channel: the levels of left and right become turns.

Telephone systems record their two sides so. Each side also hears the other one a little, quieter and somewhat later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from media.audio import SAMPLE_RATE, Samples
from media.voices import FRAME_S as WINDOW_FRAME_S
from media.voices import FRAMES_A_WINDOW, PAUSE_S, SHORTEST_TURN_S, Flags, Floats, Speakers, Turn, Window, runs

CHANNELS = "channels.u8"
"""Beside a working file: a byte for left and one for right each 20 ms, in half decibels over one step of 16 bits.

Empty where a recording has no two different channels; absent where nobody has looked.
"""
FRAME_SAMPLES = 320
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE
ALIKE = 1e-3
"""Channels whose difference has less than this part of their power (-30 dB) are one and the same."""
ECHO_DB = 12.0
ECHO_S = 0.2
"""What is so much quieter than the other side now, or was a moment ago, is the other side's echo."""
OVER_NOISE_DB = 10.0
UNDER_SPEECH_DB = 35.0
LEAST_DB = 30.0
"""Speech is so far over its side's noise, not further under its loud places, and never quieter than -60 dB of full."""
LEAST_ALONE = 0.3
LEAST_SPEECH_S = 0.5
"""Two people are one a channel if each is heard so long, and for this part of the time only one of them."""

LEAST_OWN = 0.8
"""A voice is that of a side if the side speaks in this part of the time in which the voice is heard."""

Levels = npt.NDArray[np.uint8]


class LevelMeter:
    """Measures both channels as they come; flat memory."""

    def __init__(self) -> None:
        self._rest = np.zeros((0, 2), np.int16)
        self._power = self._difference = 0.0

    @property
    def alike(self) -> bool:
        """True as long as both channels hold the same."""
        return self._difference <= ALIKE * self._power

    def feed(self, sound: Samples) -> bytes:
        """Takes samples ``(n, 2)`` at 16 kHz; returns the levels of all whole frames."""
        joined = np.concatenate((self._rest, sound))
        n_whole = len(joined) // FRAME_SAMPLES * FRAME_SAMPLES
        self._rest = joined[n_whole:]
        return self._levels(joined[:n_whole])

    def close(self) -> bytes:
        """Returns the level of what is left."""
        missing = -len(self._rest) % FRAME_SAMPLES
        rest, self._rest = self._rest, self._rest[:0]
        return self._levels(np.concatenate((rest, np.zeros((missing, 2), np.int16))))

    def _levels(self, sound: Samples) -> bytes:
        frames = sound.astype(np.float32).reshape(-1, FRAME_SAMPLES, 2)
        self._power += float((frames**2).sum()) / 2
        self._difference += float(((frames[..., 0] - frames[..., 1]) ** 2).sum())
        power = np.maximum((frames**2).mean(axis=1), 1.0)
        return np.minimum(np.rint(20 * np.log10(power)), 255).astype(np.uint8).tobytes()


def looked_at(folder: Path) -> bool:
    """Tells whether the channels of the recording in ``folder`` are known, be it that it has only one."""
    return (folder / CHANNELS).is_file()


def read_levels(folder: Path) -> Levels:
    """Returns ``(n, 2)``, left and right; nothing where there are no two channels."""
    try:
        told = np.fromfile(folder / CHANNELS, np.uint8)
    except OSError:
        return np.zeros((0, 2), np.uint8)
    return told[: len(told) // 2 * 2].reshape(-1, 2)


def one_a_channel(levels: Levels, duration_s: float) -> Speakers | None:
    """Returns who spoke when: speaker 0 is left and 1 is right; None where it is not one person a channel."""
    if not len(levels):
        return None
    active = heard(levels)
    spoken = active.sum(axis=0) * FRAME_S
    either = active.any(axis=1).sum()
    alone = (active.sum(axis=1) == 1).sum()
    if spoken.min() < LEAST_SPEECH_S or alone < LEAST_ALONE * either:
        return None
    found = [turns_of(active[:, side], side, duration_s) for side in (0, 1)]
    if not all(found):
        return None
    speech = tuple(round(sum(turn.end - turn.start for turn in turns), 2) for turns in found)
    turns = sorted((turn for some in found for turn in some), key=lambda turn: (turn.start, turn.end))
    return Speakers(tuple(turns), np.zeros((0, 0), np.float32), speech)


def with_voices(found: Speakers, windows: Sequence[Window]) -> Speakers:
    """Returns the two sides with the mean embeddings of their voices; zeros for one whose voice was not heard clearly.

    ``windows`` were heard in both channels together.
    """
    sums: list[Floats] = [np.zeros(0, np.float32) for _ in found.speech_s]
    for window in windows:
        spoken = _spoken(found.turns, window.start, len(sums))
        for voice in window.voices:
            share = spoken[voice.active].mean(axis=0)
            side = int(share.argmax())
            # A voice that is never alone is known from the mixture: it says nothing of either side.
            if share[side] >= LEAST_OWN and voice.alone_s > 0:
                told = voice.embedding * np.float32(voice.alone_s)
                sums[side] = sums[side] + told if len(sums[side]) else told
    if not any(len(one) for one in sums):
        return found
    n_values = max(len(one) for one in sums)
    full = np.stack([one if len(one) else np.zeros(n_values, np.float32) for one in sums])
    return replace(found, embeddings=full / np.maximum(np.linalg.norm(full, axis=1, keepdims=True), 1e-9))


def _spoken(turns: Sequence[Turn], start: float, n_sides: int) -> Flags:
    """Returns ``(589, n_sides)``, where each side speaks in a window."""
    found = np.zeros((FRAMES_A_WINDOW, n_sides), bool)
    for turn in turns:
        first, last = (round((at - start) / WINDOW_FRAME_S) for at in (turn.start, turn.end))
        if last > 0 and first < FRAMES_A_WINDOW:
            found[max(0, first) : last, turn.speaker] = True
    return found


def heard(levels: Levels) -> Flags:
    """Returns ``(n, 2)``: where each side speaks itself."""
    decibels: npt.NDArray[np.float32] = levels.astype(np.float32) * np.float32(0.5)
    found = np.zeros(levels.shape, bool)
    for side in (0, 1):
        own = decibels[:, side]
        low, high = float(np.percentile(own, 10)), float(np.percentile(own, 99))
        # Somebody who hardly ever pauses has no noise to measure: then what is far below the speech is noise.
        floor = min(low + OVER_NOISE_DB, high - UNDER_SPEECH_DB / 2)
        least = max(floor, high - UNDER_SPEECH_DB, LEAST_DB)
        echo = _lately(decibels[:, 1 - side]) - np.float32(ECHO_DB)
        found[:, side] = np.logical_and(own > least, own > echo)
    return found


def turns_of(active: Flags, speaker: int, duration_s: float) -> list[Turn]:
    """Returns the turns of one side; short pauses do not end one, clicks are none."""
    joined: list[list[int]] = []
    for first, last in runs(active):
        if joined and (first - joined[-1][1]) * FRAME_S <= PAUSE_S + 1e-6:
            joined[-1][1] = last
        else:
            joined.append([first, last])
    return [
        Turn(round(first * FRAME_S, 3), round(min(last * FRAME_S, duration_s), 3), speaker)
        for first, last in joined
        if (last - first) * FRAME_S >= SHORTEST_TURN_S and first * FRAME_S < duration_s
    ]


def _lately(decibels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Returns the loudest of each frame and those of the last moment."""
    loudest = decibels.copy()
    for back in range(1, round(ECHO_S / FRAME_S) + 1):
        np.maximum(loudest[back:], decibels[:-back], out=loudest[back:])
    return loudest
