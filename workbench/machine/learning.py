"""What is learned from every batch of real work, and used for the next."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from engines.base import Memory, ModelSpec, Place, Task
from engines.requests import USUAL_BEAM
from engines.residency.lease import Lease
from engines.residency.residency import Residency
from workbench.history.history import History
from workbench.machine.measured import Measured, Seen
from workbench.machine.metrics import Tally
from workbench.running.board import Board
from workbench.running.chunks import GOOD_CHUNK_S
from workbench.running.pace import Effort

_LEAST_SOUND_S = 1.0

USUAL_CPU, MOST_CPU = 8, 16
"""Chunks that run together on a processor. With sixteen Whisper base takes 5 % less of its time than with eight."""
_LONGEST_S = 12.0
"""Of a larger batch than the usual one, people may wait so long for the next lines."""
_SHARE = 0.25
"""So much of the memory for models may a larger batch than the usual one take while it runs."""


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

    def __init__(
        self, board: Board, history: History, residency: Residency, measured: Measured, tally: Tally, memory_mib: int
    ) -> None:
        """``memory_mib`` is what all models together may hold in main memory."""
        self._board = board
        self._history = history
        self._residency = residency
        self._measured = measured
        self._tally = tally
        self._memory_mib = memory_mib

    def size(self, spec: ModelSpec, usual: int) -> int:
        """Returns how many chunks of a model should run together, at most ``usual``.

        One that writes here, or makes pictures, takes them one after another: so others are not kept waiting for all
        of them.
        """
        if spec.task == Task.VIDEO or (spec.task == Task.WRITE and spec.download_bytes):
            return 1
        place = self._residency.places(spec)[0]
        if place.device == "cpu":
            usual = min(usual, self._on_cpu(spec, place))
        return self._measured.best_batch(spec, place, usual)

    def _on_cpu(self, spec: ModelSpec, place: Place) -> int:
        if spec.task != Task.TRANSCRIBE:
            return USUAL_CPU
        effort = Effort(spec.name, USUAL_BEAM)
        speed = self._board.speeds.get(effort, self._board.expected_speeds.get(effort))
        return together_on_cpu(speed, self._measured.memory(spec, place), self._memory_mib)

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


def together_on_cpu(realtime_x: float | None, memory: Memory, memory_mib: int) -> int:
    """Returns how many chunks of speech run together on a processor: more than the usual eight where the machine is
    quick and has memory to spare.

    ``realtime_x`` is the speed in seconds of sound a second, None while it is not known; ``memory_mib`` is for all
    models together.
    """
    if realtime_x is None:
        return USUAL_CPU
    within_time = int(realtime_x * _LONGEST_S / GOOD_CHUNK_S)
    spare_mib = memory_mib * _SHARE - memory.working_base_mib
    within_memory = int(spare_mib / max(1, memory.working_item_mib))
    return max(USUAL_CPU, min(MOST_CPU, within_time, within_memory))
