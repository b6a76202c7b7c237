"""What a model writes, piece by piece: reasoning apart from text, and the end where a stop string is. Pure."""

from __future__ import annotations

from collections.abc import Sequence

OPENING, CLOSING = "<think>", "</think>"


class Unfolding:
    """Takes pieces as they come; ``text`` and ``reasoning`` are what there is so far, and safe to show.

    Reasoning is what stands between ``<think>`` at the very beginning and ``</think>``. Some models write the end mark
    only, because their prompt held the first one: what was taken for text then turns into reasoning. What could still
    become a mark or a stop string is held back until it is known, or until ``close``.
    """

    def __init__(self, stop: Sequence[str] = ()) -> None:
        self.stopped = False
        self._stop = tuple(word for word in stop if word)
        self._state = "start"
        self._pending = ""
        self._text: list[str] = []
        self._reasoning: list[str] = []

    @property
    def text(self) -> str:
        """The text so far, without space before and behind it."""
        return "".join(self._text).strip()

    @property
    def reasoning(self) -> str:
        """The reasoning so far."""
        return "".join(self._reasoning).strip()

    def think(self, piece: str) -> None:
        """Takes reasoning that comes apart from the text."""
        self._reasoning.append(piece)

    def feed(self, piece: str) -> bool:
        """Takes the next piece; returns True when nothing more is wanted."""
        if self.stopped:
            return True
        self._pending += piece
        while not self.stopped and self._step():
            pass
        return self.stopped

    def close(self) -> None:
        """Takes what was held back: nothing more comes."""
        if self.stopped:
            return
        (self._reasoning if self._state == "thinking" else self._text).append(self._pending)
        self._pending = ""

    def _step(self) -> bool:
        """Moves what is certain out of ``pending``; True when another look may move more."""
        if self._state == "start":
            return self._begin()
        if self._state == "thinking":
            return self._take(self._reasoning, (CLOSING,)) == CLOSING
        found = self._take(self._text, (CLOSING, *self._stop) if not self._reasoning else self._stop)
        if found == CLOSING:
            self._reasoning, self._text = self._text, []
            return True
        self.stopped = found is not None
        return False

    def _begin(self) -> bool:
        seen = self._pending.lstrip()
        if not seen or (len(seen) < len(OPENING) and OPENING.startswith(seen)):
            return False
        if seen.startswith(OPENING):
            self._pending, self._state = seen[len(OPENING) :], "thinking"
        else:
            self._state = "text"
        return True

    def _take(self, into: list[str], marks: Sequence[str]) -> str | None:
        """Moves everything before the first of the marks, and the mark out of the way; returns which it was."""
        places = [(at, mark) for mark in marks if (at := self._pending.find(mark)) >= 0]
        if places:
            at, mark = min(places)
            into.append(self._pending[:at])
            self._pending = self._pending[at + len(mark) :]
            if mark == CLOSING:
                self._state = "text"
            return mark
        held = max((_overlap(self._pending, mark) for mark in marks), default=0)
        keep = len(self._pending) - held
        into.append(self._pending[:keep])
        self._pending = self._pending[keep:]
        return None


def _overlap(text: str, mark: str) -> int:
    """Returns how many characters at the end of ``text`` could be the beginning of ``mark``."""
    for length in range(min(len(mark) - 1, len(text)), 0, -1):
        if text.endswith(mark[:length]):
            return length
    return 0
