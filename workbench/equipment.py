"""What the machine has: models with their weights, memory, disk, and how full the queue is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from engines.base import ModelSpec
from engines.device import Machine, places
from engines.residency import Residency
from workbench.board import Board
from workbench.weights import Keeps, Weights


class Equipment:
    """Plain JSON for the system page and its endpoints."""

    def __init__(
        self,
        machine: Machine,
        look: Callable[[], Machine],
        models: Sequence[ModelSpec],
        store: Keeps,
        weights: Weights,
        residency: Residency,
        board: Board,
    ) -> None:
        self._machine = machine
        self._look = look
        self._models = models
        self._store = store
        self._weights = weights
        self._residency = residency
        self._board = board

    def models(self) -> list[dict[str, Any]]:
        """Returns every model with its licence and sizes, and whether it is on disk, on its way, or loaded."""
        loaded = {resident.name: resident for resident in self._residency.status()}
        return [self._model(spec, loaded.get(spec.name)) for spec in self._models]

    def system(self, data: Path) -> dict[str, Any]:
        """Returns the machine, the loaded models, the disk of the data folder (MiB) and the queue."""
        disk = shutil.disk_usage(data)
        with self._board.changed:
            jobs = list(self._board.jobs.values())
        trouble = self._board.recent_trouble()
        return {
            "machine": asdict(self._look()),
            "residents": [_resident(resident) for resident in self._residency.status()],
            "disk": {"free_mib": disk.free >> 20, "total_mib": disk.total >> 20},
            "data": str(data),
            "queue": {
                "jobs": len(jobs),
                "reading": sum(job.reading == "running" for job in jobs),
                "chunks_running": sum(len(job.running) for job in jobs),
                "sound_ahead_s": round(sum(job.left_s() or 0.0 for job in jobs), 1),
            },
            "trouble": {"code": trouble.code, "values": trouble.values} if trouble else None,
        }

    def _model(self, spec: ModelSpec, resident: Any) -> dict[str, Any]:
        fetching = self._weights.state(spec.name)
        place = places(spec, self._machine)[0]
        memory = spec.memory.get(place.precision)
        return {
            "name": spec.name,
            "title": spec.title,
            "task": str(spec.task),
            "licence": spec.licence,
            "download_bytes": spec.download_bytes,
            "rank": spec.rank,
            "english_only": spec.english_only,
            "pack": spec.pack,
            "device": place.device,
            "precision": place.precision,
            "resident_mib": memory.resident_mib if memory else None,
            "working_mib": memory.working_mib(1) if memory else None,
            "installed": self._store.find(spec) is not None,
            "fetching": _fetching(fetching),
            "error": {"code": fetching.error.code, "values": fetching.error.values}
            if fetching and fetching.error
            else None,
            "loaded": _resident(resident) if resident else None,
        }


def _fetching(fetching: Any) -> dict[str, Any] | None:
    if fetching is None or fetching.error is not None:
        return None
    return {"progress": fetching.progress, "step": fetching.step, "source": fetching.source}


def _resident(resident: Any) -> dict[str, Any]:
    told = asdict(resident)
    told["idle_s"] = round(told["idle_s"], 1)
    return told
