"""Who is active, by two judges of speech: the segmentation bridges the pauses of a speaker, Silero hears them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from engines.silero import Silero
from media.audio import SAMPLE_RATE
from media.vad import WINDOW
from media.voices import FRAME_LATE_S, FRAME_S, Flags

Floats = npt.NDArray[np.float32]

SETS = ((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2))
"""What each of the segmentation's seven classes means: which of the three voices of a window are active."""
SURE = 0.9
LEAST_HEARD = 0.7
MOST_SHARE = 0.56
"""With a half, one hundredth of doubt of Silero outweighs its silence where the segmentation is certain."""
_MEMBERS = np.array([[voice in some for voice in range(3)] for some in SETS])


def chances_of(silero: Silero, sound: Floats) -> Floats:
    """Returns Silero's probability of speech for each of its windows of 32 ms; ``sound`` is 16 kHz in -1 to 1."""
    first, _ = silero.feed(np.asarray(np.clip(np.rint(sound * 32768), -32768, 32767), np.int16))
    last, _ = silero.close()
    return np.concatenate((first, last))


def share_of(classes: Floats, heard: Floats) -> float:
    """Returns how much Silero's word counts, by how much it hears of what the segmentation is sure of; ``classes`` are
    ``(n_frames, 7)`` of any windows, ``heard`` Silero's probabilities of the same frames.

    Far from the microphone Silero misses much of what is said (the mean is 0.65 on AMI's dev00), and the segmentation,
    which was taught on such meetings, does not: there Silero is not asked. By telephone and in readings both agree
    (0.81 to 0.95), and where both hear the same, Silero knows the pauses better.
    """
    sure = classes[:, 0] < 1 - SURE
    agrees = float(heard[sure].mean()) if sure.any() else 1.0
    return 0.0 if agrees < LEAST_HEARD else min(MOST_SHARE, max(0.5, 0.5 + (agrees - 0.75) / 2))


def judged(classes: Floats, heard: Floats, share: float) -> tuple[Flags, Floats]:
    """Returns which voices of a window are active, ``(n_frames, 3)``, and how likely it is that anybody is,
    ``(n_frames,)``.

    ``classes`` are the segmentation's probabilities ``(n_frames, 7)``, ``heard`` Silero's of the same frames.
    Who speaks, and how many, the segmentation alone knows; whether anybody does, both judges say, and Silero's word has
    that ``share``. A voice is active where either that or the segmentation alone thinks so: pauses are taken out
    later, when all windows over them are known (``media.voices``).
    """
    spoken = 1.0 - classes[:, 0]
    speech = np.asarray((1 - share) * spoken + share * heard, np.float32)
    maybe = (speech > 0.5) | (classes.argmax(axis=1) > 0)
    return np.asarray(_MEMBERS[1 + classes[:, 1:].argmax(axis=1)] & maybe[:, None], bool), speech


def at_frames(chances: Floats, start: float, n_frames: int) -> Floats:
    """Returns Silero's probabilities at the middles of a window's frames; 0 behind the end of the sound."""
    times = start + (np.arange(n_frames) + 0.5) * FRAME_S + FRAME_LATE_S
    middles = (np.arange(len(chances)) + 0.5) * WINDOW / SAMPLE_RATE
    return np.asarray(np.interp(times, middles, chances, right=0.0) if len(chances) else np.zeros(n_frames), np.float32)
