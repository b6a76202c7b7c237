"""What memory models need, by measurement or reckoned, beside what the users' plan says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from engines import catalog
from engines.base import ModelSpec, Task
from engines.device import memory_of
from workbench.planning import speeds
from workbench.planning.cards import Card
from workbench.planning.speeds import Kind

CPU_BATCH, GPU_BATCH = 8, 16
"""Chunks that run together on a processor and on a card."""
SMALL_WRITER = "qwen2.5-coder-1.5b-gguf"
"""Without a GPU the writer is the small model of 1.5 thousand million parameters in four bits."""
WHISPER_PLAN_GB: Mapping[str, float] = {"base": 4.0, "large": 12.0}
"""What the users' plan says of Whisper."""
MODELS: Mapping[str, tuple[str, str]] = {
    "speakers": ("campplus", "campplus"),
    "clean": ("deepfilternet3", "deepfilternet3"),
    "restore": ("voicefixer", "voicefixer"),
    "writing": (SMALL_WRITER, "qwen3-14b"),
    "video": ("basicvsr-clean", "basicvsr-clean"),
    "aloud": ("kokoro", "kokoro"),
}
"""The model of each capability on a processor and on a card."""
ON_CPU = frozenset({"clean", "aloud"})
"""These run on the processor, whatever card is there."""
MEASURED_GB: Mapping[str, float] = {
    "base int8": 1.0,
    "campplus float32": 0.35,
    "deepfilternet3 float32": 0.1,
    "kokoro int8": 0.7,
    "voicefixer float32": 2.0,
}
"""Measured on the two cores where this is developed, by the model's name and precision (docs/planner.md)."""


@dataclass(frozen=True, slots=True)
class Holding:
    """What one model holds: GB by our figures and how sure they are, and by the users' plan."""

    name: str
    title: str
    gb: float
    kind: Kind
    plan_gb: float | None
    on_cpu: bool


@dataclass(frozen=True, slots=True)
class _Planned:
    """One need of the users' plan: ``model`` in a ``precision`` with so many items at once.

    ``gb`` is set where just this was measured.
    """

    name: str
    model: str
    precision: str
    batch: int
    plan_gb: float | None
    gb: float | None = None


_PLAN: tuple[_Planned, ...] = (
    _Planned("whisper_base", "base", "int8", CPU_BATCH, 4.0),
    _Planned("whisper_large", "large-v3", "float16", GPU_BATCH, 12.0),
    _Planned("speakers", "campplus", "float32", 1, 8.0),
    _Planned("restore", "voicefixer", "float32", 1, 6.0),
    _Planned("writing_16", "qwen3-14b", "float16", 1, 28.0),
    _Planned("writing_8", "qwen3-14b", "int8_float16", 1, 28.0),
    _Planned("writing_4", "qwen3-14b", "int4", 1, 28.0),
    _Planned("video_one", "basicvsr-clean", "float32", 1, 4.0, 0.8),
    _Planned("video_four", "basicvsr-clean", "float32", 1, 8.0, 1.6),
    _Planned("video_4k", "basicvsr-clean", "float32", 1, 6.0, 1.6),
    _Planned("clean", "deepfilternet3", "float32", 1, None),
    _Planned("aloud", "kokoro", "int8", 1, None),
)
"""Every need that the users' plan states, and at the end what it does not name."""


def batch_of(model: str, precision: str) -> int | None:
    """Returns how many items of a model run together; None where it is measured with smaller work than it gets."""
    tasks = {spec.name: spec.task for spec in catalog.MODELS}
    if tasks.get(model) == Task.TRANSCRIBE:
        return GPU_BATCH if precision in ("float16", "bfloat16", "int8_float16") else CPU_BATCH
    return 1 if tasks.get(model) in (Task.SPEAKERS, Task.SOUND) else None


def needs(known_gb: Mapping[str, float]) -> list[Holding]:
    """Returns what each model of the users' own plan needs by our figures, beside what the plan says."""
    found = []
    for one in _PLAN:
        gb, kind = _gb(one.model, one.precision, one.batch, known_gb)
        if one.gb is not None:
            gb, kind = one.gb, "measured"
        found.append(Holding(one.name, "", gb, kind, one.plan_gb, one.name in ON_CPU))
    return found


def of_text(spec: ModelSpec, card: Card, known_gb: Mapping[str, float]) -> Holding:
    """Returns what a Whisper model holds on a card."""
    precision, batch = ("float16", GPU_BATCH) if card.runs == "cuda" else ("int8", CPU_BATCH)
    gb, kind = _gb(spec.name, precision, batch, known_gb)
    return Holding(spec.name, spec.title, gb, kind, WHISPER_PLAN_GB.get(speeds.family(spec.name)), False)


def of_capability(name: str, card: Card, known_gb: Mapping[str, float]) -> Holding:
    """Returns what a capability holds on a card while it works."""
    on_gpu = card.runs == "cuda" and name not in ON_CPU
    model = MODELS[name][on_gpu]
    memory = catalog.by_name(model).memory
    wanted = ("int4", "float16", "float32") if on_gpu else ("int8", "int4", "float32")
    precision = next(one for one in wanted if one in memory)
    gb, kind = _gb(model, precision, 1, known_gb)
    plan_gb = next((one.plan_gb for one in _PLAN if one.model == model and one.plan_gb is not None), None)
    return Holding(name, "", gb, kind, plan_gb, name in ON_CPU)


def _gb(model: str, precision: str, batch: int, known_gb: Mapping[str, float]) -> tuple[float, Kind]:
    key = f"{model} {precision}"
    known = known_gb.get(key) or MEASURED_GB.get(key)
    if known:
        return known, "measured"
    memory = memory_of(catalog.by_name(model), precision)
    return (memory.resident_mib + memory.working_mib(batch)) / 1024, "estimated"
