"""Keys of programs: made, shown once, kept as a hash, checked against their limits."""

from __future__ import annotations

import hashlib
import math
import secrets
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from media.errors import WorkbenchError
from workbench.errors import NotFound
from workbench.history.database import Database
from workbench.history.keys import KeyRow, add_key, key_by_hash, keys, note_use, revoke_key, sound_since, unfinished

PREFIX = "rt-"
SCOPES = ("transcribe", "all")
MOST_WAITING = 500
"""Jobs that wait or run; programs are sent away from then on, people are not."""
_DAY_S, _MINUTE_S, _NOTE_EVERY_S = 86_400.0, 60.0, 60.0
_FULL_RETRY_S = 30


class KeyRefused(WorkbenchError):
    """A key that is unknown, revoked, not enough, or at its limit; ``retry_s`` of its values is when it works again."""

    default_code = "key_unknown"
    default_status = 401


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a new key may do; None is no limit."""

    name: str
    scope: str = "transcribe"
    requests_a_minute: int | None = None
    hours_a_day: float | None = None
    upload_mb: int | None = None


@dataclass(frozen=True, slots=True)
class Left:
    """What a key with a limit of calls may still ask in this minute; ``reset_s`` is when all of it is there again."""

    limit: int
    n: int
    reset_s: int


class Keys:
    """All keys of one database; thread-safe. ``clock`` gives seconds since 1970, ``random`` an unguessable text."""

    def __init__(
        self,
        history: Database,
        clock: Callable[[], float] = time.time,
        random: Callable[[], str] = lambda: secrets.token_urlsafe(32),
    ) -> None:
        self._history = history
        self._clock = clock
        self._random = random
        self._lock = threading.Lock()
        self._calls: dict[str, deque[float]] = {}
        self._noted: dict[str, float] = {}

    def make(self, wanted: Wanted) -> tuple[KeyRow, str]:
        """Returns a new key and its secret, which nobody can be told again."""
        secret = PREFIX + self._random()
        row = KeyRow(
            secrets.token_hex(8),
            wanted.name,
            secret[-4:],
            wanted.scope,
            wanted.requests_a_minute,
            wanted.hours_a_day,
            wanted.upload_mb,
            self._clock(),
        )
        add_key(self._history, row, _hash(secret))
        return row, secret

    def all(self) -> list[KeyRow]:
        """Returns all keys, the newest first, revoked ones too."""
        return keys(self._history)

    def revoke(self, key_id: str) -> None:
        """Ends a key at once; raises NotFound ``key_gone``."""
        if not revoke_key(self._history, key_id, self._clock()):
            raise NotFound("key_gone")

    def admit(self, secret: str, scope: str = "transcribe") -> KeyRow:
        """Returns the key of a secret and counts a call.

        Raises KeyRefused ``key_unknown`` and ``key_revoked`` (401), ``key_scope`` (403), ``key_rate`` (429).
        """
        row = key_by_hash(self._history, _hash(secret))
        if row is None:
            raise KeyRefused()
        if row.revoked_at is not None:
            raise KeyRefused("key_revoked", name=row.name)
        if scope != row.scope and row.scope != "all":
            raise KeyRefused("key_scope", status=403, name=row.name)
        now = self._clock()
        self._count(row, now)
        if now - self._noted.get(row.id, 0.0) >= _NOTE_EVERY_S:
            self._noted[row.id] = now
            note_use(self._history, row.id, now)
        return row

    def left(self, row: KeyRow) -> Left | None:
        """Returns how many calls are left, None for a key without such a limit."""
        if row.requests_a_minute is None:
            return None
        now = self._clock()
        with self._lock:
            calls = [at for at in self._calls.get(row.id, ()) if at > now - _MINUTE_S]
        reset_s = max(0, math.ceil(calls[-1] + _MINUTE_S - now)) if calls else 0
        return Left(row.requests_a_minute, max(0, row.requests_a_minute - len(calls)), reset_s)

    def may_hear(self, row: KeyRow | None, unwritten_s: float = 0.0) -> None:
        """Raises KeyRefused ``key_hours`` (429) once a key's day is used up, and ``queue_full`` (503) for anybody.

        ``unwritten_s`` is sound that came live and stands in no job yet.
        """
        if unfinished(self._history) >= MOST_WAITING:
            raise KeyRefused("queue_full", status=503, n=MOST_WAITING, retry_s=_FULL_RETRY_S)
        if row is None or row.hours_a_day is None:
            return
        now = self._clock()
        day = now - now % _DAY_S
        if sound_since(self._history, row.owner, day) + unwritten_s >= row.hours_a_day * 3600:
            retry_s = int(day + _DAY_S - now) + 1
            raise KeyRefused("key_hours", status=429, name=row.name, limit=row.hours_a_day, retry_s=retry_s)

    def _count(self, row: KeyRow, now: float) -> None:
        if row.requests_a_minute is None:
            return
        with self._lock:
            calls = self._calls.setdefault(row.id, deque())
            while calls and calls[0] <= now - _MINUTE_S:
                calls.popleft()
            if len(calls) >= row.requests_a_minute:
                retry_s = max(1, int(calls[0] + _MINUTE_S - now) + 1)
                limit = row.requests_a_minute
                raise KeyRefused("key_rate", status=429, name=row.name, limit=limit, retry_s=retry_s)
            calls.append(now)


def _hash(secret: str) -> str:
    """A key has 256 random bits, so one round of SHA-256 without salt is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
