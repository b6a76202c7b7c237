"""What a place knows of voices: its strangers, and where same and different pairs of its own recordings lie."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from media.likeness import Heard, Rule, calibrated, distinct, table
from workbench.history.history import History
from workbench.history.voices import VoiceRow, cohort_of, voices_of, wrong_share_of

COHORT_LEAST_S = 5.0
"""Who is heard for less is no measure for others."""
MOST_COHORT = 600
MOST_RECORDINGS = 300
WRONG_SHARE = 0.001
"""How often a stranger may be given a name, until somebody chooses."""


@dataclass(frozen=True, slots=True, eq=False)
class Place:
    """The voices that may be used today, the other voices of the history ``(n, 192)``, and the rule from both."""

    voices: tuple[VoiceRow, ...]
    cohort: npt.NDArray[np.float32]
    rule: Rule
    different: tuple[float, ...]
    same: tuple[float, ...]

    @property
    def known(self) -> list[list[Heard]]:
        """The recordings of each voice."""
        return [heard_of(voice) for voice in self.voices]


def place_of(history: History) -> Place:
    """Measures the place as it is now."""
    voices = tuple(voices_of(history, day(history.clock())))
    cohort = distinct(cohort_of(history, COHORT_LEAST_S, MOST_COHORT))
    different, same = pairs_of(voices, cohort)
    rule = calibrated(different, same, wrong_share_of(history, WRONG_SHARE))
    return Place(voices, cohort, rule, tuple(different), tuple(same))


def pairs_of(voices: Sequence[VoiceRow], cohort: npt.NDArray[np.float32]) -> tuple[list[float], list[float]]:
    """Returns the scores of all pairs of recordings of different voices, and of one voice."""
    rows = [(number, one.embedding) for number, voice in enumerate(voices) for one in voice.recordings]
    rows = rows[:MOST_RECORDINGS]
    if len(rows) < 2:
        return [], []
    who = np.array([number for number, _ in rows])
    scores = table(np.stack([embedding for _, embedding in rows]), cohort)
    first, second = np.triu_indices(len(rows), 1)
    is_same = who[first] == who[second]
    found = scores[first, second]
    return [float(value) for value in found[~is_same]], [float(value) for value in found[is_same]]


def heard_of(voice: VoiceRow) -> list[Heard]:
    """Returns the recordings of a voice as they are compared."""
    return [Heard(one.embedding, one.speech_s, one.clear_db) for one in voice.recordings]


def day(at: float) -> str:
    """Returns the day (YYYY-MM-DD, this machine's time) of a moment in seconds since 1970."""
    return datetime.datetime.fromtimestamp(at).date().isoformat()
