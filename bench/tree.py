"""Measures a process with all its children."""

from __future__ import annotations

import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil


def cpu_s(pid: int) -> float:
    """Returns the user and system time in seconds of a process tree, with that of children that have ended."""
    spent = 0.0
    for process in tree(pid):
        with suppress(psutil.Error):
            times = process.cpu_times()
            spent += times.user + times.system
            spent += getattr(times, "children_user", 0.0) + getattr(times, "children_system", 0.0)
    return spent


def memory_mib(pid: int) -> float:
    """Returns the memory of a process tree; shared pages count once (Linux), elsewhere once for each process."""
    total = 0
    for process in tree(pid):
        with suppress(psutil.Error):
            total += process.memory_full_info().pss if sys.platform == "linux" else process.memory_info().rss
    return total / 2**20


def tree(pid: int) -> list[psutil.Process]:
    """Returns a process and all below it; none once it has ended."""
    with suppress(psutil.Error):
        root = psutil.Process(pid)
        return [root, *root.children(recursive=True)]
    return []


def role(process: psutil.Process, root: int) -> str:
    """Returns what a process of a server does: ``server``, ``engine`` (a model), ``reader`` (of media) or ``other``."""
    if process.pid == root:
        return "server"
    if "resource_tracker" in " ".join(process.cmdline()):
        return "other"
    maps = Path(f"/proc/{process.pid}/maps")
    if maps.exists():
        libraries = maps.read_text()
        is_engine = any(name in libraries for name in ("ctranslate2", "libdeepfilter", "libtorch_cpu"))
        is_reader = "libavformat" in libraries
        is_engine = is_engine or ("onnxruntime" in libraries and not is_reader)
        return "engine" if is_engine else "reader" if is_reader else "other"
    return "other"


class RolePeaks:
    """Watches the memory that each process of a server has for itself, inside a ``with`` (Linux)."""

    def __init__(self, pid: int, every_s: float = 0.5) -> None:
        self._mib: dict[str, float] = {}
        self._pid = pid
        self._every_s = every_s
        self._done = threading.Event()
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def mark(self) -> dict[str, float]:
        """Returns the most that was seen of each role since the last mark, in MiB, and begins anew."""
        with self._lock:
            seen, self._mib = self._mib, {}
        return seen

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(self._every_s):
            for process in tree(self._pid):
                with suppress(psutil.Error, OSError):
                    what, mib = role(process, self._pid), process.memory_full_info().uss / 2**20
                    with self._lock:
                        self._mib[what] = max(self._mib.get(what, 0.0), mib)


class Peak:
    """Watches the memory of a process tree inside a ``with``; ``mib`` is the most that was seen."""

    def __init__(self, pid: int, every_s: float = 0.5) -> None:
        self.mib = 0.0
        self._pid = pid
        self._every_s = every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            self.mib = max(self.mib, memory_mib(self._pid))
            if self._done.wait(self._every_s):
                return
