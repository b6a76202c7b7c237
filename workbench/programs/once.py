"""Requests that may be sent twice and are done once."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable

from workbench.errors import JobError
from workbench.history.database import Database
from workbench.history.programs import answered, keep_answer

MOST_SIGNS = 255


class Once:
    """Remembers for a day which jobs a request has made; thread-safe."""

    def __init__(self, history: Database) -> None:
        self._history = history
        self._lock = threading.Lock()

    def jobs(self, owner: str, key: str, content: str, make: Callable[[], list[str]]) -> tuple[list[str], bool]:
        """Returns the ids of the jobs, made now or by the same request before; true where it was before.

        Raises JobError ``idempotency_other`` where another request was sent under the key.
        """
        if not 0 < len(key) <= MOST_SIGNS:
            raise JobError("idempotency_key", status=422, limit=MOST_SIGNS)
        hash = hashlib.sha256(content.encode()).hexdigest()
        with self._lock:
            known = answered(self._history, owner, key)
            if known is None:
                made = make()
                keep_answer(self._history, owner, key, hash, made)
                return made, False
        if known[0] != hash:
            raise JobError("idempotency_other", status=422)
        return known[1], True
