"""One chunk in several parts while somebody is live, so that what people say waits for a second and not for three."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from engines.requests import Piece, TranscribeItem
from engines.residency.lease import Outcome
from media.errors import WorkbenchError
from workbench.running.board import Board
from workbench.running.crew import Crew
from workbench.running.outcomes import Run

PART_S = 9.0
"""Whisper base hears so much within a second on two cores, a whole chunk in three."""

MOST_S = 8.0
"""So long a chunk waits in its middle for people who speak; then it goes on between them."""


def parted(item: Any, part_s: float = PART_S) -> list[Any]:
    """Returns items that together hear what this one hears, each in pieces of at most ``part_s`` where they allow it.

    Pieces stay whole, as words would be cut. What is no speech, and a recording whose language is still open, stays
    together.
    """
    if not isinstance(item, TranscribeItem) or item.language is None:
        return [item]
    groups: list[list[Piece]] = []
    for piece in item.pieces:
        held_s = sum(end - start for start, end in groups[-1]) if groups else 0.0
        if not groups or held_s + piece[1] - piece[0] > part_s:
            groups.append([])
        groups[-1].append(piece)
    return [replace(item, pieces=tuple(group)) for group in groups]


def rejoined(results: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Returns the results of parts as that of the whole item."""
    return {
        **results[0],
        "segments": [segment for result in results for segment in result["segments"]],
        "audio_s": round(sum(float(result.get("audio_s") or 0.0) for result in results), 3),
        "redone": sum(int(result.get("redone") or 0) for result in results),
    }


class InParts:
    """Runs chunks in parts beside live work; ``busy`` are the models at work, changed under the board's lock."""

    def __init__(self, board: Board, crew: Crew, busy: set[str]) -> None:
        self._board = board
        self._crew = crew
        self._busy = busy

    def run(self, run: Run, unwanted: Callable[[], bool]) -> list[Outcome] | None:
        """Runs a batch part by part; None where it is to be run as it is.

        The first error of a part is that of the whole. Raises what ``Lease.run`` raises.
        """
        lease = run.lease
        if lease is None or len(run.items) != 1 or run.jobs[0].lane == "live" or lease.place.device != "cpu":
            return None
        parts = parted(run.items[0]) if self._board.turns.somebody_here() else []
        results: list[Mapping[str, Any]] = []
        for part in parts if len(parts) > 1 else ():
            if results:
                self._let_speak(run)
            [found] = lease.run([part], should_stop=unwanted)
            if isinstance(found, WorkbenchError):
                return [found]
            results.append(found)
        return [rejoined(results)] if results else None

    def _let_speak(self, run: Run) -> None:
        """Lets the thread aside run what people have said, or are saying, on the model of this batch."""
        board, model = self._board, run.batch.model
        with board.changed:
            began = board.now()
            self._busy.discard(model)
            board.changed.notify_all()
            while not board.stopping and self._live_first() and board.now() - began < MOST_S:
                board.changed.wait(0.1)
            while model in self._busy:
                board.changed.wait(0.1)
            self._busy.add(model)
            run.held_up_s += board.now() - began

    def _live_first(self) -> bool:
        turns = self._board.turns
        said = any(claim.lane == "live" for claim in self._board.claims())
        return said or turns.only_live() or turns.wishes(self._board.ready_models) or self._crew.only_live(False)
