"""An engine that hears exactly which samples it was given, and takes its time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engines.base import Memory, ModelSpec, Place, Report, Task
from engines.requests import TranscribeItem
from media.audio import read_pieces
from media.transcript import Segment

ITEM_S = 0.15


def spec() -> ModelSpec:
    """The model whose engine this is."""
    return ModelSpec(
        name="slow", task=Task.TRANSCRIBE, engine="tests.faults.slow_engine:SlowEngine", title="Slow", licence="none",
        download_bytes=0, files=(), sources=(), memory={"int8": Memory(50, 10, 1)}, rank=1,
    )  # fmt: skip


class SlowEngine:
    """Writes the hash of the sound as its text, so that a wrong or short read shows."""

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        time.sleep(ITEM_S)

    def run(self, batch: Sequence[TranscribeItem], report: Report) -> list[dict[str, Any]]:
        results = []
        for index, item in enumerate(batch):
            time.sleep(ITEM_S)
            results.append(hear(item))
            report(index, results[-1])
        return results

    def close(self) -> None:
        pass


def hear(item: TranscribeItem) -> dict[str, Any]:
    """Returns one line for each piece, with the hash of its samples."""
    lines = []
    for start, end in item.pieces:
        sound = read_pieces(Path(item.pcm), [(start, end)])
        text = f"{hashlib.sha256(sound.tobytes()).hexdigest()[:12]} of {len(sound)}"
        lines.append(Segment(start, end, text, avg_logprob=-0.1).to_dict())
    seconds = sum(end - start for start, end in item.pieces)
    return {"language": "en", "language_probability": 0.9, "segments": lines, "audio_s": seconds, "redone": 0}
