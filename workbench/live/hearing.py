"""From packets to utterances: sound goes to disk, through the ear, and into the cutter."""

from __future__ import annotations

import numpy as np

from media.audio import Samples
from workbench.live.room import Ear
from workbench.live.sound import LiveSound
from workbench.live.utterances import CutLimits, Open, Utterance, UtteranceCutter


class Hearing:
    """The sound of one session and what is said in it; used by the session's thread, ``open`` by any.

    ``origin_s`` is where the last utterance that is known ended: what lies behind it is heard again.
    """

    def __init__(self, sound: LiveSound, ear: Ear, pause_s: float, origin_s: float) -> None:
        self.sound = sound
        self._ear = ear
        self._origin_s = origin_s
        self._cutter = UtteranceCutter(CutLimits(pause_s), origin_s)
        self.open: Open | None = None
        self._ended = False

    def take_up(self) -> list[Utterance]:
        """Hears what was on disk already; returns the utterances that have ended in it."""
        closed: list[Utterance] = []
        for block in self.sound.blocks(self._origin_s):
            closed += self._hear(block)
        return closed

    def packet(self, samples: bytes) -> list[Utterance]:
        """Writes the next packet and hears it; raises UploadError ``disk_full`` as if it had not come."""
        self.sound.write(samples)
        return self._hear(np.frombuffer(samples, "<i2"))

    def close(self) -> list[Utterance]:
        """Ends what is being said."""
        return self._told(self._cutter.close())

    def rest(self) -> list[Utterance]:
        """Hears what was too short for a window, and ends; safe to call again."""
        if self._ended:
            return []
        self._ended = True
        found = self._cutter.feed(*self._ear.close()) + self._cutter.close()
        return self._told([Utterance(start, min(end, self.sound.heard_s)) for start, end in found])

    @property
    def since(self) -> float | None:
        """Where what is being said begins, None in silence; a click is nothing said."""
        speech = self.open
        return speech.start if speech is not None and speech.speech_s > self._cutter.limits.least_s else None

    def likely(self) -> Utterance | None:
        """Returns what will have been said if the pause that has begun goes on."""
        return self._cutter.likely()

    def pause_for(self, pause_s: float) -> None:
        """Changes the silence that closes an utterance."""
        self._cutter.limits = CutLimits(pause_s)

    def _hear(self, samples: Samples) -> list[Utterance]:
        return self._told(self._cutter.feed(*self._ear.feed(samples)))

    def _told(self, closed: list[Utterance]) -> list[Utterance]:
        self.open = self._cutter.open
        return closed
