"""Meetings made of recordings of one person each, so that who speaks when is known to the hundredth of a second.

A person speaks where Silero's voice activity detection hears speech in that person's own, clean recording, with pauses
under 0.3 s taken as part of it, which is NIST's rule for references. What is mixed in comes afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from bench.diarization_error import Spoken

RATE = 16_000
PAUSE_MS = 300
Sound = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Meeting:
    """Sound at 16 kHz in -1 to 1, and who speaks when."""

    sound: Sound
    truth: tuple[Spoken, ...]

    @property
    def length_s(self) -> float:
        """Its length in seconds."""
        return len(self.sound) / RATE


@cache
def read(path: Path) -> Sound:
    """Returns a recording."""
    from faster_whisper import decode_audio

    return np.asarray(decode_audio(str(path)), np.float32)


@cache
def spoken(path: Path) -> tuple[tuple[float, float], ...]:
    """Returns where somebody speaks in a recording of one person, in seconds."""
    from faster_whisper.vad import VadOptions, get_speech_timestamps

    found = get_speech_timestamps(read(path), VadOptions(min_silence_duration_ms=PAUSE_MS, speech_pad_ms=30))
    return tuple((one["start"] / RATE, one["end"] / RATE) for one in found)


def people_of(media: Path, most_clips: int) -> dict[str, list[Path]]:
    """Returns the clips of each person of ``media/speakers``."""
    folders = sorted(path for path in (media / "speakers").iterdir() if path.is_dir())
    return {folder.name: sorted(folder.iterdir())[:most_clips] for folder in folders}


def joined(clips: Sequence[tuple[str, Path]], rng: np.random.Generator, pauses_s: tuple[float, float]) -> Meeting:
    """Returns clips one after the other, with pauses between them; one below zero lets the next begin earlier."""
    places, truth, at = [], [], 0.0
    for who, path in clips:
        at = max(0.0, at + float(rng.uniform(*pauses_s)))
        places.append((round(at * RATE), read(path)))
        truth += [(at + start, at + end, who) for start, end in spoken(path)]
        at += len(places[-1][1]) / RATE
    sound = rng.normal(0, 1e-4, max(first + len(clip) for first, clip in places)).astype(np.float32)
    for first, clip in places:
        sound[first : first + len(clip)] += clip
    return Meeting(sound, tuple(truth))


def meeting(
    people: dict[str, list[Path]], n_people: int, seed: int, pauses_s: tuple[float, float] = (0.2, 1.0)
) -> Meeting:
    """Returns a meeting of people in a random order, each clip once."""
    rng = np.random.default_rng(seed)
    names = rng.choice(sorted(people), n_people, replace=False)
    clips = [(str(name), path) for name in names for path in people[name]]
    return joined([clips[at] for at in rng.permutation(len(clips))], rng, pauses_s)


def with_noise(quiet: Meeting, noise: Sound, db: float) -> Meeting:
    """Returns the meeting with noise so many dB below its speech, repeated as often as it takes."""
    speech = np.concatenate([quiet.sound[round(a * RATE) : round(b * RATE)] for a, b, _ in quiet.truth])
    long = np.resize(noise, len(quiet.sound))
    level = float(np.sqrt((speech**2).mean() / 10 ** (db / 10) / (long**2).mean()))
    return Meeting(np.asarray(quiet.sound + level * long, np.float32), quiet.truth)
