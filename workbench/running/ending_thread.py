"""A thread for the ends of one task's jobs, where they take so long that texts should not wait for them."""

from __future__ import annotations

import logging
import queue
import threading
from collections.abc import Callable

from engines.errors import Stopped
from media.errors import WorkbenchError
from workbench.errors import JobError
from workbench.history.errors import HistoryError
from workbench.running.board import ActiveJob, Board

log = logging.getLogger(__name__)


class EndingThread:
    """Ends complete jobs one after another; a full disk or a busy database is no fault of a job: it waits.

    ``end(job)`` writes the result, or adds a further round of chunks (``Endings.go_on``). It may raise WorkbenchError,
    which ends the job, OSError, or Stopped, which leaves it for the next start.
    """

    def __init__(self, name: str, board: Board, end: Callable[[ActiveJob], None]) -> None:
        self._board = board
        self._end = end
        self.fail: Callable[[ActiveJob, WorkbenchError], None] | None = None
        self._complete: queue.Queue[ActiveJob | None] = queue.Queue()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Ends the thread; what is being written is written anew at the next start."""
        self._complete.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def put(self, job: ActiveJob) -> None:
        """Takes a job of which all chunks are done."""
        self._complete.put(job)

    def _run(self) -> None:
        while (job := self._complete.get()) is not None:
            if self._board.stopping or job.ended:
                continue
            try:
                self._end(job)
            except Stopped:
                continue
            except WorkbenchError as error:
                self._refused(job, error)
            except OSError as error:
                self._refused(job, JobError("result_lost", status=500, why=error.strerror or type(error).__name__))
            except Exception as error:
                log.exception("the result of job %s could not be written", job.id)
                self._refused(job, WorkbenchError("internal", what=type(error).__name__))

    def _refused(self, job: ActiveJob, error: WorkbenchError) -> None:
        if isinstance(error, HistoryError) or error.code == "disk_full":
            log.warning("the result of job %s waits: %s", job.id, error)
            with self._board.changed:
                self._board.trouble(error)
                if not self._board.stopping:
                    self._board.changed.wait(self._board.pause_s)
            self._complete.put(job)
        elif self.fail is not None:
            self.fail(job, error)
