"""Which other programs hold memory."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import psutil

from engines.gpus import Driver

LEAST_MIB = 100


@dataclass(frozen=True, slots=True)
class Program:
    """A program that is not ours and holds memory of ``cpu`` or ``cuda:N``; ``name`` is None where it cannot be seen.

    ``used_mib`` is None where the driver does not say.
    """

    device: str
    pid: int
    name: str | None
    used_mib: int | None


def family() -> dict[int, int]:
    """Returns the main memory in MiB of this program and all its children, by process number."""
    me = psutil.Process()
    found = {}
    for process in (me, *me.children(recursive=True)):
        try:
            found[process.pid] = int(process.memory_info().rss >> 20)
        except psutil.Error:
            continue
    return found


def name_of(pid: int) -> str | None:
    """Returns the name of a program, None where it is gone or not to be seen from here."""
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return None


def on_gpus(driver: Driver, ours: Collection[int], name: Callable[[int], str | None] = name_of) -> list[Program]:
    """Returns the other programs on all GPUs, those that hold most first."""
    found = [p for p in driver.programs() if p.pid not in ours]
    found.sort(key=lambda p: -(p.used_mib or 0))
    return [Program(f"cuda:{p.gpu}", p.pid, name(p.pid), p.used_mib) for p in found]


def in_memory(ours: Collection[int], most: int = 5) -> list[Program]:
    """Returns the largest other programs in the main memory; equal names are added up."""
    found: dict[str, Program] = {}
    for process in psutil.process_iter(["pid", "name", "memory_info"]):
        held = process.info["memory_info"]
        if process.info["pid"] in ours or held is None:
            continue
        name = process.info["name"] or str(process.info["pid"])
        known = found.get(name)
        used = int(held.rss >> 20) + (known.used_mib or 0 if known else 0)
        found[name] = Program("cpu", known.pid if known else process.info["pid"], name, used)
    large = [program for program in found.values() if (program.used_mib or 0) >= LEAST_MIB]
    return sorted(large, key=lambda program: -(program.used_mib or 0))[:most]
