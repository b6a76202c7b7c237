"""Which model "Fast", "Balanced" and "Best" mean on this machine: a pure choice."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from engines.base import ModelSpec, Task

QUALITIES = ("fast", "balanced", "best")
SLOWEST_RTF = 0.85
"""The slowest that "Best" may be, as computing time for a second of sound: an hour of recording in 51 minutes."""
RESERVED_RAM_MIB = 2048
"""Kept free for the system, the server, the decoder and a browser."""
RESERVED_GPU_MIB = 1024
"""Kept free for the CUDA context and whatever draws the screen."""

# CPU seconds for a second of speech in int8 with beam 5. base and tiny were measured (4 to 5 s of CPU time for a full
# 30 s window); the others are scaled by the size of the encoder, which costs most, and agree with the figures that
# faster-whisper publishes for small (102 s on 8 threads for 13 minutes).
CPU_COST = {
    "campplus": 0.05, "deepfilternet3": 0.2, "voicefixer": 8.0,
    "basicvsr-clean": 14.0, "basicvsr-compressed": 14.0, "basicvsr-blurred": 14.0, "lanczos": 0.12,
    "tiny": 0.09, "base": 0.16, "small": 0.5, "medium": 1.5, "turbo": 2.2,
}  # fmt: skip
LARGE_CPU_COST = 3.0
GPU_SPEEDS = {"basicvsr-clean": 1.0, "basicvsr-compressed": 1.0, "basicvsr-blurred": 1.0}
"""What a GPU is expected to manage before anything was measured, in 100,000 pixels a second: the authors tell 63 ms for
a frame of 320 x 180 (BasicVSR, table 1)."""
GPU_REALTIME_X = 30.0
"""The same of what hears or speaks, in seconds of sound a second."""


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


def cpu_rtf(name: str, cpu_count: int) -> float:
    """Estimates the seconds that a CPU with ``cpu_count`` cores computes for one second of speech, in int8.

    Threads do not scale fully: the divisor is the number of cores to the power of 0.9. Measured speeds of a machine,
    where there are any, are better than this.
    """
    base = name.removesuffix(".en").removeprefix("distil-")
    return CPU_COST.get(base, LARGE_CPU_COST) / max(1, cpu_count) ** 0.9


def guessed_speed(name: str, device: str, cpu_count: int) -> float:
    """Returns how fast a model may be on a device where nothing was measured yet."""
    return 1.0 / cpu_rtf(name, cpu_count) if device == "cpu" else GPU_SPEEDS.get(name, GPU_REALTIME_X)


def fits(spec: ModelSpec, machine: MachineLike) -> bool:
    """Tells whether a model with one window of work fits the largest GPU, or without a GPU the RAM and the patience.

    With a GPU its memory alone decides (float16, or int8 beside it where only that fits). Without one, int8 must fit
    the RAM and the estimated real-time factor must be at most ``SLOWEST_RTF``: two cores get medium, four turbo, six
    large-v3.
    """
    if machine.gpus:
        room = max(gpu.total_mib for gpu in machine.gpus) - RESERVED_GPU_MIB
        return _need(spec, "float16") <= room or _need(spec, "int8_float16") <= room
    room = machine.ram_mib - RESERVED_RAM_MIB
    if spec.task == Task.WRITE:
        return _need(spec, "int8") <= room
    return _need(spec, "int8") <= room and cpu_rtf(spec.name, machine.cpu_count) <= SLOWEST_RTF


def choose(
    models: Sequence[ModelSpec], quality: str, machine: MachineLike, available: Callable[[str], bool]
) -> ModelSpec:
    """Returns the model that a quality stands for; ``available`` tells by name what is on disk or can be fetched.

    ``fast`` is base, ``balanced`` is small on a CPU and turbo on a GPU, ``best`` is the multilingual model with the
    highest rank that fits. Any of them falls to the next lower one that is available and fits, then to the next higher
    one, and to base where nothing is available at all: its fetch says what is missing. ``model:NAME`` (or a bare name)
    is that model whatever the machine and wherever its weights are. Raises KeyError for a quality or model that does
    not exist.
    """
    by_name = {spec.name: spec for spec in models}
    name = quality.removeprefix("model:")
    if name in by_name:
        return by_name[name]
    if quality not in QUALITIES:
        raise KeyError(quality)
    ladder = sorted((spec for spec in models if not spec.english_only), key=lambda spec: spec.rank)
    usable = [spec for spec in ladder if available(spec.name) and fits(spec, machine)]
    if not usable:
        return next((spec for spec in ladder if available(spec.name)), by_name["base"])
    wanted = {"fast": "base", "balanced": "turbo" if machine.gpus else "small"}.get(quality, ladder[-1].name)
    return _nearest(usable, by_name[wanted].rank)


def _nearest(usable: Iterable[ModelSpec], rank: int) -> ModelSpec:
    ordered = list(usable)
    below = [spec for spec in ordered if spec.rank <= rank]
    return below[-1] if below else ordered[0]


def _need(spec: ModelSpec, precision: str) -> int:
    memory = spec.memory.get(precision) or max(spec.memory.values(), key=lambda one: one.resident_mib)
    # int8 is made from the float16 file while both are held: base peaks at 319 MiB, its file above the loaded model.
    loading = spec.download_bytes // 2**20 if precision == "int8" else 0
    return memory.resident_mib + max(memory.working_mib(1), loading)
