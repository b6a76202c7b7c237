"""Runs open utterances of several sessions together, for provisional text that nobody keeps."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from engines.requests import TranscribeItem
from engines.residency import Residency
from media.errors import WorkbenchError
from workbench.board import Board
from workbench.live_turns import Guess

log = logging.getLogger(__name__)


class Guessing:
    """One pass over the open utterances of one model; what it costs is charged to those who speak."""

    def __init__(self, guesses: Sequence[Guess]) -> None:
        self.guesses = list(guesses)
        self.model = self.guesses[0].model

    def run(self, board: Board, residency: Residency) -> None:
        """Runs the pass and tells each session its result; raises WorkbenchError."""
        wanted = [(guess, item) for guess in self.guesses if (item := guess.item()) is not None]
        if not wanted:
            return
        began = board.now()
        results = self._results(board, residency, [item for _, item in wanted])
        took_s = board.now() - began
        for (guess, _), result in zip(wanted, results, strict=True):
            guess.heard(None if isinstance(result, WorkbenchError) else result, took_s)

    def _results(self, board: Board, residency: Residency, items: list[TranscribeItem]) -> list[Any]:
        def show(why: str) -> None:
            self._stage(board, "loading_model" if why == "loading" else "waiting")

        def unwanted() -> bool:
            return board.stopping

        spec = board.specs[self.model]
        try:
            with residency.lease(spec, len(items), show, unwanted) as lease:
                return list(lease.run(items, lambda *_: None, unwanted))
        finally:
            self._stage(board, "waiting")

    def _stage(self, board: Board, stage: str) -> None:
        with board.changed:
            for guess in self.guesses:
                job = board.jobs.get(guess.job_id)
                if job is not None and job.stage in ("waiting", "loading_model"):
                    job.stage = stage  # type: ignore[assignment]
