"""What the machine has: models with their weights, memory, disk, and how full the queue is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from engines.base import ModelSpec, Place
from engines.device import Machine, memory_of, options
from engines.residency.residency import Residency
from engines.residency.rooms import Resident
from workbench.machine.calibration import Calibration
from workbench.machine.errands import Errands
from workbench.machine.keeps import Keeps
from workbench.machine.measured import Measured
from workbench.machine.weights import Weights
from workbench.running.board import Board


@dataclass(frozen=True, slots=True)
class Around:
    """Where the facts come from; ``look`` gives the machine as it is now, ``machine`` as models are chosen for it."""

    machine: Machine
    look: Callable[[], Machine]
    models: Sequence[ModelSpec]
    store: Keeps
    weights: Weights
    residency: Residency
    board: Board
    measured: Measured
    calibration: Calibration
    errands: Errands
    places: Callable[[ModelSpec], tuple[Place, ...]]
    speed: Callable[[ModelSpec], float]
    terms: Callable[[ModelSpec], dict[str, Any] | None]


class Equipment:
    """Plain JSON for the system page and its endpoints."""

    def __init__(self, around: Around) -> None:
        self._around = around

    def models(self) -> list[dict[str, Any]]:
        """Returns every model with its licence and sizes, what is known of it, and what is going on with it."""
        loaded = {resident.name: resident for resident in self._around.residency.status()}
        own = {found.name: found for found in self._around.store.installed()}
        return [self._model(spec, loaded.get(spec.name), own.get(spec.name)) for spec in self._around.models]

    def system(self, data: Path) -> dict[str, Any]:
        """Returns the machine, the loaded models, the disk of the data folder (MiB) and the queue."""
        board = self._around.board
        disk = shutil.disk_usage(data)
        with board.changed:
            jobs = list(board.jobs.values())
        trouble = board.recent_trouble()
        return {
            "machine": asdict(self._around.look()),
            "residents": [_resident(resident) for resident in self._around.residency.status()],
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

    def _model(self, spec: ModelSpec, resident: Resident | None, here: Any) -> dict[str, Any]:
        around = self._around
        fetching = around.weights.state(spec.name)
        place = around.places(spec)[0]
        figures = self._figures(spec, place)
        return {
            "name": spec.name,
            "title": spec.title,
            "task": str(spec.task),
            "licence": spec.licence,
            "terms": around.terms(spec),
            "download_bytes": spec.download_bytes,
            "rank": spec.rank,
            "english_only": spec.english_only,
            "pack": spec.pack,
            "device": place.device,
            "precision": place.precision,
            "resident_mib": figures["resident_mib"],
            "working_mib": figures["working_mib"],
            "installed": here is not None or around.store.find(spec) is not None,
            "unchecked": here is None and spec.inside is None and around.store.lies_unchecked(spec),
            "disk_bytes": here.size_bytes if here else None,
            "own": bool(here and here.own),
            "fetching": _fetching(fetching),
            "error": _error(fetching.error) if fetching else None,
            "loaded": _resident(resident) if resident else None,
            "figures": figures,
            "options": options(spec, around.machine),
            "choice": asdict(around.measured.choice(spec.name)),
            "calibration": self._calibration(spec.name),
            "errand": self._errand(spec.name),
        }

    def _figures(self, spec: ModelSpec, place: Place) -> dict[str, Any]:
        """Returns what the model needs and manages; ``source`` is ``measured`` or ``guess``."""
        measured = self._around.measured
        found = measured.found(spec, place)
        memory = found.memory if found else memory_of(spec, place.precision)
        return {
            "source": "measured" if found else "guess",
            "resident_mib": memory.resident_mib,
            "working_mib": memory.working_mib(1),
            "working_item_mib": memory.working_item_mib,
            "realtime_x": round(self._around.speed(spec), 2),
            "load_s": found.load_s if found else None,
            "speeds": {str(batch): speed for batch, speed in sorted(found.speeds.items())} if found else {},
            "sound": found.sound if found else None,
            "n_runs": found.n_runs if found else 0,
            "measured_at": found.measured_at if found else None,
            "limit": measured.most(spec, place),
        }

    def _calibration(self, name: str) -> dict[str, Any] | None:
        state = self._around.calibration.state(name)
        if state is None:
            return None
        what, progress = state
        told: dict[str, Any] = {"state": what, "progress": None, "error": None, "gave_way": False}
        if progress is not None:
            share = progress.step / progress.n_steps if progress.n_steps else None
            told |= {"progress": share, "error": _error(progress.error), "gave_way": progress.gave_way}
        return told

    def _errand(self, name: str) -> dict[str, Any] | None:
        errand = self._around.errands.state(name)
        return None if errand is None else {**asdict(errand), "error": _error(errand.error)}


def _error(error: Any) -> dict[str, Any] | None:
    return {"code": error.code, "values": error.values} if error is not None else None


def _fetching(fetching: Any) -> dict[str, Any] | None:
    if fetching is None or fetching.error is not None:
        return None
    return {"progress": fetching.progress, "step": fetching.step, "source": fetching.source}


def _resident(resident: Resident) -> dict[str, Any]:
    told = asdict(resident)
    told["idle_s"] = round(told["idle_s"], 1)
    told["held_mib"] = resident.held_mib
    return told
