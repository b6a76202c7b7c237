"""What is learned from every batch of real work, and used for the next."""

from __future__ import annotations

from engines.base import ModelSpec
from engines.lease import Lease
from engines.residency import Residency
from workbench.board import Board
from workbench.history import History
from workbench.measured import Measured, Seen
from workbench.metrics import Tally

_LEAST_SOUND_S = 1.0


class Learning:
    """Told of batches by the threads that run them; tells how many chunks should run together."""

    def __init__(self, board: Board, history: History, residency: Residency, measured: Measured, tally: Tally) -> None:
        self._board = board
        self._history = history
        self._residency = residency
        self._measured = measured
        self._tally = tally

    def size(self, spec: ModelSpec, usual: int) -> int:
        """Returns how many chunks of a model should run together, at most ``usual``."""
        return self._measured.best_batch(spec, self._residency.places(spec)[0], usual)

    def ran(self, spec: ModelSpec, lease: Lease, n_chunks: int, sound_s: float, took_s: float) -> None:
        """Learns from a batch whose model was loaded already and of which nothing failed."""
        if took_s <= 0 or sound_s <= _LEAST_SOUND_S:
            return
        realtime_x = sound_s / took_s
        self._board.measured(spec.name, realtime_x)
        self._history.learn_speed(spec.name, lease.place.device, lease.place.precision, realtime_x)
        peak_mib = 0 if lease.steps else lease.memory_mib()[1]
        self._measured.saw(spec, lease.place, Seen(n_chunks, realtime_x, peak_mib))

    def spent(self, spec: ModelSpec, sound_s: float, took_s: float) -> None:
        """Counts what was computed, whether it can be learned from or not."""
        self._tally.batch(spec.name, sound_s, took_s)
