"""NVIDIA's graphics cards as their driver describes them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

log = logging.getLogger(__name__)

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Gpu:
    """One NVIDIA GPU; ``capability`` is CUDA's, 7.0 and above computes float16 quickly, 0 is unknown.

    ``use`` is the share of the last moments in which it computed, 0 to 1, None where the driver does not say.
    """

    index: int
    name: str
    total_mib: int
    free_mib: int
    capability: float = 0.0
    use: float | None = None


@dataclass(frozen=True, slots=True)
class GpuProgram:
    """A process that holds memory of a GPU; ``used_mib`` is None where the driver does not say (Windows).

    Inside a container the numbers are those of the machine outside.
    """

    gpu: int
    pid: int
    used_mib: int | None


def library() -> Any:
    """Returns NVIDIA's ``pynvml``, None where it is not installed."""
    try:
        import pynvml
    except ImportError:
        return None
    return pynvml


class Driver:
    """Asks the driver anew each time; without one there are no GPUs. ``find`` gives ``pynvml``, or a stand-in."""

    def __init__(self, find: Callable[[], Any] = library) -> None:
        self._find = find

    def gpus(self) -> tuple[Gpu, ...]:
        """Returns all GPUs by their number."""
        return tuple(self._each(lambda nvml, index: [_gpu(nvml, index)]))

    def programs(self) -> tuple[GpuProgram, ...]:
        """Returns every process that holds memory of a GPU, once for each GPU."""
        return tuple(self._each(_programs))

    def used_mib(self, device: str, pid: int) -> int | None:
        """Returns what one process holds of ``cuda:N``, None where the driver does not know that process."""
        index = index_of(device)
        found = [p for p in self.programs() if p.gpu == index and p.pid == pid]
        return found[0].used_mib if found else None

    def _each(self, ask: Callable[[Any, int], list[Found]]) -> list[Found]:
        """Returns what ``ask(nvml, index)`` says of all GPUs together, nothing where the driver does not answer."""
        nvml = self._find()
        if nvml is None:
            return []
        try:
            nvml.nvmlInit()
        except nvml.NVMLError:
            return []
        try:
            return [found for index in range(nvml.nvmlDeviceGetCount()) for found in ask(nvml, index)]
        except nvml.NVMLError as error:
            log.warning("the GPU cannot be read: %s", error)
            return []
        finally:
            nvml.nvmlShutdown()


def index_of(device: str) -> int:
    """Returns N of ``cuda:N``, 0 where no number is given."""
    return int(device.partition(":")[2] or 0)


def _gpu(nvml: Any, index: int) -> Gpu:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    name = nvml.nvmlDeviceGetName(handle)
    memory = nvml.nvmlDeviceGetMemoryInfo(handle)
    major, minor = nvml.nvmlDeviceGetCudaComputeCapability(handle)
    text = name.decode() if isinstance(name, bytes) else str(name)
    return Gpu(index, text, int(memory.total >> 20), int(memory.free >> 20), major + minor / 10, _use(nvml, handle))


def _use(nvml: Any, handle: Any) -> float | None:
    """Returns the share of time in which the GPU computed; old cards and slices of one do not tell."""
    try:
        return float(nvml.nvmlDeviceGetUtilizationRates(handle).gpu) / 100
    except nvml.NVMLError:
        return None


def _programs(nvml: Any, index: int) -> list[GpuProgram]:
    handle = nvml.nvmlDeviceGetHandleByIndex(index)
    held: dict[int, int | None] = {}
    for ask in (nvml.nvmlDeviceGetComputeRunningProcesses, nvml.nvmlDeviceGetGraphicsRunningProcesses):
        try:
            found = ask(handle)
        except nvml.NVMLError:
            continue
        for process in found:
            # A program that both computes and draws is in both lists with the same sum.
            used = process.usedGpuMemory
            held[int(process.pid)] = None if used is None else int(used >> 20)
    return [GpuProgram(index, pid, used) for pid, used in held.items()]
