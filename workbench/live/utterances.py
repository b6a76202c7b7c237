"""Where an utterance begins and ends: probabilities of speech become stretches of seconds while somebody speaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from media.audio import SAMPLE_RATE
from media.vad import WINDOW, cut_costs

WINDOW_S = WINDOW / SAMPLE_RATE
LONGEST_S = 30.0
"""Whisper hears no more at once."""
PAUSE_S = 0.6
PAUSES_S = (0.3, 2.0)


@dataclass(frozen=True, slots=True)
class CutLimits:
    """How speech is told from silence; ``pause_s`` of silence close an utterance.

    ``pad_s`` is the sound kept before and behind the speech that was found, as words begin softly and end late.
    ``on`` and ``off`` are probabilities: speech begins at the first and goes on down to the second. What has speech in
    no more than ``least_s`` is a click, not an utterance.
    """

    pause_s: float = PAUSE_S
    longest_s: float = LONGEST_S
    pad_s: float = 0.3
    on: float = 0.5
    off: float = 0.35
    least_s: float = 0.1


class Utterance(NamedTuple):
    """A stretch of the recording from ``start`` to ``end`` in seconds, padded."""

    start: float
    end: float


class Open(NamedTuple):
    """The utterance that is being spoken.

    ``start`` and ``heard`` are seconds: where it begins, padded, and how far it was heard. ``speech_s`` is how much of
    it is speech, ``silent_s`` the length of the silence at its end.
    """

    start: float
    heard: float
    speech_s: float
    silent_s: float


class UtteranceCutter:
    """Finds utterances in windows of 32 ms that come in packets of any size, which make no difference.

    One closes after a pause; one without a pause is cut at its quietest place in the second half before it is too long,
    and goes on as the next. ``origin_s`` is where the first window begins, and where the last utterance ended.
    """

    def __init__(self, limits: CutLimits, origin_s: float = 0.0) -> None:
        self.limits = limits
        self._origin_s = origin_s
        self._given_to_s = origin_s
        self._n_windows = 0
        self._start = -1  # the first window of the open utterance, -1 while there is none
        self._silent_from = -1
        self._after_cut = False
        self._chances: list[float] = []  # of the open utterance
        self._levels: list[float] = []

    @property
    def open(self) -> Open | None:
        """The utterance that is being spoken, None in silence."""
        if self._start < 0:
            return None
        silent = self._n_windows - self._silent_from if self._silent_from >= 0 else 0
        speech = sum(chance >= self.limits.on for chance in self._chances)
        return Open(self._padded_start(), self._at(self._n_windows), speech * WINDOW_S, silent * WINDOW_S)

    def likely(self) -> Utterance | None:
        """Returns the utterance that closes if the silence which has begun goes on; None before that is certain."""
        if self._silent_from < 0 or (self._n_windows - self._silent_from) * WINDOW_S < self.limits.pad_s:
            return None
        return self._closed(self._silent_from)

    def feed(self, chances: Iterable[float], levels_db: Iterable[float]) -> list[Utterance]:
        """Takes the probabilities of the next windows and their loudness in dBFS; returns what has closed."""
        closed: list[Utterance] = []
        for chance, level in zip(chances, levels_db, strict=True):
            closed += self._step(float(chance), float(level))
        return closed

    def close(self) -> list[Utterance]:
        """Ends what is being spoken, as nothing follows; the windows go on."""
        if self._start < 0:
            return []
        return self._end(self._silent_from if self._silent_from >= 0 else self._n_windows)

    def _step(self, chance: float, level: float) -> list[Utterance]:
        at = self._n_windows
        self._n_windows += 1
        if self._start < 0:
            if chance < self.limits.on:
                return []
            self._start, self._silent_from, self._after_cut = at, -1, False
        self._chances.append(chance)
        self._levels.append(level)
        if chance >= self.limits.on:
            self._silent_from = -1
        elif chance < self.limits.off and self._silent_from < 0:
            self._silent_from = at
        if self._silent_from >= 0 and (at + 1 - self._silent_from) * WINDOW_S >= self.limits.pause_s:
            return self._end(self._silent_from)
        if self._at(at + 2) - self._padded_start() > self.limits.longest_s:
            return self._cut()
        return []

    def _cut(self) -> list[Utterance]:
        costs = cut_costs(self._chances, self._levels)
        half = len(costs) // 2
        place = self._start + half + int(np.argmin(costs[half:]))
        if 0 <= self._silent_from <= place:
            return self._end(self._silent_from)
        kept, silent_from = place - self._start, self._silent_from
        rest = self._chances[kept:], self._levels[kept:]
        closed = [Utterance(round(self._padded_start(), 4), round(self._at(place), 4))]
        self._given_to_s = closed[0].end
        self._start, self._silent_from, self._after_cut = place, silent_from, True
        self._chances, self._levels = rest
        return closed

    def _end(self, end: int) -> list[Utterance]:
        found = self._closed(end)
        if found is not None:
            self._given_to_s = found.end
        self._start, self._silent_from, self._after_cut = -1, -1, False
        self._chances, self._levels = [], []
        return [found] if found is not None else []

    def _closed(self, end: int) -> Utterance | None:
        """Returns the open utterance as it is when its speech ended with this window; None for a click."""
        speech = sum(chance >= self.limits.on for chance in self._chances)
        if not self._after_cut and speech * WINDOW_S <= self.limits.least_s:
            return None
        until = min(self._at(end) + self.limits.pad_s, self._at(self._n_windows))
        start_s = self._padded_start()
        return Utterance(round(start_s, 4), round(min(until, start_s + self.limits.longest_s), 4))

    def _padded_start(self) -> float:
        pad_s = 0.0 if self._after_cut else self.limits.pad_s
        return max(self._given_to_s, self._at(self._start) - pad_s)

    def _at(self, window: int) -> float:
        return self._origin_s + window * WINDOW_S
