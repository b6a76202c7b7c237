"""People who speak while others' recordings wait: sentences, provisional text, and how late the text comes."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from workbench.live.pace import pace, smoothed
from workbench.live.partials import HUSH_S
from workbench.live.turns import Guess, Turn
from workbench.planning.scene import Setting, job_of
from workbench.running.board import ActiveJob, Board
from workbench.running.chunks import Place
from workbench.running.lanes import Claim

SENTENCE_S, PAUSE_S = 5.0, 1.6
"""The usual length of a sentence and of the silence behind it: people in a meeting speak three quarters of the time."""
CLOSING_S = 0.6
"""Silence that closes a sentence, as the cutter waits."""


class Speakers:
    """All live sessions of a simulation. ``lags`` are seconds from the closing of a sentence to its text."""

    def __init__(
        self,
        board: Board,
        setting: Setting,
        at: Callable[[float, Callable[[], None]], None],
        now: Callable[[], float],
        offered: dict[str, Claim],
    ) -> None:
        self._board = board
        self._setting = setting
        self._at = at
        self._now = now
        self._offered = offered
        self._chance = random.Random(7)
        self._began: dict[str, float] = {}
        self._closed: dict[tuple[str, int], float] = {}
        self._took: dict[str, float | None] = {}
        self.lags: list[float] = []

    def begin(self) -> None:
        """Has everybody begin to speak, not all at once."""
        for number in range(self._setting.n_live):
            name, owner = f"live {number:03d}", f"speaker {number}"
            job = job_of(name, owner, "live", self._setting.text, 0.0)
            job.language, job.reading = "zh", "running"
            self._board.jobs[name] = job
            self._board.turns.sessions[name] = Turn(owner, self._setting.text)
            self._at(self._chance.uniform(0.0, 10.0), partial(self._speak, job))

    def heard(self, guesses: list[Guess]) -> list[float]:
        """Returns how much of each open sentence there is to hear."""
        return [max(0.5, self._now() - self._began.get(guess.job_id, self._now())) for guess in guesses]

    def guessed(self, guesses: list[Guess], took_s: float) -> None:
        """Takes note of how long provisional text took, and has it asked for again."""
        for guess in guesses:
            self._took[guess.job_id] = smoothed(self._took.get(guess.job_id), took_s)
            turn = self._board.turns.sessions.get(guess.job_id)
            if turn is not None:
                turn.guessing = False
                self._wish(guess.job_id)

    def written(self, job: ActiveJob, number: int) -> None:
        """Counts how late a sentence's text came."""
        closed = self._closed.pop((job.id, number))
        if closed >= self._setting.counted_from:
            self.lags.append(self._now() - closed)
        del job.places[number]

    def _speak(self, job: ActiveJob) -> None:
        if self._now() > self._setting.live_until:
            self._board.turns.sessions.pop(job.id, None)
            self._board.jobs.pop(job.id, None) if not job.waiting and not job.running else None
            return
        self._began[job.id] = self._now()
        length_s = min(28.0, max(1.0, self._chance.gammavariate(2.0, SENTENCE_S / 2)))
        self._wish(job.id)
        self._at(self._now() + length_s + HUSH_S, partial(self._hush, job.id))
        self._at(self._now() + length_s + CLOSING_S, lambda: self._close(job, length_s))

    def _hush(self, job_id: str) -> None:
        """A silence has begun: the sentence may be over, and nothing else begins until that is known."""
        turn = self._board.turns.sessions.get(job_id)
        if turn is not None:
            turn.pausing = True

    def _close(self, job: ActiveJob, length_s: float) -> None:
        self._began.pop(job.id, None)
        turn = self._board.turns.sessions.get(job.id)
        if turn is not None:
            turn.guess, turn.pausing = None, False
        number = len(self._closed) + job.n_succeeded + len(job.waiting) + len(job.running)
        while number in job.places:
            number += 1
        job.places[number] = Place(self._now() - length_s, self._now(), ((0.0, length_s),))
        job.waiting[number] = None
        self._offered.pop(job.id, None)
        self._closed[job.id, number] = self._now()
        self._at(self._now() + self._chance.expovariate(1 / (PAUSE_S - CLOSING_S)), lambda: self._speak(job))

    def _wish(self, job_id: str) -> None:
        every_s = pace(self._took.get(job_id), 0.0).every_s
        began = self._began.get(job_id)

        def wish() -> None:
            turn = self._board.turns.sessions.get(job_id)
            if turn is not None and self._began.get(job_id) == began and began is not None and not turn.guessing:
                turn.guess = Guess(job_id, self._setting.text, _unheard, _ignored)

        self._at(self._now() + every_s, wish)


def _unheard() -> None:
    """Nothing is really heard in a simulation."""


def _ignored(*_: object) -> None:
    """Nothing is really shown in a simulation."""
