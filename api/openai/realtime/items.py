"""One item of a realtime conversation: a stretch of sound and the text that has been told of it, which only grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.live.firm import rest_of

_UNSPACED_FROM = "\u2e80"


@dataclass(slots=True)
class Item:
    """``lines`` are the utterances it is made of, each with what was told of it; seconds in ``start`` and ``end``.

    ``whole`` is True once no further utterance can come into it.
    """

    id: str
    lines: dict[int, str] = field(default_factory=dict)
    finals: dict[int, Mapping[str, Any]] = field(default_factory=dict)
    start: float = 0.0
    end: float = 0.0
    announced: bool = False
    committed: bool = False
    whole: bool = False
    told: str = ""

    @property
    def done(self) -> bool:
        """Whether its text is complete."""
        return self.whole and self.committed and len(self.finals) == len(self.lines)

    @property
    def transcript(self) -> str:
        """The text of what has ended."""
        text = ""
        for number in sorted(self.finals):
            text += _behind(text, str(self.finals[number]["text"]).strip())
        return text

    @property
    def failed(self) -> bool:
        """Whether a stretch of it could not be recognised."""
        return any(line["state"] == "failed" for line in self.finals.values())

    def take(self, line: Mapping[str, Any]) -> str:
        """Takes how an utterance is now; returns what is to be added to the text that was told.

        An utterance waits until those before it are final, as nothing can be put in before what was told.
        """
        number = int(line["line"])
        said = self.lines.setdefault(number, "")
        if number in self.finals:
            return ""
        if any(other < number and other not in self.finals for other in self.lines):
            return ""
        if line["state"] == "open":
            firm = str(line["firm"])
            more, self.lines[number] = firm[len(said) :] if firm.startswith(said) else "", firm
        else:
            self.finals[number] = line
            more = rest_of(said, str(line["text"]).strip())
        added = more if said else _behind(self.told, more.strip())
        self.told += added
        return added


def _behind(before: str, said: str) -> str:
    """Returns a text with the space that stands before it, where its language writes one."""
    close = not before or not said or (before[-1] >= _UNSPACED_FROM and said[0] >= _UNSPACED_FROM)
    return said if close else f" {said}"
