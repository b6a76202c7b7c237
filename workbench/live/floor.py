"""Whether somebody has the floor just now, as the scheduler and the screens are told it."""

from __future__ import annotations

from workbench.live.audience import Audience
from workbench.live.partials import HUSH_S
from workbench.live.room import LiveRoom
from workbench.live.utterances import Open
from workbench.running.board import ActiveJob

SPEAKING_S = 0.3
"""Shorter silences are those between words."""
QUIET_LINE_S = 1.0
"""Without sound for so long, nobody is taken to be speaking: the connection is gone, or the microphone rests."""


class Floor:
    """The turn of one session; used by its thread."""

    def __init__(self, room: LiveRoom, job: ActiveJob, audience: Audience) -> None:
        self.speaking = False
        self._room = room
        self._job = job
        self._audience = audience

    def look(self, speech: Open | None, sound_at: float, now: float) -> bool:
        """Takes the open utterance and when sound came last; returns whether speaking has begun or stopped."""
        speech = speech if now - sound_at < QUIET_LINE_S else None
        with self._room.board.changed:
            turn = self._room.board.turns.sessions.get(self._job.id)
            if turn is not None:
                turn.model, turn.here = self._job.model, self._audience.is_here(now)
                before, turn.pausing = turn.pausing, speech is not None and speech.silent_s >= HUSH_S
                if before and not turn.pausing:
                    self._room.board.changed.notify_all()
        was_speaking = self.speaking
        self.speaking = speech is not None and speech.silent_s < SPEAKING_S
        return self.speaking != was_speaking

    def waits_for(self) -> str | None:
        """Returns why no text can come yet."""
        if self._job.model not in self._room.board.ready_models and not self._job.ended:
            return "fetching_model"
        return "loading_model" if self._job.stage == "loading_model" else None
