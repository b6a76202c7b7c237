"""An engine that hears two people taking turns every four seconds, and takes its time."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from engines.base import Memory, ModelSpec, Place, Report, Task
from engines.requests import VoicesItem
from media.voices import FRAME_S, FRAMES_A_WINDOW, Voice, Window

ITEM_S = 0.3
TURN_S = 4


def spec() -> ModelSpec:
    """The model whose engine this is."""
    return ModelSpec(
        name="ears", task=Task.SPEAKERS, engine="tests.faults.speakers_engine:TurnsEngine", title="Ears",
        licence="none", download_bytes=0, files=(), sources=(), memory={"float32": Memory(50, 10, 1)},
    )  # fmt: skip


class TurnsEngine:
    """Tells from the place of a window alone who speaks in it, so that a lost or doubled window shows."""

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        time.sleep(ITEM_S)

    def run(self, batch: Sequence[VoicesItem], report: Report) -> list[dict[str, Any]]:
        results = []
        for index, item in enumerate(batch):
            time.sleep(ITEM_S)
            windows = [Window(start, _voices(start)).to_dict() for start in item.starts]
            results.append({"windows": windows, "audio_s": 10.0 * len(windows)})
            report(index, results[-1])
        return results

    def close(self) -> None:
        pass


def _voices(start: float) -> tuple[Voice, ...]:
    who = ((start + np.arange(FRAMES_A_WINDOW) * FRAME_S) // TURN_S).astype(int) % 2
    people = np.eye(2, 192, dtype=np.float32)
    return tuple(Voice(who == n, people[n], float((who == n).sum() * FRAME_S)) for n in range(2))
