"""Where a model can be loaded and how precisely it computes there: a pure choice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from engines.base import ModelSpec, Place


class GpuLike(Protocol):
    """What is needed of ``engines.gpus.Gpu``."""

    @property
    def index(self) -> int: ...
    @property
    def free_mib(self) -> int: ...
    @property
    def capability(self) -> float: ...


class MachineLike(Protocol):
    """What is needed of ``engines.device.Machine``."""

    @property
    def cpu_count(self) -> int: ...
    @property
    def gpus(self) -> Sequence[GpuLike]: ...


@dataclass(frozen=True, slots=True)
class Choice:
    """What the administrator chose for one model; None is left to the program.

    ``device`` is ``cpu`` or ``cuda:N``. ``keep_alive_s`` is how long it stays in memory unused. A ``pinned`` model
    stays, and makes room only for what could not be loaded otherwise.
    """

    device: str | None = None
    precision: str | None = None
    keep_alive_s: float | None = None
    pinned: bool = False


_WIDTH = {"float32": 4.0, "float16": 2.0, "bfloat16": 2.0, "int8_float32": 1.1, "int8_float16": 1.0, "int8": 1.0}
_WIDTH |= {"int4": 0.5}
"""Bytes for each parameter; less is lower."""
_USUAL_GPU, _USUAL_CPU = ("float16", "int8_float16", "int4"), ("int8", "int4", "float32")


def options(spec: ModelSpec, machine: MachineLike) -> dict[str, tuple[str, ...]]:
    """Returns the precisions that a model can have on each device of this machine, the usual one first.

    CUDA computes float16 quickly from capability 7.0 on and bfloat16 from 8.0; 0 is unknown and taken as 7.0.
    """
    found: dict[str, tuple[str, ...]] = {}
    for gpu in machine.gpus if spec.gpu else ():
        able: tuple[str, ...] = ("int8_float16", "int4", "float32")
        if gpu.capability == 0 or gpu.capability >= 7:
            able = ("float16", "int8_float16", "int4", "float32")
        if gpu.capability >= 8:
            able = ("float16", "bfloat16", "int8_float16", "int4", "float32")
            if spec.half == "bfloat16":
                able = able[1:]
        known = tuple(precision for precision in able if precision in spec.memory)
        found[f"cuda:{gpu.index}"] = known or able[:1]
    found["cpu"] = tuple(precision for precision in _USUAL_CPU if precision in spec.memory) or ("int8",)
    return found


def places(
    spec: ModelSpec, machine: MachineLike, threads: int | None = None, choice: Choice | None = None
) -> tuple[Place, ...]:
    """Returns where the model may be loaded, best first: the GPU with most memory free at falling precision, then the
    CPU. What the administrator chose goes first, and what needs more than that is left out.
    """
    n_threads = threads or max(1, min(machine.cpu_count, 8))
    able = options(spec, machine)
    found: list[Place] = []
    if machine.gpus and spec.gpu:
        gpu = max(machine.gpus, key=lambda gpu: gpu.free_mib)
        offered = able[f"cuda:{gpu.index}"]
        usual = [precision for precision in offered if precision in (*_USUAL_GPU, spec.half)] or list(offered[:1])
        found += [Place(f"cuda:{gpu.index}", precision, n_threads) for precision in usual]
    found.append(Place("cpu", able["cpu"][0], n_threads))
    return _chosen(tuple(found), able, choice, n_threads) if choice else tuple(found)


def _chosen(
    usual: tuple[Place, ...], able: dict[str, tuple[str, ...]], choice: Choice, n_threads: int
) -> tuple[Place, ...]:
    """Puts the choice first where this machine can have it; below it come lower precisions there, then the CPU."""
    device = choice.device or usual[0].device
    if (choice.device is None and choice.precision is None) or device not in able:
        return usual
    precision = choice.precision if choice.precision in able[device] else able[device][0]
    lower = [p for p in able[device] if _width(p) < _width(precision)]
    found = [Place(device, p, n_threads) for p in (precision, *lower)]
    if device != "cpu":
        found.append(usual[-1])
    return tuple(found)


def _width(precision: str) -> float:
    return _WIDTH.get(precision, 2.0)
