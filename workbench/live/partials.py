"""The provisional text of one session: asked for about once a second, and dropped when it is overtaken."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from engines.requests import TranscribeItem
from workbench.live.firm import Agreement
from workbench.live.lines import open_line, text_of
from workbench.live.pace import Pace, pace, smoothed
from workbench.live.room import LiveRoom
from workbench.live.turns import Guess, Turn
from workbench.live.utterances import Open, Utterance
from workbench.running.board import ActiveJob
from workbench.tasks.transcribe import Done, item_of, lines_of

LEAST_HEARD_S = 0.6
LEAST_SPEECH_S = 0.25
"""An utterance is first decoded when so much of it was heard: less gives no words."""
NEW_SOUND_S = 0.25
"""A pass with less new sound than this would say the same again."""
HUSH_S = 0.1
"""Silence from which on a pause may be coming."""
LONG_S = 12.0
"""Of an utterance that is longer, only what is not settled is decoded again: the shortest window holds so much."""
LEFT_S = 2.0
"""So much is decoded again at least, as words need those before them."""
LATELY_S = 30.0
SURE_OF_LANGUAGE = 0.8

Order = Callable[..., None]


class Partials:
    """What the session's thread knows of the open utterance; ``order`` hands results back to that thread.

    When speech stops, the utterance is decoded at once as it will be if the pause goes on: with that the final text
    often is there when the pause is recognised. If speech goes on instead, the text is provisional like any other.
    """

    def __init__(self, room: LiveRoom, job: ActiveJob, sound: Path, order: Order) -> None:
        self._room = room
        self._job = job
        self._sound = sound
        self._order = order
        self._open: Open | None = None
        self._said = Agreement()
        self._hint: str | None = None
        self._asked_at = float("-inf")
        self._asked_to = 0.0
        self._from_s: float | None = None
        self._took: float | None = None
        self._took_at = float("-inf")
        self._ahead: Utterance | None = None
        self._ahead_guess: Guess | None = None
        self._ahead_result: Mapping[str, Any] | None = None
        self.line = 0

    def pace(self, behind_s: float) -> Pace:
        """Returns how often provisional text comes now."""
        return pace(self._lately(), behind_s)

    def begin(self, line: int) -> None:
        """Forgets the utterance before, as the next line begins."""
        self.line = line
        self._said, self._hint = Agreement(), None
        self._asked_at, self._asked_to, self._from_s = float("-inf"), 0.0, None
        self._ahead = self._ahead_guess = self._ahead_result = None

    def warm(self) -> None:
        """Has the model loaded before anybody speaks."""
        item = self._item(((0.0, 0.0),), draft=True)
        self._wish(Guess(self._job.id, self._job.model, lambda: item, lambda result: None))

    def look(self, speech: Open | None, likely: Utterance | None, behind_s: float, now: float) -> None:
        """Asks for a pass where one is due; ``speech`` is the open utterance, None while nobody speaks."""
        self._open = speech
        if speech is None:
            return
        plan = self.pace(behind_s)
        if likely is not None and likely != self._ahead and plan.partials != "off":
            self._look_ahead(likely)
        elif self._is_due(speech, plan, now):
            self._asked_at, self._asked_to = now, speech.heard
            line, asked_at = self.line, now
            self._wish(
                Guess(
                    self._job.id,
                    self._job.model,
                    self._open_item,
                    lambda result: self._order("guessed", line, result, asked_at, self._asked_to),
                )
            )

    def guessed(
        self, line: int, result: Mapping[str, Any] | None, asked_at: float, end: float
    ) -> dict[str, Any] | None:
        """Takes a pass; returns the line to show, None where nothing new is to be seen or it was overtaken."""
        if result is None or line != self.line or self._open is None:
            return None
        now = self._room.board.now()
        self._took, self._took_at = smoothed(self._lately(), now - asked_at), now
        if float(result.get("language_probability") or 0.0) >= SURE_OF_LANGUAGE:
            self._hint = result.get("language")
        shown = self._shown(result, end)
        self._settle(result)
        return shown

    def ahead(self, line: int, utterance: Utterance, result: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Takes what the utterance is if the pause goes on; returns it as a provisional line."""
        if line != self.line or utterance != self._ahead:
            return None
        self._ahead_result = result
        if result is None or self._open is None:
            return None
        return self._shown(result, utterance.end, whole=True)

    def foreseen(self, utterance: Utterance) -> tuple[bool, Mapping[str, Any] | None]:
        """Tells whether the final text of an utterance that closes now comes without being asked for, and the text."""
        with self._room.board.changed:
            turn = self._room.board.turns.sessions.get(self._job.id)
            pending = turn is not None and turn.guess is not None
            not_begun = turn is not None and turn.guess is self._ahead_guess
            if turn is not None and pending:
                turn.guess = None
        if utterance != self._ahead or (not_begun and self._ahead_guess is not None):
            return False, None
        return True, self._ahead_result

    def shown(self, start: float, end: float) -> dict[str, Any]:
        """Returns the open line as it was shown last."""
        return open_line(self.line, start, end, self._said)

    def _look_ahead(self, likely: Utterance) -> None:
        line, item = self.line, self._item(((likely.start, likely.end),), draft=False)
        self._ahead, self._ahead_result = likely, None
        self._ahead_guess = Guess(
            self._job.id,
            self._job.model,
            lambda: item,
            lambda result: self._order("ahead", line, likely, result),
            urgent=True,
        )
        self._wish(self._ahead_guess)

    def _is_due(self, speech: Open, plan: Pace, now: float) -> bool:
        with self._room.board.changed:
            turn = self._room.board.turns.sessions.get(self._job.id)
            if turn is None or turn.guess is not None or turn.guessing:
                return False
        if plan.partials == "off" and now - self._asked_at < plan.every_s:
            return False
        if not self._said.firm and not self._said.provisional:
            enough = speech.heard - speech.start >= LEAST_HEARD_S and speech.speech_s >= LEAST_SPEECH_S
            return enough and speech.heard - self._asked_to >= NEW_SOUND_S
        new_s = speech.heard - speech.silent_s - self._asked_to
        return new_s >= NEW_SOUND_S and speech.silent_s < HUSH_S and now - self._asked_at >= plan.every_s

    def _shown(self, result: Mapping[str, Any], end: float, whole: bool = False) -> dict[str, Any] | None:
        assert self._open is not None
        text = self._text(result)
        if not text or not self._said.take(text, whole):
            return None
        return self.shown(self._open.start, end)

    def _settle(self, result: Mapping[str, Any]) -> None:
        """Lets the next passes over a long utterance begin behind the sentences of this one that are firm."""
        assert self._open is not None
        segments = result.get("segments") or ()
        if self._open.heard - (self._from_s or self._open.start) <= LONG_S:
            return
        for n in range(len(segments) - 1, 0, -1):
            from_s = max(float(segments[n - 1]["end"]), float(segments[n]["start"]) - 0.2)
            fits = from_s <= self._open.heard - LEFT_S
            if fits and self._said.settle(self._text({**result, "segments": segments[:n]})):
                self._from_s = from_s
                return

    def _text(self, result: Mapping[str, Any]) -> str:
        assert self._open is not None
        done = Done(self.line, self._open.start, self._open.heard, result)
        return text_of(lines_of(done, self._job.request, self._room.rewriter, None))

    def _wish(self, guess: Guess) -> None:
        with self._room.board.changed:
            turn = self._room.board.turns.sessions.setdefault(self._job.id, Turn(self._job.owner, self._job.model))
            turn.guess = guess
            self._room.board.changed.notify_all()

    def _open_item(self) -> TranscribeItem | None:
        """Returns what was heard of the open utterance and is not settled; called by the thread that runs it."""
        speech = self._open
        if speech is None:
            return None
        self._asked_to = speech.heard
        return self._item(((self._from_s or speech.start, speech.heard),), draft=True)

    def _item(self, pieces: tuple[tuple[float, float], ...], draft: bool) -> TranscribeItem:
        """Returns the item of a pass; one that is no draft equals that of the chunk."""
        language = self._job.language or (self._hint if draft else None)
        language = "en" if self._job.english_only else language
        item = item_of(self._job.request, self._sound, pieces, language, None)
        return replace(item, beam_size=1, word_timestamps=False, draft=True) if draft else item

    def _lately(self) -> float | None:
        return self._took if self._room.board.now() - self._took_at < LATELY_S else None
