"""The name of what computes, so that a measurement is not taken for another machine's."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol

from engines.base import HubSource, ModelSpec, Place


class Named(Protocol):
    """What is needed of ``engines.gpus.Gpu``."""

    @property
    def index(self) -> int: ...
    @property
    def name(self) -> str: ...


def hardware_of(place: Place, gpus: Sequence[Named], processor: str) -> str:
    """Returns ``NVIDIA RTX 4090`` or ``Some processor ×8`` with the threads that a model is given."""
    for gpu in gpus:
        if place.device == f"cuda:{gpu.index}":
            return gpu.name
    return f"{processor} ×{place.threads}"


def processor_name() -> str:
    """Returns the name of this machine's processor as its maker writes it."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith(("model name", "Hardware")):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "CPU"


def library_version(library: str) -> str:
    """Returns ``name version`` of an installed package, or its bare name."""
    try:
        return f"{library} {version(library)}"
    except PackageNotFoundError:
        return library


def revision_of(spec: ModelSpec) -> str:
    """Returns which weights these are: the commit at the hub, or the version of the package that holds them."""
    for source in spec.sources:
        return source.revision if isinstance(source, HubSource) else source.parts[0][1]
    return ""
