"""The machine room: what an administrator sees and does with models, memory and figures."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from engines.base import ModelSpec
from engines.device import Driver, Machine, budgets, options
from engines.errors import Stopped
from engines.places import Choice
from engines.profiles import CARDS_GB, SHARE, Profile, precisions, profile
from engines.quality import fits
from engines.residency.holders import family, in_memory, on_gpus
from engines.residency.residency import Residency
from workbench.errors import JobError
from workbench.history.history import History
from workbench.machine.calibration import Calibration
from workbench.machine.calibration_trials import Sound
from workbench.machine.equipment import Around, Equipment
from workbench.machine.errands import Errands, Report
from workbench.machine.keeps import Keeps
from workbench.machine.learning import Learning
from workbench.machine.measured import Measured
from workbench.machine.metrics import Metrics
from workbench.machine.models import Models
from workbench.machine.terms import Terms
from workbench.machine.weights import Weights
from workbench.running.board import Board
from workbench.uploads import Uploads

log = logging.getLogger(__name__)
LONGEST_KEEP_ALIVE_S = 7 * 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Foundation:
    """What the machine room stands on; ``look`` gives the machine as it is now."""

    machine: Machine
    look: Callable[[], Machine]
    history: History
    board: Board
    residency: Residency
    store: Keeps
    models: Models
    weights: Weights
    uploads: Uploads
    measured: Measured
    data: Path
    memory_limit_mib: int | None = None


class MachineRoom:
    """Callable from any thread; what takes long goes on in the background, and ``equipment.models`` tells of it."""

    def __init__(self, base: Foundation, driver: Driver | None = None) -> None:
        self._base = base
        self._driver = driver or Driver()
        self._measured = base.measured
        self._errands = Errands(base.history.clock)
        sound = Sound(base.data / "calibration", self._newest_sound)
        self.metrics = Metrics(base.history, base.board, base.residency, base.look)
        self._calibration = Calibration(
            base.board, base.residency, base.measured, lambda: _of_machine(self._installed()), sound, self.metrics.quiet
        )
        memory_mib = budgets(base.machine, base.memory_limit_mib)["cpu"]
        self.learning = Learning(
            base.board, base.history, base.residency, base.measured, self.metrics.tally, memory_mib
        )
        self.equipment = Equipment(
            Around(
                base.machine, base.look, _of_machine(base.models.all()), base.store, base.weights, base.residency,
                base.board, base.measured, self._calibration, self._errands, base.models.places,
                lambda spec: base.models.speed(spec, base.history), Terms(base.history).told,
            )
        )  # fmt: skip

    def start(self) -> None:
        """Starts the threads, and loads what is pinned."""
        self._calibration.start()
        self.metrics.start()
        for spec in self._installed():
            if self._measured.choice(spec.name).pinned:
                self.load(spec.name)

    def close(self, timeout_s: float) -> None:
        """Ends the threads; the board is stopped, the history still open."""
        self._errands.close(timeout_s)
        self._calibration.close(timeout_s)
        self.metrics.close()

    # Models

    def load(self, name: str) -> None:
        """Begins to load a model; raises NotFound, and JobError ``model_missing`` where its weights are not here."""
        spec = self._here(name)

        def work(report: Report) -> None:
            self._base.residency.load(spec, should_stop=lambda: self._errands.stopping)

        self._errands.start(name, "load", work)

    def unload(self, name: str) -> bool:
        """Ends a model's process, at once or when its run is over; returns whether it is gone now."""
        self._errands.forget(name)
        return self._base.residency.unload(self._base.models.named(name).name)

    def choose(self, name: str, choice: Choice) -> None:
        """Keeps what the administrator chose; raises JobError ``choice_unfit`` for what this machine cannot have."""
        spec = self._base.models.named(name)
        known = options(spec, self._base.machine)
        device = choice.device or self._base.models.places(spec)[0].device
        if choice.device is not None and choice.device not in known:
            raise JobError("choice_unfit", status=422, model=spec.title, value=choice.device)
        if choice.precision is not None and choice.precision not in known.get(device, ()):
            raise JobError("choice_unfit", status=422, model=spec.title, value=choice.precision)
        if choice.keep_alive_s is not None and not 0 <= choice.keep_alive_s <= LONGEST_KEEP_ALIVE_S:
            raise JobError("choice_unfit", status=422, model=spec.title, value=choice.keep_alive_s)
        pinned_now = choice.pinned and not self._measured.choice(name).pinned
        self._measured.choose(name, choice)
        self._base.residency.refresh(name)
        if pinned_now and self._base.store.find(spec) is not None:
            self.load(name)

    def verify(self, name: str) -> None:
        """Begins to read a model's files again; what is damaged is fetched anew when it is next needed."""
        spec = self._here(name)

        def work(report: Report) -> None:
            def told(progress: Any) -> None:
                report(progress.done_bytes / progress.total_bytes if progress.total_bytes else 0.0)

            try:
                self._base.store.verify(spec, told, lambda: self._errands.stopping)
            except Stopped:
                raise
            except Exception:
                self._forget_weights(name)
                raise

        self._errands.start(name, "verify", work)

    def delete(self, name: str) -> None:
        """Deletes a model's weights; raises JobError ``model_in_use`` and ``model_not_ours``."""
        spec = self._here(name)
        if name not in {found.name for found in self._base.store.installed() if found.own}:
            raise JobError("model_not_ours", model=spec.title)
        with self._base.board.changed:
            waiting = any(True for _ in self._base.board.of_model(name))
        if waiting or not self._base.residency.unload(name):
            raise JobError("model_in_use", model=spec.title)
        self._forget_weights(name)
        self._base.store.delete(spec)
        self._errands.forget(name)

    def calibrate(self, name: str) -> None:
        """Measures a model as soon as nobody works."""
        self._calibration.ask(self._here(name))

    def stop_calibrating(self, name: str) -> None:
        """Stops measuring a model, or takes it off the list."""
        self._calibration.cancel(name)

    def forget_limits(self, name: str) -> None:
        """Lets a model try larger batches again, where it ran out of memory before."""
        self._measured.forget_limits(self._base.models.named(name).name)

    # Memory

    def clear(self, interrupt: bool = False) -> dict[str, Any]:
        """Frees what can be freed; returns the memory before and after by device, and what still holds some and why.

        With ``interrupt`` models at work are ended too; their work goes on from its last finished piece.
        """
        before = self._used()
        freed = self._base.residency.clear(interrupt)
        after = self._used()
        machine = self._base.look()
        names = {"cpu": None} | {f"cuda:{gpu.index}": gpu.name for gpu in machine.gpus}
        places = [
            {"device": device, "name": names.get(device), "before_mib": before[device], "after_mib": after[device]}
            for device in after
            if device in before
        ]
        return {
            "before_mib": freed.before_mib, "after_mib": freed.after_mib, "held": list(freed.held),
            "places": places, "holders": self._holders(freed.held, freed.pinned), "programs": self.programs(),
        }  # fmt: skip

    def programs(self) -> list[dict[str, Any]]:
        """Returns the other programs that hold most memory, on GPUs and in main memory."""
        ours = family()
        return [asdict(program) for program in (*on_gpus(self._driver, ours), *in_memory(ours))]

    def profiles(self) -> dict[str, Any]:
        """Returns what this machine carries, and cards of usual sizes would."""
        base = self._base
        here = [
            {"device": device, "budget_mib": budget, **self._profile(budget, device)}
            for device, budget in budgets(base.machine, base.memory_limit_mib).items()
        ]
        cards = [{"gb": gb, **self._profile(int(gb * 1024 * SHARE), "cuda:0")} for gb in CARDS_GB]
        return {"here": here, "cards": cards}

    # Inside

    def _profile(self, budget_mib: int, device: str) -> dict[str, Any]:
        def memory(spec: ModelSpec, precision: str) -> Any:
            place = replace(self._base.models.places(spec)[-1], device=device, precision=precision)
            return self._measured.memory(spec, place)

        models = [
            spec
            for spec in _of_machine(self._base.models.all())
            if (fits(spec, self._base.machine) if device == "cpu" else spec.gpu)
        ]
        found: Profile = profile(models, budget_mib, memory, precisions(device))
        together = [asdict(fit) for fit in found.together]
        return {"fits": [asdict(fit) for fit in found.fits], "together": together, "together_mib": found.together_mib}

    def _used(self) -> dict[str, int]:
        """Returns what is in use: of the main memory what this program and its children hold, of a GPU what its driver
        says.
        """
        found = {"cpu": sum(family().values())}
        found.update({f"cuda:{gpu.index}": gpu.total_mib - gpu.free_mib for gpu in self._base.look().gpus})
        return found

    def _holders(self, held: Sequence[str], pinned: Sequence[str]) -> list[dict[str, Any]]:
        """Returns the models that stay: ``why`` is ``busy``, ``loading`` or ``pinned``, ``jobs`` the titles' number."""
        found = []
        for one in self._base.residency.status():
            why = "pinned" if one.name in pinned else "loading" if one.state == "loading" else "busy"
            if one.name in held or one.name in pinned:
                n_jobs = sum(1 for _ in self._base.board.of_model(one.name))
                found.append({"name": one.name, "title": one.title, "why": why, "mib": one.held_mib, "n_jobs": n_jobs})
        return found

    def _here(self, name: str) -> ModelSpec:
        spec = self._base.models.named(name)
        if self._base.store.find(spec) is None:
            raise JobError("model_missing", model=spec.title)
        return spec

    def _installed(self) -> list[ModelSpec]:
        models = self._base.models
        return [spec for spec in models.all() if self._base.store.find(spec) is not None and models.has_pack(spec)]

    def _forget_weights(self, name: str) -> None:
        with self._base.board.changed:
            self._base.board.ready_models.discard(name)

    def _newest_sound(self, least_s: float) -> Path | None:
        """Returns the decoded sound of the newest recording that is still here."""
        sha256 = self._base.history.newest_input(least_s)
        return self._base.uploads.folder(sha256) / "audio.pcm" if sha256 else None


def _of_machine(models: Sequence[ModelSpec]) -> tuple[ModelSpec, ...]:
    """Returns the models that lie on a disk: another server has a place of its own on the screen."""
    return tuple(spec for spec in models if spec.download_bytes)
