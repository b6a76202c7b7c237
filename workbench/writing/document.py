"""The text that something is written from: the lines of a transcript, or the paragraphs of a plain text."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from media.transcript import Transcript


@dataclass(frozen=True, slots=True)
class Line:
    """A line as people see it; ``number`` is that of the transcript's line, ``start`` and ``end`` are seconds.

    Both are None in a plain text.
    """

    number: int
    text: str
    start: float | None = None
    end: float | None = None
    speaker: str | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """Lines in order; ``language`` is a code such as ``zh``, None where nobody knows it."""

    lines: tuple[Line, ...]
    title: str = ""
    language: str | None = None
    duration_s: float | None = None

    @property
    def spoken(self) -> bool:
        """True for a transcript: its lines have times."""
        return any(line.start is not None for line in self.lines)

    def to_bytes(self) -> bytes:
        """Returns JSON, the same bytes for the same document; ``from_bytes`` is its inverse."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Document:
        """Builds a document from ``to_bytes``'s shape; raises ValueError for anything else."""
        try:
            told: Mapping[str, Any] = json.loads(content)
            lines = tuple(Line(**line) for line in told["lines"])
            return cls(lines, str(told.get("title") or ""), told.get("language"), told.get("duration_s"))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"not a document: {error}") from None


def of_transcript(transcript: Transcript, numbers: Iterable[int] | None = None) -> Document:
    """Returns a transcript as a document; ``numbers`` are those of its lines, by default 0, 1, 2 ..."""
    named = zip(numbers if numbers is not None else range(len(transcript.segments)), transcript.segments, strict=True)
    lines = tuple(
        Line(number, " ".join(one.text.split()), one.start, one.end, one.speaker)
        for number, one in named
        if one.text.strip()
    )
    return Document(lines, transcript.title, transcript.language, transcript.duration)


def of_text(text: str, title: str = "", language: str | None = None) -> Document:
    """Returns a plain text as a document; each of its lines that holds something is one."""
    kept = [" ".join(line.split()) for line in text.splitlines()]
    return Document(tuple(Line(number, line) for number, line in enumerate(kept) if line), title, language)
