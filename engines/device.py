"""What this machine has to run models on."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace

import psutil

from engines.base import Memory, ModelSpec
from engines.gpus import Driver, Gpu, index_of
from engines.places import options, places

__all__ = [
    "CPU_SHARE",
    "GPU_SHARE",
    "Driver",
    "Gpu",
    "Machine",
    "bounded",
    "budgets",
    "free_mib",
    "look",
    "memory_of",
    "options",
    "places",
    "used_mib",
]

CPU_SHARE = 0.75
GPU_SHARE = 0.92
"""What models may hold of the memory of a machine and of a card."""


@dataclass(frozen=True, slots=True)
class Machine:
    """Processors and memory, as they were when they were looked at."""

    cpu_count: int
    ram_mib: int
    ram_free_mib: int
    gpus: tuple[Gpu, ...] = ()


def look(driver: Driver | None = None) -> Machine:
    """Returns this machine; without a working NVIDIA driver ``gpus`` is empty."""
    memory = psutil.virtual_memory()
    total, free = _cgroup_mib(int(memory.total >> 20), int(memory.available >> 20))
    return Machine(usable_cpus(), total, free, (driver or Driver()).gpus())


def bounded(machine: Machine, ram_limit_mib: int | None) -> Machine:
    """Returns the machine as if it had no more main memory than the administrator allows."""
    return machine if ram_limit_mib is None else replace(machine, ram_mib=min(machine.ram_mib, ram_limit_mib))


def usable_cpus() -> int:
    """Returns the processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def free_mib(device: str) -> int | None:
    """Returns the memory that is free on ``cpu`` or ``cuda:N`` now, None where it cannot be known."""
    if device == "cpu":
        return look_ram_free()
    return next((gpu.free_mib for gpu in Driver().gpus() if gpu.index == index_of(device)), None)


def used_mib(device: str, pid: int) -> int | None:
    """Returns the memory that one process holds on ``cpu`` or ``cuda:N``, None where it cannot be known."""
    if device != "cpu":
        return Driver().used_mib(device, pid)
    try:
        return int(psutil.Process(pid).memory_info().rss >> 20)
    except psutil.Error:
        return None


def look_ram_free() -> int:
    """Returns the free main memory in MiB."""
    memory = psutil.virtual_memory()
    return _cgroup_mib(int(memory.total >> 20), int(memory.available >> 20))[1]


def budgets(machine: Machine, ram_limit_mib: int | None = None) -> dict[str, int]:
    """Returns how many MiB models may hold on each device; ``ram_limit_mib`` is the administrator's number for the main
    memory.
    """
    found = {"cpu": ram_limit_mib if ram_limit_mib is not None else int(machine.ram_mib * CPU_SHARE)}
    found.update({f"cuda:{gpu.index}": int(gpu.total_mib * GPU_SHARE) for gpu in machine.gpus})
    return found


def memory_of(spec: ModelSpec, precision: str) -> Memory:
    """Returns the model's two numbers at a precision, of the nearest known one where nobody has measured it."""
    if precision in spec.memory:
        return spec.memory[precision]
    if precision == "int8_float16" and "int8" in spec.memory:
        return spec.memory["int8"]
    if spec.memory:
        return max(spec.memory.values(), key=lambda memory: memory.resident_mib)
    return Memory(max(64, spec.download_bytes >> 20), 256, 64)


def _cgroup_mib(total: int, free: int) -> tuple[int, int]:
    """Bounds the machine's numbers by the container's, which psutil does not know."""
    try:
        with open("/sys/fs/cgroup/memory.max", encoding="ascii") as file:
            limit = int(file.read())
        with open("/sys/fs/cgroup/memory.current", encoding="ascii") as file:
            used = int(file.read()) - _reclaimable("/sys/fs/cgroup/memory.stat")
    except (OSError, ValueError):
        return total, free
    limit_mib = limit >> 20
    return min(total, limit_mib), min(free, max(0, limit_mib - (used >> 20)))


def _reclaimable(path: str) -> int:
    """Returns the bytes of files that the kernel keeps in memory and gives up when programs need it."""
    with open(path, encoding="ascii") as file:
        rows = dict(line.split() for line in file)
    return int(rows.get("inactive_file", 0))
