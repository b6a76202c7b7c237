"""Fetches that several callers wait for together, in this process and beside other processes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from engines.errors import Stopped

LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class FetchProgress:
    """How far a fetch is: bytes that are there of all bytes, where they come from, and what is being done with them.

    ``step`` is ``downloading``, ``unpacking`` or ``checking``; ``total_bytes`` is a good guess until every size is
    known.
    """

    model: str
    source: str
    done_bytes: int
    total_bytes: int
    step: str


Report = Callable[[FetchProgress], None]
Work = Callable[[Report, Callable[[], bool]], Path]


class _Flight:
    def __init__(self) -> None:
        self.n_waiting = 1
        self.progress: FetchProgress | None = None
        self.ended = threading.Event()
        self.result: Path | None = None
        self.error: BaseException | None = None

    def run(self, work: Work) -> None:
        try:
            self.result = work(self._keep, lambda: self.n_waiting == 0)
        except BaseException as error:  # handed to every caller who waits
            self.error = error
        finally:
            self.ended.set()

    def _keep(self, progress: FetchProgress) -> None:
        self.progress = progress


class Flights:
    """Runs one fetch a name, however many ask for it; it stops when all of them have asked to stop."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._under_way: dict[str, _Flight] = {}

    def join(self, name: str, work: Work, report: Report, should_stop: Callable[[], bool]) -> Path:
        """Starts ``work`` in a thread, or joins the one under way, and returns its result or raises its error.

        ``report`` is called in the caller's own thread, at most once each tenth of a second. Raises Stopped for the
        caller who asked to stop, while others go on waiting.
        """
        flight = self._board(name, work)
        shown: FetchProgress | None = None
        while not flight.ended.wait(LOOK_EVERY_S):
            if should_stop():
                with self._lock:
                    flight.n_waiting -= 1
                raise Stopped()
            if flight.progress is not None and flight.progress is not shown:
                shown = flight.progress
                report(shown)
        if flight.error is not None:
            raise flight.error
        if flight.progress is not None and flight.progress is not shown:
            report(flight.progress)
        assert flight.result is not None
        return flight.result

    def _board(self, name: str, work: Work) -> _Flight:
        while True:
            with self._lock:
                flight = self._under_way.get(name)
                if flight is None or flight.ended.is_set():
                    flight = self._under_way[name] = _Flight()
                    threading.Thread(target=flight.run, args=(work,), name=f"fetch {name}", daemon=True).start()
                    return flight
                if flight.n_waiting > 0:
                    flight.n_waiting += 1
                    return flight
            # Everyone left it and it is about to stop: what it holds on disk must be let go before the next one starts.
            flight.ended.wait()


@contextmanager
def alone(lock: Path, should_stop: Callable[[], bool]) -> Iterator[None]:
    """Keeps other processes from fetching the same model meanwhile; raises Stopped while it waits for one of them.

    The lock ends with the process that holds it, however that ends. Where the system has no such locks there is none.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("ab") as file:
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if should_stop():
                    raise Stopped() from None
                time.sleep(LOOK_EVERY_S)
        yield
