"""Keys of programs in the database, and what each has used."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.history.database import Database

_COLUMNS = "id, name, ending, scope, requests_a_minute, hours_a_day, upload_mb, created_at, used_at, revoked_at"


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key without its secret; None is no limit. Times are seconds since 1970."""

    id: str
    name: str
    ending: str
    scope: str
    requests_a_minute: int | None
    hours_a_day: float | None
    upload_mb: int | None
    created_at: float
    used_at: float | None = None
    revoked_at: float | None = None

    @property
    def owner(self) -> str:
        """Who the jobs of this key belong to."""
        return f"key:{self.id}"


def add_key(history: Database, row: KeyRow, hash: str) -> None:
    """Writes a new key by its hash."""
    values = {name: getattr(row, name) for name in _COLUMNS.split(", ")} | {"hash": hash}
    places = ", ".join(f":{name}" for name in values)
    with history.transaction() as db:
        db.execute(f"INSERT INTO keys ({_COLUMNS}, hash) VALUES ({places})", values)


def keys(history: Database) -> list[KeyRow]:
    """Returns all keys, the newest first, revoked ones too."""
    with history.reading() as db:
        return [_row(found) for found in db.execute(f"SELECT {_COLUMNS} FROM keys ORDER BY created_at DESC")]


def key_by_hash(history: Database, hash: str) -> KeyRow | None:
    """Returns the key of a hash, also when it is revoked."""
    with history.reading() as db:
        found = db.execute(f"SELECT {_COLUMNS} FROM keys WHERE hash = ?", (hash,)).fetchone()
    return None if found is None else _row(found)


def revoke_key(history: Database, key_id: str, now: float) -> bool:
    """Ends a key for good; False where there is none that still works."""
    with history.transaction() as db:
        done = db.execute("UPDATE keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL", (now, key_id))
        return done.rowcount == 1


def note_use(history: Database, key_id: str, now: float) -> None:
    """Notes when a key was used last."""
    with history.transaction(durable=False) as db:
        db.execute("UPDATE keys SET used_at = ? WHERE id = ?", (now, key_id))


def sound_since(history: Database, owner: str, since: float) -> float:
    """Returns the seconds of sound of an owner's jobs since a time; answers from a stored result cost nothing."""
    with history.reading() as db:
        [total] = db.execute(
            "SELECT coalesce(sum(duration_s), 0) FROM jobs"
            " WHERE owner = ? AND created_at >= ? AND copied_from IS NULL AND parent_id IS NULL",
            (owner, since),
        ).fetchone()
    return float(total)


def unfinished(history: Database) -> int:
    """Returns how many jobs wait or run."""
    with history.reading() as db:
        [n] = db.execute("SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')").fetchone()
    return int(n)


def _row(found: Any) -> KeyRow:
    return KeyRow(**{name: found[name] for name in _COLUMNS.split(", ")})
