"""The parent side of an engine process."""

from __future__ import annotations

import logging
import os
import queue
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import psutil

from engines.base import ModelSpec, Place, Report
from engines.child import Errand
from engines.errors import EngineCrashed, EngineHung, Stopped
from engines.starting import start
from media.errors import WorkbenchError

log = logging.getLogger(__name__)

ShouldStop = Callable[[], bool]

_LOOK_S = 0.1
_LOAD_LIMIT_S = 900.0
_GRACE_S = 2.0


def never() -> bool:
    """The ``should_stop`` of a run that nobody stops."""
    return False


class EngineProcess:
    """A model in a process of its own; ending it gives all its memory back.

    One batch runs at a time. The process ends when this one does, even by SIGKILL. ``close`` when done with it.
    """

    def __init__(self, spec: ModelSpec, weights: Path, place: Place, limit_mib: int | None = None) -> None:
        self.spec = spec
        self.place = place
        self._errand = Errand(spec, weights, place, os.getpid(), limit_mib)
        self._inbox: queue.SimpleQueue[tuple[Any, ...]] = queue.SimpleQueue()
        self._link: Connection | None = None
        self._pid: int | None = None
        self._ended = threading.Event()
        self._exit_code: int | None = None
        self._number = 0
        self._running = threading.Lock()
        self._sending = threading.Lock()

    @classmethod
    def start(cls, spec: ModelSpec, weights: Path, place: Place, should_stop: ShouldStop = never) -> EngineProcess:
        """Starts a process and returns it when its model is loaded; raises EngineError, Stopped."""
        process = cls(spec, weights, place)
        process.load(should_stop)
        return process

    def load(self, should_stop: ShouldStop = never, timeout_s: float = _LOAD_LIMIT_S) -> None:
        """Starts the child and waits until it has loaded the model; the child is gone again after any error."""
        threading.Thread(target=self._keep, name=f"engine-{self.spec.name}", daemon=True).start()
        try:
            self._wait_for(("loaded",), 0, lambda _: None, should_stop, timeout_s)
        except BaseException:
            self.kill()
            raise

    def run(
        self,
        batch: Sequence[Any],
        report: Report,
        should_stop: ShouldStop = never,
        timeout_s: float | None = None,
        gives_way: ShouldStop = never,
    ) -> list[dict[str, Any]]:
        """Runs one batch; ``report(index, result)`` is called in this thread as each item is done, and for parts.

        ``timeout_s`` is the longest time without either. Raises EngineHung (the child was killed), EngineCrashed,
        OutOfMemory, EngineError, and Stopped: then the child was asked first, and killed if it went on for two seconds.
        Where ``gives_way`` tells so it is only asked, and goes on to its next step, or to the end.
        """
        with self._running:
            if self._ended.is_set() or self._link is None:
                raise self._crashed()
            self._number += 1
            try:
                self._say("run", self._number, list(batch))
            except OSError as error:
                # The pipe breaks before the process counts as ended; until then it would be taken for a living one.
                self.kill()
                raise self._crashed() from error
            done = self._wait_for(
                ("done",), self._number, lambda m: report(m[2], m[3]), should_stop, timeout_s, gives_way
            )
            return list(done[2])

    def free_cache(self) -> None:
        """Lets the child give back what it keeps for later; does nothing when it does not answer within ten seconds."""
        with self._running:
            self._number += 1
            try:
                if self._link is not None:
                    self._say("free", self._number)
                    self._wait_for(("done",), self._number, lambda _: None, never, 10.0)
            except (OSError, WorkbenchError) as error:
                log.warning("%s did not free its cache: %s", self.spec.name, error)

    def trim(self) -> None:
        """Asks the child to give back what it keeps for later, even while a batch runs; does not wait for it."""
        self._tell("trim")

    @property
    def alive(self) -> bool:
        """Whether the child still runs."""
        return self._link is not None and not self._ended.is_set()

    @property
    def pid(self) -> int | None:
        """The child's process number."""
        return self._pid

    def rss_mib(self) -> int:
        """Returns the memory that the child holds, 0 when it is gone."""
        try:
            return int(psutil.Process(self._pid).memory_info().rss >> 20) if self._pid and self.alive else 0
        except psutil.Error:
            return 0

    def peak_mib(self) -> int:
        """Returns the most memory that the child held since its model was loaded, 0 where the system does not tell."""
        try:
            with open(f"/proc/{self._pid}/status", encoding="ascii") as file:
                return next((int(line.split()[1]) >> 10 for line in file if line.startswith("VmHWM")), 0)
        except (OSError, ValueError):
            return 0

    def close(self, grace_s: float = _GRACE_S) -> None:
        """Ends the child, kindly first; returns when it is gone."""
        if self._link is not None and not self._ended.is_set():
            self._tell("close")
            self._ended.wait(grace_s)
        self.kill()

    def kill(self) -> None:
        """Ends the child at once; returns when it is gone."""
        while not self._ended.wait(0.02):
            if self._pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(self._pid, signal.SIGKILL)

    def _keep(self) -> None:
        """Starts the child and reads from it until it ends.

        All in one thread, which lives as long as the child: the kernel's parent-death signal is bound to the thread
        that starts a process, not to its process.
        """
        mine, theirs = Pipe()
        lines, output = Pipe(duplex=False)
        try:
            child = start(self._errand, mine, theirs, output)
        except (OSError, WorkbenchError) as error:
            log.warning("cannot start a process for %s: %s", self.spec.name, error)
            if isinstance(error, WorkbenchError):
                self._inbox.put(("failed", 0, error))
            self._ended.set()
            return
        self._pid, self._link = child.pid, mine
        theirs.close()
        output.close()
        teller = threading.Thread(
            target=_log_lines, args=(lines, self.spec.name), name=f"log-{self.spec.name}", daemon=True
        )
        teller.start()
        try:
            while True:
                self._inbox.put(mine.recv())
        except (EOFError, OSError):
            pass
        child.join(_GRACE_S)
        while child.is_alive():
            child.kill()
            child.join(_GRACE_S)
        self._exit_code = child.exitcode
        teller.join(1)
        self._ended.set()
        mine.close()
        child.close()

    def _wait_for(
        self,
        kinds: Sequence[str],
        number: int,
        on_report: Callable[[tuple[Any, ...]], None],
        should_stop: ShouldStop,
        timeout_s: float | None,
        gives_way: ShouldStop = never,
    ) -> tuple[Any, ...]:
        heard = looked = time.monotonic()
        stopping: float | None = None
        asked = False
        while True:
            message, now = self._next(), time.monotonic()
            # A child that tells something all the time must be stopped just as well.
            if message is None or now - looked >= _LOOK_S:
                looked = now
                if not asked and stopping is None and gives_way():
                    asked = True
                    self._ask_to_stop(number)
                if stopping is None and should_stop():
                    stopping = now
                    self._ask_to_stop(number)
                if stopping is not None and now - stopping > _GRACE_S:
                    self.kill()
                    raise Stopped()
            if message is None:
                if timeout_s is not None and now - heard > timeout_s:
                    self.kill()
                    raise EngineHung(model=self.spec.name, limit_s=round(timeout_s))
                continue
            heard = now
            if message[0] == "ended":
                raise Stopped() if stopping is not None else self._crashed()
            if len(message) > 1 and message[1] != number:
                continue
            if message[0] == "report":
                on_report(message)
            elif message[0] == "failed":
                raise self._named(message[2])
            elif message[0] in kinds:
                return message

    def _next(self) -> tuple[Any, ...] | None:
        try:
            return self._inbox.get(timeout=_LOOK_S)
        except queue.Empty:
            return ("ended",) if self._ended.is_set() and self._inbox.empty() else None

    def _ask_to_stop(self, number: int) -> None:
        self._tell("stop", number)

    def _tell(self, *message: Any) -> None:
        """Sends a message that a child which is gone need not hear."""
        if self._link is not None:
            with suppress(OSError):
                self._say(*message)

    def _say(self, *message: Any) -> None:
        """Sends one message; two threads at once would mix theirs."""
        with self._sending:
            assert self._link is not None
            self._link.send(message)

    def _named(self, error: WorkbenchError) -> WorkbenchError:
        error.values.setdefault("model", self.spec.title)
        return error

    def _crashed(self) -> EngineCrashed:
        return EngineCrashed(model=self.spec.title, exit_code=self._exit_code)


def _log_lines(lines: Connection, name: str) -> None:
    """Copies what the child prints to the log, line by line."""
    with os.fdopen(os.dup(lines.fileno()), encoding="utf-8", errors="replace") as text:
        lines.close()
        for line in text:
            log.info("%s: %s", name, line.rstrip())
