"""What this machine has to run models on."""

from __future__ import annotations

import logging
import os
from dataclasses import dataclass, replace

import psutil

from engines.base import Memory, ModelSpec, Place

log = logging.getLogger(__name__)

_CPU_SHARE = 0.75
_GPU_SHARE = 0.92


@dataclass(frozen=True, slots=True)
class Gpu:
    """One NVIDIA GPU; ``capability`` is CUDA's, 7.0 and above computes float16 quickly, 0 is unknown."""

    index: int
    name: str
    total_mib: int
    free_mib: int
    capability: float = 0.0


@dataclass(frozen=True, slots=True)
class Machine:
    """Processors and memory, as they were when they were looked at."""

    cpu_count: int
    ram_mib: int
    ram_free_mib: int
    gpus: tuple[Gpu, ...] = ()


def look() -> Machine:
    """Returns this machine; without a working NVIDIA driver ``gpus`` is empty."""
    memory = psutil.virtual_memory()
    total, free = _cgroup_mib(int(memory.total >> 20), int(memory.available >> 20))
    return Machine(usable_cpus(), total, free, tuple(_gpus()))


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
    index = int(device.partition(":")[2] or 0)
    return next((gpu.free_mib for gpu in _gpus() if gpu.index == index), None)


def look_ram_free() -> int:
    """Returns the free main memory in MiB."""
    memory = psutil.virtual_memory()
    return _cgroup_mib(int(memory.total >> 20), int(memory.available >> 20))[1]


def budgets(machine: Machine, ram_limit_mib: int | None = None) -> dict[str, int]:
    """Returns how many MiB models may hold on each device; ``ram_limit_mib`` is the administrator's number for the main
    memory.
    """
    found = {"cpu": ram_limit_mib if ram_limit_mib is not None else int(machine.ram_mib * _CPU_SHARE)}
    found.update({f"cuda:{gpu.index}": int(gpu.total_mib * _GPU_SHARE) for gpu in machine.gpus})
    return found


def places(spec: ModelSpec, machine: Machine, threads: int | None = None) -> tuple[Place, ...]:
    """Returns where the model may be loaded, best first: the GPU with most memory free at falling precision, then the
    CPU.
    """
    n_threads = threads or max(1, min(machine.cpu_count, 8))
    found: list[Place] = []
    if machine.gpus:
        gpu = max(machine.gpus, key=lambda gpu: gpu.free_mib)
        wanted = ["float16", "int8_float16"] if gpu.capability == 0 or gpu.capability >= 7 else ["int8_float16"]
        known = [precision for precision in wanted if precision in spec.memory]
        found += [Place(f"cuda:{gpu.index}", precision, n_threads) for precision in known or wanted[:1]]
    on_cpu = next((precision for precision in ("int8", "float32") if precision in spec.memory), "int8")
    return (*found, Place("cpu", on_cpu, n_threads))


def memory_of(spec: ModelSpec, precision: str) -> Memory:
    """Returns the model's two numbers at a precision, of the nearest known one where nobody has measured it."""
    if precision in spec.memory:
        return spec.memory[precision]
    if precision == "int8_float16" and "int8" in spec.memory:
        return spec.memory["int8"]
    if spec.memory:
        return max(spec.memory.values(), key=lambda memory: memory.resident_mib)
    return Memory(max(64, spec.download_bytes >> 20), 256, 64)


def _gpus() -> list[Gpu]:
    try:
        import pynvml
    except ImportError:
        return []
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return []
    try:
        return [_gpu(pynvml, index) for index in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError as error:
        log.warning("the GPU cannot be read: %s", error)
        return []
    finally:
        pynvml.nvmlShutdown()


def _gpu(nvml: object, index: int) -> Gpu:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)  # type: ignore[attr-defined]
    name = nvml.nvmlDeviceGetName(handle)  # type: ignore[attr-defined]
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)  # type: ignore[attr-defined]
    major, minor = nvml.nvmlDeviceGetCudaComputeCapability(handle)  # type: ignore[attr-defined]
    text = name.decode() if isinstance(name, bytes) else str(name)
    return Gpu(index, text, int(memory.total >> 20), int(memory.free >> 20), major + minor / 10)


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
