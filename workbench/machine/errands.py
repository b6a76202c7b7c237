"""What the administrator asked of a model and takes a while: loading it, reading its files again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from engines.errors import Stopped
from media.errors import WorkbenchError

log = logging.getLogger(__name__)
Report = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Errand:
    """``what`` is ``load`` or ``verify``; ``progress`` is 0 to 1 or None; an ended one has ``done_at`` (seconds since
    1970), and ``error`` where it failed.
    """

    what: str
    progress: float | None = None
    done_at: float | None = None
    error: WorkbenchError | None = None


class Errands:
    """At most one errand for each model, each in a thread of its own."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Errand] = {}
        self._threads: list[threading.Thread] = []
        self.stopping = False

    def start(self, name: str, what: str, work: Callable[[Report], None]) -> None:
        """Begins an errand; does nothing while the model has one already."""
        with self._lock:
            known = self._known.get(name)
            if self.stopping or (known is not None and known.done_at is None):
                return
            self._known[name] = Errand(what)
            thread = threading.Thread(target=self._run, args=(name, work), name=f"{what}-{name}", daemon=True)
            self._threads = [*(one for one in self._threads if one.is_alive()), thread]
        thread.start()

    def state(self, name: str) -> Errand | None:
        """Returns what is going on with a model, or how the last errand ended."""
        with self._lock:
            return self._known.get(name)

    def forget(self, name: str) -> None:
        """Forgets how the last errand of a model ended."""
        with self._lock:
            known = self._known.get(name)
            if known is not None and known.done_at is not None:
                del self._known[name]

    def close(self, timeout_s: float) -> None:
        """Waits for errands, which see ``stopping``."""
        with self._lock:
            self.stopping = True
            threads = list(self._threads)
        for thread in threads:
            thread.join(timeout_s)

    def _run(self, name: str, work: Callable[[Report], None]) -> None:
        def report(share: float) -> None:
            with self._lock:
                self._known[name] = replace(self._known[name], progress=round(share, 3))

        error: WorkbenchError | None = None
        try:
            work(report)
        except Stopped:
            pass
        except WorkbenchError as caught:
            error = caught
        except Exception as caught:
            log.exception("an errand for %s failed", name)
            error = WorkbenchError("internal", what=type(caught).__name__)
        with self._lock:
            self._known[name] = replace(self._known[name], done_at=self._clock(), error=error)
