"""What a large network said at its own pace, brought to the speed and into the room that are wanted."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engines.requests_speaking import SpeakItem, Spoken
from engines.speaking.levelling import silence, softened
from engines.speaking.saying import INSIDE_S, MOST_HURRY, speed_of, written
from engines.speaking.stretching import stretched
from media.spoken import RATE

Floats = npt.NDArray[np.float32]


def finished(sound: Floats, item: SpeakItem, told: str) -> Spoken:
    """Writes a sentence; where it has little room it is hurried, as far as it can be understood."""
    speed = speed_of(item)
    hurry = 1.0
    if item.room_s is not None and item.room_s > 0:
        hurry = min(MOST_HURRY, max(1.0, len(sound) / RATE / speed / item.room_s))
    return written(stretched(sound, speed * hurry, RATE), item, told)


def joined(pieces: Sequence[Floats]) -> Floats:
    """Returns the pieces of one sentence with short pauses between them."""
    parts = [part for piece in pieces if len(piece) for part in (softened(piece), silence(INSIDE_S))]
    return np.concatenate(parts[:-1]) if parts else silence(0)
