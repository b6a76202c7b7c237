"""Who is speaking right now: what engines hear between the utterances, and what must wait meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from engines.requests import TranscribeItem
from workbench.running import lanes

Heard = Callable[[Mapping[str, Any] | None], None]


@dataclass(frozen=True, slots=True)
class Guess:
    """A wish for the provisional text of an open utterance; never in the database.

    ``item`` gives what is to be heard as it is when an engine is free, None where the utterance has closed meanwhile.
    ``heard`` is told the result once, None where there is none. ``urgent`` ones go first: somebody waits for the text.
    """

    job_id: str
    model: str
    item: Callable[[], TranscribeItem | None]
    heard: Heard
    urgent: bool = False


@dataclass(slots=True)
class Turn:
    """A session that listens. ``here``: somebody is connected. ``pausing``: a silence has begun in what was being said,
    and a final may be due within a moment.
    """

    owner: str
    model: str
    here: bool = True
    pausing: bool = False
    guess: Guess | None = None
    guessing: bool = False


@dataclass(slots=True)
class Turns:
    """The sessions that listen, by their job; changed and read only under the board's lock."""

    sessions: dict[str, Turn] = field(default_factory=dict)

    def rules(self, rules: lanes.Rules) -> lanes.Rules:
        """Returns the limits of a batch: one chunk while somebody may speak, so that live work waits little."""
        return lanes.beside_live(rules) if self.somebody_here() else rules

    def somebody_here(self) -> bool:
        """Tells whether somebody may speak at any moment."""
        return any(turn.here for turn in self.sessions.values())

    def speaks_to(self, model: str) -> bool:
        """Tells whether somebody may speak at any moment to this model."""
        return any(turn.here and turn.model == model for turn in self.sessions.values())

    def wishes(self, models: Collection[str]) -> bool:
        """Tells whether an open utterance waits to be heard by one of these models."""
        return any(turn.guess is not None and turn.guess.model in models for turn in self.sessions.values())

    def only_live(self) -> bool:
        """Tells whether other work must not begin now."""
        return any(turn.pausing for turn in self.sessions.values())

    def guesses(self, busy: frozenset[str], most: int) -> list[Guess]:
        """Takes the wishes of one model, at most so many, and marks their sessions."""
        taken: list[Guess] = []
        for turn in self.sessions.values():
            guess = turn.guess
            if guess is None or guess.model in busy or (taken and guess.model != taken[0].model) or len(taken) == most:
                continue
            turn.guess, turn.guessing = None, True
            taken.append(guess)
        return sorted(taken, key=lambda guess: not guess.urgent)

    def done(self, guesses: list[Guess]) -> None:
        """Lets the sessions wish again."""
        for guess in guesses:
            turn = self.sessions.get(guess.job_id)
            if turn is not None:
                turn.guessing = False
