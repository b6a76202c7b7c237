"""Empties the bin and deletes recordings that nothing refers to any more."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from media.errors import WorkbenchError
from workbench.history.history import History
from workbench.uploads import Uploads

log = logging.getLogger(__name__)
BIN_S = 30 * 24 * 3600.0
EVERY_S = 3600.0
CLOCK_SLACK_S = 600.0


class Housekeeping:
    """A thread that looks once an hour, the first time an hour after the start.

    Ages come from the wall clock, which may be set at any time: when it has not moved as the monotonic clock did since
    the last look, nothing is deleted this time.
    """

    def __init__(
        self,
        history: History,
        uploads: Uploads,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        also: Callable[[], None] = lambda: None,
    ) -> None:
        self._history = history
        self._uploads = uploads
        self._clock = clock
        self._monotonic = monotonic
        self._also = also
        self._seen = clock(), monotonic()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="housekeeping", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self) -> None:
        """Ends the thread."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(5.0)

    def tidy(self) -> int:
        """Does one round; returns how many recordings were deleted."""
        wall, steady = self._clock(), self._monotonic()
        jumped = abs((wall - self._seen[0]) - (steady - self._seen[1])) > CLOCK_SLACK_S
        self._seen = wall, steady
        if jumped:
            log.warning("the clock has jumped: nothing is deleted this time")
            return 0
        self._also()
        for upload in self._uploads.forget_old():
            self._history.add_input(upload.sha256, upload.size)
        return self._uploads.discard(self._history.purge(wall - BIN_S))

    def empty(self, job_ids: Sequence[str] | None = None) -> list[str]:
        """Removes for good what is in the bin, or these of it, with their recordings and files; returns their ids."""
        gone, unused = self._history.empty_bin(job_ids)
        self._uploads.forget(unused)
        self._also()
        return gone

    def _run(self) -> None:
        while not self._stopped.wait(EVERY_S):
            try:
                self.tidy()
            except WorkbenchError as error:
                log.warning("housekeeping was not possible: %s", error)
            except Exception:
                log.exception("housekeeping failed")
