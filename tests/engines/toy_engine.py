"""A small engine that runs in a real child process and does on command what engines should never do."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engines.base import Memory, ModelSpec, Place, Report, Task
from engines.errors import EngineError


def toy_spec(name: str = "toy", resident_mib: int = 100, **memory: Memory) -> ModelSpec:
    """Returns a model that needs ``resident_mib`` and 10 MiB for each item."""
    known = memory or {"int8": Memory(resident_mib, 0, 10)}
    return ModelSpec(
        name, Task.TRANSCRIBE, "tests.engines.toy_engine:ToyEngine", f"Toy {name}", "MIT", 0, (), (), known
    )


class ToyEngine:
    """Doubles numbers; words make it fail in one way each. ``{"take_mib": n}`` takes memory while its batch runs."""

    def __init__(self) -> None:
        self._hoard: list[bytearray] = []

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        if spec.name == "unloadable":
            raise EngineError("weights_damaged", model=spec.name)
        if spec.name == "dies-loading":
            os._exit(7)

    def run(self, batch: Sequence[Any], report: Report) -> list[dict[str, Any]]:
        results = []
        taken = [b"\1" * (item["take_mib"] << 20) for item in batch if isinstance(item, dict)]
        batch = [len(taken) if isinstance(item, dict) else item for item in batch]
        for index, item in enumerate(batch):
            if item == "write":
                report(index, {"partial": "wri"})
            if item == "chatter":
                for _ in range(1000):
                    time.sleep(0.01)
                    report(index, {"partial": "wri"})
            result = self._one(item)
            results.append(result)
            report(index, result)
        return results

    def close(self) -> None:
        pass

    def _one(self, item: Any) -> dict[str, Any]:
        if item == "die":
            os._exit(9)
        if item == "hang":
            time.sleep(600)
        if item == "long":
            time.sleep(2.5)
        if item == "slow":
            time.sleep(0.2)
        if item == "speak":
            print("a line on the standard output")
            print("a line on the error output", file=sys.stderr, flush=True)
        if item == "fail":
            raise ValueError("secret words of the recording")
        if item == "cuda":
            raise RuntimeError("CUDA failed with error out of memory")
        if item == "fault":
            raise RuntimeError("cuBLAS failed with status CUBLAS_STATUS_EXECUTION_FAILED")
        if item == "leak":
            self._hoard.append(bytearray(b"\1") * (300 << 20))
        if item == "eat":
            self._hoard.append(bytearray(4 << 30))
        if not isinstance(item, (int, str)):
            raise TypeError("neither a number nor a word")
        return {"twice": item * 2 if isinstance(item, int) else item, "pid": os.getpid()}
