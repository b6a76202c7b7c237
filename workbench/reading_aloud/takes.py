"""The takes of each sentence, and which of them is kept: pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.history.rows import ChunkRow
from workbench.tasks.aloud import ROUND, ROUNDS


@dataclass(frozen=True, slots=True)
class Take:
    """One time that a sentence was spoken.

    ``sounds`` is what was meant to be said, ``heard`` what was understood of it (None: nobody listened), ``wrong`` the
    share of sounds that differ, and ``doubt`` why it is worth a listen: ``missing``, ``doubled``, ``different``, or
    empty.
    """

    sentence: int
    round: int
    file: str
    audio_s: float
    speech_s: float
    sounds: str = ""
    heard: str | None = None
    wrong: float = 0.0
    doubt: str = ""
    most_rounds: int = ROUNDS

    @property
    def number(self) -> int:
        """The number of its chunk."""
        return self.round * ROUND + self.sentence


def takes_of(chunks: Sequence[ChunkRow]) -> list[Take]:
    """Returns all takes that were spoken, in the order of their chunks."""
    return [
        Take(
            chunk.number % ROUND,
            chunk.number // ROUND,
            str(chunk.result["file"]),
            float(chunk.result["audio_s"]),
            float(chunk.result["speech_s"]),
            str(chunk.result.get("sounds", "")),
        )
        for chunk in chunks
        if chunk.status == "succeeded" and chunk.result
    ]


def best_of(takes: Sequence[Take]) -> list[Take]:
    """Returns one take of each sentence, in order: one without doubt, else the one that was understood best."""
    found: dict[int, Take] = {}
    for take in takes:
        before = found.get(take.sentence)
        if before is None or (bool(take.doubt), take.wrong) < (bool(before.doubt), before.wrong):
            found[take.sentence] = take
    return [found[sentence] for sentence in sorted(found)]
