"""The child side of an engine process: one loaded model, answering over a pipe."""

from __future__ import annotations

import ctypes
import gc
import logging
import os
import resource
import signal
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from engines.base import Engine, ModelSpec, Place, Task
from engines.errors import EngineCrashed, EngineError, OutOfMemory, Stopped
from engines.priority import LAST, NICENESS, give_way
from media.errors import WorkbenchError

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
REST_S = 2.0
"""A model without work for so long gives back what its largest batch took: the heap would keep it for good."""
_MEMORY_WORDS = (
    "out of memory",
    "bad_alloc",
    "cannot allocate memory",
    "memory allocation",
    "alloc_failed",
    "std::length_error",
)
_DEVICE_WORDS = ("cuda", "cublas", "cudnn", "device-side assert")


@dataclass(frozen=True, slots=True)
class Errand:
    """What a child is started for; ``limit_mib`` bounds its address space, None leaves it open."""

    spec: ModelSpec
    weights: Path
    place: Place
    parent: int
    limit_mib: int | None = None


def main(link: Connection, output: Connection, errand: Errand) -> None:
    """Loads the model, says so, and runs batches until the pipe or the parent ends.

    Messages in: ``("run", number, batch)``, ``("free", number)``, ``("stop", number)``, ``("trim",)``, ``("close",)``.
    Out: ``("loaded",)``, ``("report", number, index, result)``, ``("done", number, results)``, ``("failed", number,
    error)``. Errors are WorkbenchError; tracebacks go to stderr, which is the parent's log.
    """
    end_with_parent(errand.parent)
    give_way(NICENESS if errand.spec.task == Task.TRANSCRIBE else LAST)
    _write_to(output)
    if errand.limit_mib is not None:
        limit_memory(errand.limit_mib)
    engine = _load(link, errand)
    if engine is not None:
        _Server(link, engine).serve()


def end_with_parent(parent: int) -> None:
    """Makes the kernel kill this process when the thread that started it ends, and watches the parent besides.

    The kernel's signal is lost if the parent died before it was asked for, so the parent's number is compared
    afterwards.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
    starter = parent_process()
    if starter is not None:
        threading.Thread(target=_watch, args=(starter.sentinel,), name="parent-watch", daemon=True).start()


def _watch(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def limit_memory(limit_mib: int) -> None:
    """Bounds the address space of this process; allocations beyond it fail instead of taking the machine down."""
    resource.setrlimit(resource.RLIMIT_AS, (limit_mib << 20, limit_mib << 20))


def _write_to(output: Connection) -> None:
    os.dup2(output.fileno(), 1)
    os.dup2(output.fileno(), 2)
    output.close()
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(name)s: %(message)s")


def _load(link: Connection, errand: Errand) -> Engine | None:
    module, _, name = errand.spec.engine.partition(":")
    try:
        if errand.place.device.startswith("cuda"):
            _offer_cuda_libraries()
        engine: Engine = getattr(import_module(module), name)()
        engine.load(errand.spec, errand.weights, errand.place)
    except Exception as error:
        link.send(("failed", 0, as_engine_error(error)))
        return None
    _forget_peak()
    link.send(("loaded",))
    return engine


def _forget_peak() -> None:
    """Makes the kernel count this process's largest memory anew: loading takes more than the work after it."""
    with suppress(OSError), open("/proc/self/clear_refs", "w", encoding="ascii") as file:
        file.write("5")


def _offer_cuda_libraries() -> None:
    """Loads cuBLAS and cuDNN from their Python packages, where the system's loader would not look for them."""
    for folder in map(Path, sys.path):
        for library in sorted((folder / "nvidia").glob("*/lib/lib*.so*")) if (folder / "nvidia").is_dir() else ():
            if library.name.startswith(("libcublas", "libcudnn")):
                try:
                    ctypes.CDLL(str(library), mode=ctypes.RTLD_GLOBAL)
                except OSError as error:
                    log.info("%s: %s", library.name, error)


class _Server:
    """Takes messages in a thread of its own, so that a stop is heard while a batch runs."""

    def __init__(self, link: Connection, engine: Engine) -> None:
        self._link = link
        self._engine = engine
        self._sending = threading.Lock()
        self._stopped = -1

    def serve(self) -> None:
        batches: list[tuple[int, Sequence[Any] | None]] = []
        arrived = threading.Condition()
        closing = threading.Event()

        def listen() -> None:
            try:
                while (message := self._link.recv())[0] != "close":
                    if message[0] == "stop":
                        self._stopped = max(self._stopped, message[1])
                        continue
                    if message[0] == "trim":
                        self._release()
                        continue
                    with arrived:
                        batches.append((message[1], message[2] if message[0] == "run" else None))
                        arrived.notify()
            except (EOFError, OSError):
                pass
            with arrived:
                closing.set()
                arrived.notify()

        def wanted() -> bool:
            return bool(batches) or closing.is_set()

        threading.Thread(target=listen, name="listen", daemon=True).start()
        used = False
        while True:
            with arrived:
                if used and not arrived.wait_for(wanted, REST_S):
                    give_back_heap()
                arrived.wait_for(wanted)
                if closing.is_set():
                    break
                number, batch = batches.pop(0)
            used = batch is not None
            if batch is None:
                self._free_cache(number)
            else:
                self._run(number, batch)
        self._engine.close()

    def _run(self, number: int, batch: Sequence[Any]) -> None:
        report = _Reporter(self, number)
        try:
            report.breathe()
            self._send("done", number, self._engine.run(batch, report))
        except Exception as error:
            self._send("failed", number, as_engine_error(error))

    def _free_cache(self, number: int) -> None:
        self._release()
        self._send("done", number, [])

    def _release(self) -> None:
        """Empties the engine's own cache, if any, and gives the heap back; may be called while a batch runs."""
        gc.collect()
        free = getattr(self._engine, "free_cache", None)
        if free is not None:
            free()
        give_back_heap()

    def _send(self, *message: Any) -> None:
        with self._sending:
            self._link.send(message)


class _Reporter:
    """Reports results of one run, and ends it where it was asked to stop."""

    def __init__(self, server: _Server, number: int) -> None:
        self._server = server
        self._number = number

    def __call__(self, index: int, result: dict[str, Any]) -> None:
        self._server._send("report", self._number, index, result)
        self.breathe()

    def breathe(self) -> None:
        if self._server._stopped >= self._number:
            raise Stopped()


def give_back_heap() -> None:
    """Collects garbage and hands the C heap's free pages back to the system (Linux)."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None) if sys.platform == "linux" else None
    if trim is not None:
        trim(0)


def as_engine_error(error: Exception) -> WorkbenchError:
    """Returns what the parent is told: the error's code and plain values.

    The traceback of an unexpected one goes to the log only.
    """
    if isinstance(error, WorkbenchError):
        return error
    log.error("the engine failed", exc_info=error)
    text = str(error).lower()
    if isinstance(error, MemoryError) or any(words in text for words in _MEMORY_WORDS):
        return OutOfMemory()
    if any(words in text for words in _DEVICE_WORDS):
        return EngineCrashed(reason="device")
    return EngineError(reason=type(error).__name__)
