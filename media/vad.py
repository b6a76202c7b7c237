"""Where there is speech: probabilities of 32 ms windows become spans of seconds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from media.audio import SAMPLE_RATE

WINDOW = 512
"""Samples in one window of Silero at 16 kHz: 32 ms."""

QUIET_DB = -70.0
_BIN_WINDOWS = 31  # one place to cut in about each second of speech

Floats = npt.NDArray[np.float32]
_Numbers = Sequence[float] | Floats


class Cut(NamedTuple):
    """A place inside speech where a cut hurts least nearby; ``cost`` is 0 (a pause) to 2 (loud, certain speech)."""

    at: float
    cost: float


class Span(NamedTuple):
    """Speech from ``start`` to ``end`` in seconds, padded; ``cuts`` are in order of time, one in about each second."""

    start: float
    end: float
    cuts: tuple[Cut, ...] = ()


class VadLimits(Protocol):
    """The limits by Silero's names and units; ``engines.requests.VadOptions`` is one."""

    @property
    def threshold(self) -> float: ...
    @property
    def min_speech_duration_ms(self) -> int: ...
    @property
    def min_silence_duration_ms(self) -> int: ...
    @property
    def speech_pad_ms(self) -> int: ...
    @property
    def max_speech_duration_s(self) -> float: ...


class _Raw(NamedTuple):
    """Unpadded speech in windows; a side that meets its neighbour at a cut is not padded."""

    start: int
    end: int
    cuts: tuple[Cut, ...]
    cut_before: bool
    cut_after: bool


class SpeechFinder:
    """Finds spans of speech in probabilities that come in packets of any size, which make no difference.

    It follows Silero's rules (two thresholds, least silence, least speech, padding, half a gap where two paddings
    meet), save that over-long speech is cut at its quietest place in the second half, not at its last pause.
    """

    def __init__(self, limits: VadLimits) -> None:
        per_ms = SAMPLE_RATE / 1000
        self._on = limits.threshold
        self._off = max(limits.threshold - 0.15, 0.01)
        self._min_speech = limits.min_speech_duration_ms * per_ms
        self._min_silence = limits.min_silence_duration_ms * per_ms
        self._pad = round(limits.speech_pad_ms * per_ms)
        longest = (limits.max_speech_duration_s * SAMPLE_RATE - 2 * self._pad) / WINDOW
        self._longest = max(8, int(min(longest, 1e9)))
        self._position = 0  # windows seen
        self._start = -1  # first window of the open speech, -1 while there is none
        self._silent_from = -1
        self._after_cut = False
        self._probabilities: list[float] = []  # of the open speech
        self._levels: list[float] = []
        self._pending: _Raw | None = None
        self._given_to = 0  # sample where the last given span ends

    def feed(self, probabilities: _Numbers, levels_db: _Numbers | None = None) -> list[Span]:
        """Takes the probabilities of the next windows and their loudness in dBFS; returns what is now certain."""
        chances = np.asarray(probabilities, np.float32)
        levels = np.zeros(len(chances), np.float32) if levels_db is None else np.asarray(levels_db, np.float32)
        closed: list[Span] = []
        loud = np.flatnonzero(chances >= self._on)
        index = 0
        while index < len(chances):
            if self._start < 0:
                later = np.searchsorted(loud, index)
                following = int(loud[later]) if later < len(loud) else len(chances)
                self._position += following - index
                index = following
                if index == len(chances):
                    break
            closed += self._step(float(chances[index]), float(levels[index]))
            index += 1
        return closed + self._settle(final=False)

    def close(self, n_samples: int | None = None) -> list[Span]:
        """Ends the recording, ``n_samples`` long (default: whole windows); returns the last spans."""
        end = self._position * WINDOW if n_samples is None else n_samples
        closed: list[Span] = []
        if self._start >= 0:
            last = self._silent_from if self._silent_from >= 0 else self._position
            closed += self._end_speech(last, cut=False)
        closed += self._settle(final=True)
        end_s = end / SAMPLE_RATE
        return [Span(span.start, min(span.end, end_s), span.cuts) for span in closed if span.start < end_s]

    def _step(self, chance: float, level: float) -> list[Span]:
        at = self._position
        self._position += 1
        if self._start < 0:
            self._start, self._silent_from, self._after_cut = at, -1, False
        self._probabilities.append(chance)
        self._levels.append(level)
        if chance >= self._on:
            self._silent_from = -1
        elif chance < self._off:
            self._silent_from = at if self._silent_from < 0 else self._silent_from
            if (at - self._silent_from) * WINDOW >= self._min_silence:
                return self._end_speech(self._silent_from, cut=False)
        if at + 1 - self._start >= self._longest:
            return self._cut_speech()
        return []

    def _cut_speech(self) -> list[Span]:
        costs = cut_costs(self._probabilities, self._levels)
        half = len(costs) // 2
        place = self._start + half + int(np.argmin(costs[half:]))
        if 0 <= self._silent_from <= place:
            return self._end_speech(self._silent_from, cut=False)
        kept = place - self._start
        rest = self._probabilities[kept:], self._levels[kept:]
        silent_from = self._silent_from
        closed = self._end_speech(place, cut=True)
        self._start, self._silent_from, self._after_cut = place, silent_from, True
        self._probabilities, self._levels = rest
        return closed

    def _end_speech(self, end: int, *, cut: bool) -> list[Span]:
        start, before = self._start, self._after_cut
        length = end - start
        cuts = _places(start, cut_costs(self._probabilities[:length], self._levels[:length]))
        self._start, self._silent_from, self._after_cut = -1, -1, False
        self._probabilities, self._levels = [], []
        if length * WINDOW <= self._min_speech and not (before or cut):
            return []
        return self._put(_Raw(start, end, cuts, before, cut))

    def _put(self, raw: _Raw) -> list[Span]:
        given: list[Span] = []
        if self._pending is not None:
            gap = (raw.start - self._pending.end) * WINDOW
            given.append(self._give(self._pending, min(self._pad, gap // 2)))
        self._pending = raw
        if raw.cut_after:
            given.append(self._give(raw, 0))
            self._pending = None
        return given

    def _settle(self, *, final: bool) -> list[Span]:
        """Gives the pending span out once no later speech can come close enough to share its padding."""
        if self._pending is None:
            return []
        next_start = self._start if self._start >= 0 else self._position
        if not final and (next_start - self._pending.end) * WINDOW < 2 * self._pad:
            return []
        raw, self._pending = self._pending, None
        return [self._give(raw, self._pad)]

    def _give(self, raw: _Raw, pad_after: int) -> Span:
        start = raw.start * WINDOW - (0 if raw.cut_before else self._pad)
        start = max(start, self._given_to)
        self._given_to = raw.end * WINDOW + pad_after
        return Span(start / SAMPLE_RATE, self._given_to / SAMPLE_RATE, raw.cuts)


def cut_costs(probabilities: Sequence[float], levels_db: Sequence[float]) -> Floats:
    """Returns for each window how much a cut at its start hurts, 0 to 2: how sure and how loud speech is around it.

    The loudness matters because Silero stays certain through the short stops between and inside words.
    """
    sure = _smooth(np.asarray(probabilities, np.float32), 5)
    loud = np.clip((np.asarray(levels_db, np.float32) - QUIET_DB) / -QUIET_DB, 0, 1)
    return sure + _smooth(loud, 3)


def _smooth(values: Floats, width: int) -> Floats:
    """Returns the mean over ``width`` windows around the start of each."""
    if not len(values):
        return values
    before, after = width // 2 + 1, width - width // 2 - 1
    padded = np.pad(values, (before, after), mode="edge")
    return np.convolve(padded, np.full(width, 1 / width, np.float32), "valid")[: len(values)].astype(np.float32)


def _places(start: int, costs: Floats) -> tuple[Cut, ...]:
    """Returns the cheapest place to cut in each second of speech that begins at window ``start``, ends left out."""
    places = []
    for first in range(_BIN_WINDOWS // 2, len(costs) - _BIN_WINDOWS // 2, _BIN_WINDOWS):
        best = first + int(np.argmin(costs[first : first + _BIN_WINDOWS]))
        places.append(Cut((start + best) * WINDOW / SAMPLE_RATE, round(float(costs[best]), 3)))
    return tuple(places)
