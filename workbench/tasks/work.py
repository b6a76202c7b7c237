"""What each task says of its jobs: how a recording is cut for it, and what an engine is given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from engines.requests import Piece, VadOptions
from media.packing import Chunk
from media.vad import Span


class Cuts(Protocol):
    """Cuts one recording as its speech becomes known."""

    def probed(self, duration_s: float | None) -> None:
        """Takes the length that the file claims (seconds, None where it does not say), before any speech."""

    def speech(self, spans: Iterable[Span]) -> list[Chunk]:
        """Takes the next spans of speech; returns the chunks that are complete."""

    def close(self, duration_s: float) -> list[Chunk]:
        """Takes the true length in seconds; returns the last chunks."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of a job when one of its chunks is run; ``duration_s`` is None while the recording is read."""

    request: Any
    pcm: Path
    pieces: Sequence[Piece]
    language: str | None
    duration_s: float | None


class Work(Protocol):
    """One task; its methods are pure."""

    def request(self, value: Mapping[str, Any]) -> Any:
        """Builds the request from its stored shape."""

    def vad(self, request: Any) -> VadOptions:
        """Returns how speech is found for this request; jobs on one recording that want the same share one reading."""

    def cutter(self, request: Any) -> Cuts:
        """Returns what cuts a recording."""

    def item(self, told: Told) -> Any:
        """Returns what the engine is given for one chunk."""

    def undecided(self, request: Any, language: str | None) -> bool:
        """Tells whether chunks have to run one by one until the recording's language is known."""

    def rate(self, request: Any) -> int | None:
        """Returns at which rate in Hz the sound is needed besides 16 kHz mono, None where that is enough."""
