"""One sentence from text to file, whatever network makes the sound."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.base import Report
from engines.requests_speaking import SoundsItem, SpeakItem, Spoken
from engines.speaking.levelling import levelled, silence, softened, trimmed
from engines.speaking.phonemes import Phonemes, split
from engines.speaking.voices import named
from media.sound_file import write_window
from media.spoken import RATE

Floats = npt.NDArray[np.float32]
Say = Callable[[str, SpeakItem, float], Floats]
"""Makes the sound ``(n,)`` of phonemes, at a speed."""

INSIDE_S = 0.12
"""The pause between two runs of one sentence that is too long for the network."""
MOST_HURRY = 1.6
"""Faster than this nobody follows subtitles that are spoken."""
LEAST_SPEED, MOST_SPEED = 0.25, 4.0


def say_all(
    batch: Sequence[SpeakItem | SoundsItem], report: Report, phonemes: Phonemes, say: Say
) -> list[dict[str, Any]]:
    """Does items one by one and reports each; raises EngineError, or OSError where a file cannot be written."""
    results: list[dict[str, Any]] = []
    for position, item in enumerate(batch):
        if isinstance(item, SoundsItem):
            results.append({"sounds": phonemes.of(item.text, language_of(item.voice))})
        else:
            results.append(dict(say_one(item, phonemes, say)))
        report(position, results[-1])
    return results


def say_one(item: SpeakItem, phonemes: Phonemes, say: Say) -> Spoken:
    """Writes one sentence with its pause; a text without a sound becomes the pause alone."""
    told = phonemes.of(item.text, language_of(item.voice), item.words)
    speed = speed_of(item)
    sound = _spoken(told, item, speed, say)
    if item.room_s is not None and len(sound) / RATE > item.room_s > 0:
        sound = _spoken(told, item, speed * min(MOST_HURRY, len(sound) / RATE / item.room_s), say)
    return written(sound, item, told)


def written(sound: Floats, item: SpeakItem, told: str) -> Spoken:
    """Writes the sound of a sentence, at the usual loudness, with its pause; ``told`` are the sounds meant."""
    sound, loudness = levelled(sound)
    sound = softened(sound)
    whole = np.concatenate([sound, silence(item.pause_s / speed_of(item))])
    target = Path(item.target)
    target.parent.mkdir(parents=True, exist_ok=True)
    write_window(target, whole.reshape(-1, 1))
    return Spoken(
        file=target.name,
        audio_s=round(len(whole) / RATE, 4),
        speech_s=round(len(sound) / RATE, 4),
        loudness=None if loudness is None else round(loudness, 2),
        sounds=told,
    )


def speed_of(item: SpeakItem) -> float:
    """Returns how fast an item is said, within what can be said."""
    return min(MOST_SPEED, max(LEAST_SPEED, item.speed))


def language_of(voice: str) -> str:
    """Returns the language in which a voice reads what has none of its own, such as numbers."""
    found = named(voice)
    return found.language if found and found.language else "en-us"


def _spoken(told: str, item: SpeakItem, speed: float, say: Say) -> Floats:
    runs = [trimmed(say(run, item, speed)) for run in split(told, item.most)]
    between = silence(INSIDE_S / speed)
    pieces = [piece for run in runs if len(run) for piece in (softened(run), between)]
    return np.concatenate(pieces[:-1]) if pieces else silence(0)
