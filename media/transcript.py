"""The words of a recording and when they were spoken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Word:
    """One word; ``text`` keeps its leading space where the language writes one. ``probability`` is 0 to 1."""

    start: float
    end: float
    text: str
    probability: float


@dataclass(frozen=True, slots=True)
class Segment:
    """A line of a transcript.

    ``start`` and ``end`` are seconds from the start of the recording. ``words`` is empty unless word times
    were asked for. ``flags`` are stable codes: ``failed`` (this stretch could not be recognised; ``text`` is
    empty), ``loop`` (a repetition was cut off), ``doubtful`` (low mean probability),
    ``repeated`` (each utterance was recognised by itself, so what is there again was said again).
    """

    start: float
    end: float
    text: str
    words: tuple[Word, ...] = ()
    language: str | None = None
    speaker: str | None = None
    avg_logprob: float | None = None
    no_speech_prob: float | None = None
    flags: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON; ``from_dict`` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> Segment:
        """Builds a segment from ``to_dict``'s shape; absent optional fields take their defaults."""
        fields = dict(value)
        fields["words"] = tuple(Word(**word) for word in fields.get("words") or ())
        fields["flags"] = tuple(fields.get("flags") or ())
        return cls(**fields)


@dataclass(frozen=True, slots=True)
class Transcript:
    """All segments of one recording, in order of ``start``, none after ``duration`` seconds.

    ``turns`` say who is heard when, ``(start, end, speaker)``; those of two people may overlap.
    """

    segments: tuple[Segment, ...]
    duration: float
    language: str | None = None
    title: str = ""
    turns: tuple[tuple[float, float, str], ...] = ()
