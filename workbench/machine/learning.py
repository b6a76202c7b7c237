"""What is learned from every batch of real work, and used for the next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from engines.base import ModelSpec, Task
from engines.requests import USUAL_BEAM
from engines.residency.lease import Lease
from engines.residency.residency import Residency
from workbench.history.history import History
from workbench.machine.measured import Measured, Seen
from workbench.machine.metrics import Tally
from workbench.running.board import Board
from workbench.running.pace import Effort

_LEAST_SOUND_S = 1.0


@dataclass(frozen=True, slots=True)
class Batch:
    """What ran together: the items that the engine got, seconds of sound in them, and seconds that they took."""

    items: Collection[Any]
    sound_s: float
    took_s: float

    @property
    def beam(self) -> int | None:
        """How many candidates all items followed at once (0: no such number), None where they differ."""
        beams = {int(getattr(item, "beam_size", 0)) for item in self.items}
        return beams.pop() if len(beams) == 1 else None


class Learning:
    """Told of batches by the threads that run them; tells how many chunks should run together."""

    def __init__(self, board: Board, history: History, residency: Residency, measured: Measured, tally: Tally) -> None:
        self._board = board
        self._history = history
        self._residency = residency
        self._measured = measured
        self._tally = tally

    def size(self, spec: ModelSpec, usual: int) -> int:
        """Returns how many chunks of a model should run together, at most ``usual``.

        One that writes here, or makes pictures, takes them one after another: so others are not kept waiting for all
        of them.
        """
        if spec.task == Task.VIDEO or (spec.task == Task.WRITE and spec.download_bytes):
            return 1
        return self._measured.best_batch(spec, self._residency.places(spec)[0], usual)

    def ran(self, spec: ModelSpec, lease: Lease, batch: Batch) -> None:
        """Learns from a batch of which nothing failed; of one of several beam sizes nothing is learned.

        What a calibration found is for the usual beam, and follows only that.
        """
        beam = batch.beam
        if batch.took_s <= 0 or batch.sound_s <= _LEAST_SOUND_S or beam is None:
            return
        realtime_x = batch.sound_s / batch.took_s
        self._board.measured(Effort(spec.name, beam), realtime_x)
        self._history.learn_speed(spec.name, lease.place.device, lease.place.precision, realtime_x, beam)
        if beam in (0, USUAL_BEAM):
            peak_mib = 0 if lease.steps else lease.memory_mib()[1]
            self._measured.saw(spec, lease.place, Seen(len(batch.items), realtime_x, peak_mib))

    def spent(self, spec: ModelSpec, sound_s: float, took_s: float) -> None:
        """Counts what was computed, whether it can be learned from or not."""
        self._tally.batch(spec.name, sound_s, took_s)
