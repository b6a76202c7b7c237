"""An engine that tells which Python it runs in; it needs nothing but the standard library."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from engines.base import ModelSpec, Place, Report


class OutsideEngine:
    """Answers any item with where it is and what it sees; ``hang`` never answers."""

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        pass

    def run(self, batch: Sequence[Any], report: Report) -> list[dict[str, Any]]:
        if "hang" in batch:
            time.sleep(600)
        told = {"prefix": sys.prefix, "pid": os.getpid(), "numpy": find_spec("numpy") is not None}
        for at in range(len(batch)):
            report(at, told)
        return [told for _ in batch]

    def close(self) -> None:
        pass
