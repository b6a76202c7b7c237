"""Which model writes on this machine: a pure choice by what fits, what can be had, and how fast it would be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from engines.base import ModelSpec

QUALITIES = ("quick", "careful")
RESERVED_RAM_MIB = 2048
"""Kept free for the system, the server and a browser."""
GPU_SHARE = 0.92
"""What models may hold of a card; the rest is for the driver and whatever draws the screen."""
_MOST_QUICK_CPU, _MOST_QUICK_GPU = 20, 31
"""The highest rank that counts as quick: 1.7B on a processor, 4B on a GPU."""
_GIB_A_SECOND_AND_CORE = 4.5
"""Measured: 0.5B (0.46 GiB) writes 40 tokens a second on two cores, 1.5B (1.04 GiB) 17: the weights are read once for
each token, with this much a second and core, and no more than four cores' worth."""
SLOWEST_TOKENS_S, QUICK_TOKENS_S = 5.0, 10.0
"""Slower than the first nobody waits for: 400 Chinese characters a minute. The second is what makes a model quick."""
LEAST_CAREFUL = 15
"""The lowest rank that rewrites well: 0.5B summarises faithfully, but leaves much as it was."""


class GpuLike(Protocol):
    """A GPU; memory in MiB."""

    @property
    def total_mib(self) -> int: ...


class MachineLike(Protocol):
    """What a choice needs of ``engines.device.Machine``; memory in MiB."""

    @property
    def cpu_count(self) -> int: ...
    @property
    def ram_mib(self) -> int: ...
    @property
    def gpus(self) -> Sequence[GpuLike]: ...


@dataclass(frozen=True, slots=True)
class TooLarge:
    """Why a model cannot run here: what it needs at least and what there is, in MiB; ``nearest`` is one that fits."""

    needs_mib: int
    room_mib: int
    nearest: str | None


def fits(spec: ModelSpec, machine: MachineLike) -> bool:
    """Tells whether a model with one question fits this machine at its lowest precision."""
    return _least(spec, machine) <= _room(spec, machine)


def too_large(spec: ModelSpec, models: Sequence[ModelSpec], machine: MachineLike) -> TooLarge | None:
    """Returns why a model does not fit, with the name of the largest smaller one that does; None where it fits."""
    if fits(spec, machine):
        return None
    below = [
        other for other in models if other.rank < spec.rank and other.engine == spec.engine and fits(other, machine)
    ]
    nearest = max(below, key=lambda other: other.rank, default=None)
    return TooLarge(_least(spec, machine), _room(spec, machine), nearest.name if nearest else None)


def choose(
    models: Sequence[ModelSpec], quality: str, machine: MachineLike, usable: Callable[[ModelSpec], bool]
) -> ModelSpec | None:
    """Returns the model for one of ``QUALITIES``, None where none can be had; ``usable`` tells what can.

    What is nowhere on a disk is another server: it writes what needs care, and everything where nothing else does.
    ``quick`` is the best of the small ones that writes quickly. ``careful`` is the best that fits and writes fast
    enough to wait for. On a machine with a GPU those that compute there go first.
    """
    able = sorted((s for s in models if fits(s, machine) and usable(s)), key=lambda spec: spec.rank)
    elsewhere = [spec for spec in able if not spec.download_bytes]
    able = [spec for spec in able if spec.download_bytes]
    if elsewhere and (quality == "careful" or not able):
        return elsewhere[0]
    on_gpu = [spec for spec in able if spec.gpu and machine.gpus]
    if on_gpu:
        able, most = on_gpu, _MOST_QUICK_GPU
    else:
        able = [spec for spec in able if not spec.gpu] or able
        most = _MOST_QUICK_CPU
    if not able:
        return None
    least = QUICK_TOKENS_S if quality == "quick" else SLOWEST_TOKENS_S
    wanted = [spec for spec in able if on_gpu or tokens_a_second(spec, machine) >= least]
    if quality == "quick":
        wanted = [spec for spec in wanted if spec.rank <= most]
    return wanted[-1] if wanted else able[0]


def tokens_a_second(spec: ModelSpec, machine: MachineLike) -> float:
    """Guesses how many tokens a second a model writes on the processor."""
    return _GIB_A_SECOND_AND_CORE * min(4, machine.cpu_count) * 2**30 / spec.download_bytes


def _on_gpu(spec: ModelSpec, machine: MachineLike) -> bool:
    return spec.gpu and bool(machine.gpus)


def _least(spec: ModelSpec, machine: MachineLike) -> int:
    """Returns what a model needs at least, in MiB."""
    kinds = ("float16", "int8_float16", "int4") if _on_gpu(spec, machine) else ("int8", "int4")
    known = [memory for precision, memory in spec.memory.items() if precision in kinds] or list(spec.memory.values())
    return min(memory.resident_mib + memory.working_mib(1) for memory in known)


def _room(spec: ModelSpec, machine: MachineLike) -> int:
    if _on_gpu(spec, machine):
        return int(max(gpu.total_mib for gpu in machine.gpus) * GPU_SHARE)
    return machine.ram_mib - RESERVED_RAM_MIB
