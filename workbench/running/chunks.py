"""From speech to numbered chunks: the cut of a recording, the same each time it is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from media.packing import Chunk, Packer
from media.vad import Span

FIRST_CHUNK_S = 8.0
"""Sound in the first chunk of a long recording: enough to tell the language, little enough for quick first text."""
GOOD_CHUNK_S = 14.0
"""Sound up to which sentences are put together in one chunk. On base, int8, a whole job took 1.22 of the CPU time of
faster-whisper's batched pipeline with 28 s and 1.05 to 1.10 with 14 s, as long windows cost more than their share and
fall into loops more often; word errors were the same (0 or 1 of 410; on a telephone call 20 % and 17 %).
"""
SHORT_RECORDING_S = 90.0
"""Up to this length a small first chunk would only cost a cut inside a sentence."""


@dataclass(slots=True)
class Place:
    """Where a chunk lies in the recording (seconds), and how often it has failed in this run of the server."""

    start: float
    end: float
    pieces: tuple[tuple[float, float], ...]
    attempts: int = 0

    @property
    def sound_s(self) -> float:
        """Seconds of sound that a model has to hear."""
        return sum(end - start for start, end in self.pieces)


class Cutter:
    """Cuts one recording as its speech becomes known."""

    def __init__(self, max_s: float) -> None:
        self._max_s = max_s
        self._packer: Packer | None = None

    def probed(self, duration_s: float | None) -> None:
        """Takes the length that the file claims (seconds, None where it does not say), before any speech."""
        short = duration_s is not None and duration_s <= SHORT_RECORDING_S
        self._packer = Packer(self._max_s, self._max_s if short else FIRST_CHUNK_S, GOOD_CHUNK_S)

    def speech(self, spans: Iterable[Span]) -> list[Chunk]:
        """Takes the next spans; returns the chunks that are complete."""
        return self._open().feed(spans)

    def close(self, duration_s: float) -> list[Chunk]:
        """Returns the last chunk, if something is left."""
        del duration_s
        return self._open().close()

    def _open(self) -> Packer:
        if self._packer is None:
            self._packer = Packer(self._max_s, FIRST_CHUNK_S, GOOD_CHUNK_S)
        return self._packer


def place_of(chunk: Chunk) -> Place:
    """Returns the place of a newly cut chunk."""
    return Place(chunk.start, chunk.end, chunk.pieces)


class Finished:
    """How far a recording is done without a gap, when chunks end in any order."""

    def __init__(self) -> None:
        self._ends: dict[int, float] = {}
        self._done: set[int] = set()
        self._next = 0
        self.position_s = 0.0

    def add(self, number: int, end: float) -> float:
        """Marks a chunk that ends at ``end`` seconds as done; returns the seconds that are done without a gap."""
        self._ends[number] = end
        self._done.add(number)
        while self._next in self._done:
            self.position_s = max(self.position_s, self._ends.pop(self._next))
            self._done.discard(self._next)
            self._next += 1
        return self.position_s
