"""What each task says of its jobs: how a recording is cut for it, and what an engine is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from engines.requests import Piece, VadOptions
from media.packing import Chunk
from media.vad import Span

if TYPE_CHECKING:
    from workbench.machine.models import Models

Results = Mapping[int, Mapping[str, Any]]


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
    """What is known of a job when one of its chunks is run; ``duration_s`` is None while the recording is read.

    ``number`` is the chunk's, ``source`` the input as it came, ``folder`` where the job may leave files until it ends,
    and ``results()`` what its other chunks gave so far, by their numbers.
    """

    request: Any
    pcm: Path
    pieces: Sequence[Piece]
    language: str | None
    duration_s: float | None
    number: int = 0
    source: Path = Path()
    folder: Path = Path()
    results: Callable[[], Results] = dict


@dataclass(frozen=True, slots=True)
class Plan:
    """All chunks of a job whose input no decoder has to read.

    ``start``, ``end`` and ``pieces`` of its chunks are in the task's own unit (signs of a text, frames): the sum of
    the pieces is how much work a chunk is, which speeds and the time left are reckoned by.
    """

    chunks: Sequence[Chunk]
    notes: Sequence[Mapping[str, Any]] = ()


class Work(Protocol):
    """One task; its methods are pure, but ``plan`` reads the input and ``model`` looks what is here."""

    asked: type
    """The dataclass of its requests."""

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

    def plan(self, request: Any, source: Path) -> Plan | None:
        """Returns all chunks of an input that needs no decoding, the same each time; None where a reader cuts it.

        ``source`` is the input as it came. Raises WorkbenchError, which ends the job.
        """

    def model(self, request: Any, models: Models) -> str:
        """Checks a request and returns the name of the model that does it.

        Raises JobError: ``request_invalid`` with ``field`` and ``value``, or ``pack_missing``.
        """


class Planned:
    """What tasks have in common whose input no decoder reads: a text, or a list."""

    def vad(self, request: Any) -> VadOptions:
        """Returns the usual limits, which nobody looks at."""
        return VadOptions()

    def cutter(self, request: Any) -> Cuts:
        """Is never asked: ``plan`` has cut already."""
        raise NotImplementedError

    def undecided(self, request: Any, language: str | None) -> bool:
        """Returns False: chunks need not wait for each other."""
        return False

    def rate(self, request: Any) -> int | None:
        """Returns None: there is no sound."""
        return None


class Recorded:
    """What tasks have in common whose input is a recording."""

    def plan(self, request: Any, source: Path) -> Plan | None:
        """Returns None: a reader cuts it while it decodes."""
        return None
