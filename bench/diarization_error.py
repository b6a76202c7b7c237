"""The diarization error rate: the part of all speech that is missed, invented, or given to somebody else.

As NIST's md-eval counts it (Rich Transcription 2009 evaluation plan, section 6): people of the answer are matched to
people of the truth so that they share the most time, overlapping speech counts for each who speaks, and with a collar
nothing is counted so close to where a true turn begins or ends.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Spoken = tuple[float, float, str]
"""Start and end in seconds, and who speaks."""
STEP_S = 0.01
MOST_PEOPLE = 16


@dataclass(frozen=True, slots=True)
class Wrong:
    """Seconds of speech in the truth, and of each kind of error; kinds add up over recordings."""

    speech_s: float = 0.0
    missed_s: float = 0.0
    invented_s: float = 0.0
    mistaken_s: float = 0.0

    @property
    def rate(self) -> float:
        """The error rate, 0 for none; it may be more than 1."""
        return (self.missed_s + self.invented_s + self.mistaken_s) / max(self.speech_s, STEP_S)

    def __add__(self, other: Wrong) -> Wrong:
        return Wrong(
            self.speech_s + other.speech_s,
            self.missed_s + other.missed_s,
            self.invented_s + other.invented_s,
            self.mistaken_s + other.mistaken_s,
        )

    def __str__(self) -> str:
        parts = (self.missed_s, self.invented_s, self.mistaken_s)
        missed, invented, mistaken = (100 * part / max(self.speech_s, STEP_S) for part in parts)
        return f"{100 * self.rate:5.2f} % (missed {missed:.2f}, invented {invented:.2f}, somebody else {mistaken:.2f})"


def errors(told: Sequence[Spoken], truth: Sequence[Spoken], length_s: float, collar_s: float = 0.0) -> Wrong:
    """Returns what is wrong in an answer; nothing within ``collar_s`` of a border of the truth is counted."""
    right, given = grid(truth, length_s), grid(told, length_s)
    counted = np.ones(len(right), bool)
    for border in (border for start, end, _ in truth for border in (start, end)) if collar_s else ():
        counted[max(0, round((border - collar_s) / STEP_S)) : round((border + collar_s) / STEP_S)] = False
    right, given = right[counted], given[counted]
    both = most_shared(right.T.astype(np.float64) @ given.astype(np.float64))
    n_right, n_given = right.sum(axis=1), given.sum(axis=1)
    seconds = [
        float(value) * STEP_S
        for value in (
            n_right.sum(),
            np.maximum(n_right - n_given, 0).sum(),
            np.maximum(n_given - n_right, 0).sum(),
            np.minimum(n_right, n_given).sum() - both,
        )
    ]
    return Wrong(*seconds)


def grid(turns: Sequence[Spoken], length_s: float) -> npt.NDArray[np.bool_]:
    """Returns ``(n_steps, n_people)``, who speaks in each hundredth of a second."""
    people = sorted({who for _, _, who in turns})
    found = np.zeros((round(length_s / STEP_S), len(people)), bool)
    for start, end, who in turns:
        found[round(start / STEP_S) : round(end / STEP_S), people.index(who)] = True
    return found


def most_shared(shared: npt.NDArray[np.float64]) -> float:
    """Returns the largest sum of a table with at most one number of each row and column; raises ValueError for more
    than ``MOST_PEOPLE`` on both sides.
    """
    table = shared if shared.shape[1] <= shared.shape[0] else shared.T
    if table.shape[1] > MOST_PEOPLE:
        raise ValueError(f"more than {MOST_PEOPLE} people")
    best = {0: 0.0}
    for row in table:
        # Each state is the set of columns that are taken.
        grown = dict(best)
        for taken, value in best.items():
            for column, share in enumerate(row):
                state = taken | 1 << column
                if share and state != taken and value + share > grown.get(state, -1.0):
                    grown[state] = value + float(share)
        best = grown
    return max(best.values())
