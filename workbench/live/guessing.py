"""Runs open utterances of several sessions together, for text that nobody keeps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engines.requests import TranscribeItem
from engines.residency.residency import Residency
from media.errors import WorkbenchError
from workbench.live.turns import Guess
from workbench.running.board import Board, Stage


class Guessing:
    """One pass over the open utterances of one model."""

    def __init__(self, guesses: Sequence[Guess]) -> None:
        self.guesses = list(guesses)
        self.model = self.guesses[0].model
        self._told: set[int] = set()

    def run(self, board: Board, residency: Residency) -> None:
        """Runs the pass and tells each session its result as soon as it is there; raises WorkbenchError."""
        try:
            wanted = [(at, item) for at, guess in enumerate(self.guesses) if (item := guess.item()) is not None]
            if wanted:
                self._run(board, residency, [at for at, _ in wanted], [item for _, item in wanted])
        finally:
            for at in range(len(self.guesses)):
                self._tell(at, None)

    def _run(self, board: Board, residency: Residency, places: list[int], items: list[TranscribeItem]) -> None:
        def show(why: str) -> None:
            self._stage(board, "loading_model" if why == "loading" else "waiting")

        def unwanted() -> bool:
            return board.stopping

        spec = board.specs[self.model]
        try:
            with residency.lease(spec, len(items), show, unwanted) as lease:
                results = lease.run(items, lambda at, result: self._tell(places[at], result), unwanted)
                for at, result in zip(places, results, strict=True):
                    self._tell(at, None if isinstance(result, WorkbenchError) else result)
        finally:
            self._stage(board, "waiting")

    def _tell(self, at: int, result: Mapping[str, Any] | None) -> None:
        if at not in self._told:
            self._told.add(at)
            self.guesses[at].heard(result)

    def _stage(self, board: Board, stage: Stage) -> None:
        with board.changed:
            for guess in self.guesses:
                job = board.jobs.get(guess.job_id)
                if job is not None and job.stage in ("waiting", "loading_model"):
                    job.stage = stage
