"""A stand-in for NVIDIA's management library, with the calls and the odd answers of the real one."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

MIB = 2**20


class FakeNvml:
    """Cards are ``{"name", "total", "used", "capability", "use", "compute", "graphics"}`` in MiB; programs are
    ``(pid, MiB or None)``. With ``broken`` there is a library but no driver.
    """

    class NVMLError(Exception):
        pass

    def __init__(self, *cards: dict[str, Any], broken: bool = False) -> None:
        self.cards = list(cards)
        self.broken = broken
        self.n_open = 0

    def nvmlInit(self) -> None:
        if self.broken:
            raise self.NVMLError("driver not loaded")
        self.n_open += 1

    def nvmlShutdown(self) -> None:
        self.n_open -= 1

    def nvmlDeviceGetCount(self) -> int:
        return len(self.cards)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> dict[str, Any]:
        if self.cards[index].get("fallen_off_the_bus"):
            raise self.NVMLError("GPU is lost")
        return self.cards[index]

    def nvmlDeviceGetName(self, card: dict[str, Any]) -> str | bytes:
        name: str | bytes = card["name"]
        return name

    def nvmlDeviceGetMemoryInfo(self, card: dict[str, Any]) -> SimpleNamespace:
        used, total = card.get("used", 0) * MIB, card["total"] * MIB
        return SimpleNamespace(total=total, used=used, free=total - used)

    def nvmlDeviceGetCudaComputeCapability(self, card: dict[str, Any]) -> tuple[int, int]:
        capability: tuple[int, int] = card.get("capability", (8, 6))
        return capability

    def nvmlDeviceGetUtilizationRates(self, card: dict[str, Any]) -> SimpleNamespace:
        if card.get("use") is None:
            raise self.NVMLError("not supported")
        return SimpleNamespace(gpu=card["use"], memory=0)

    def nvmlDeviceGetComputeRunningProcesses(self, card: dict[str, Any]) -> list[SimpleNamespace]:
        return _programs(card.get("compute", ()))

    def nvmlDeviceGetGraphicsRunningProcesses(self, card: dict[str, Any]) -> list[SimpleNamespace]:
        if "graphics" not in card:
            raise self.NVMLError("not supported")
        return _programs(card["graphics"])


def _programs(told: Sequence[tuple[int, int | None]]) -> list[SimpleNamespace]:
    return [SimpleNamespace(pid=pid, usedGpuMemory=None if mib is None else mib * MIB) for pid, mib in told]
