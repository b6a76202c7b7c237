"""What programs leave in the database beside their keys: requests answered once, batches, and webhooks."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.history.database import Database

KEEP_S = 86_400.0


@dataclass(frozen=True, slots=True)
class WebhookRow:
    """An address that is told when jobs end; ``secret`` signs what it is sent."""

    id: str
    url: str
    secret: str
    created_at: float


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """A message on its way; ``attempt`` counts those that failed, ``due_at`` is seconds since 1970."""

    id: str
    webhook_id: str
    job_id: str
    body: str
    attempt: int
    due_at: float


def answered(history: Database, owner: str, key: str) -> tuple[str, list[str]] | None:
    """Returns the hash of the request that was answered under a key, and the jobs it made."""
    with history.reading() as db:
        row = db.execute("SELECT hash, jobs FROM answered WHERE owner = ? AND key = ?", (owner, key)).fetchone()
    return None if row is None else (row["hash"], json.loads(row["jobs"]))


def keep_answer(history: Database, owner: str, key: str, hash: str, jobs: Sequence[str]) -> None:
    """Keeps what was answered for a day."""
    now = history.clock()
    with history.transaction() as db:
        db.execute("DELETE FROM answered WHERE created_at < ?", (now - KEEP_S,))
        db.execute("INSERT INTO answered VALUES (?, ?, ?, ?, ?)", (owner, key, hash, json.dumps(list(jobs)), now))


def jobs_of_batch(history: Database, batch_id: str) -> list[str]:
    """Returns the ids of a batch's jobs in the order in which they were handed in."""
    with history.reading() as db:
        rows = db.execute("SELECT id FROM jobs WHERE batch_id = ? AND parent_id IS NULL ORDER BY seq", (batch_id,))
        return [row["id"] for row in rows]


def add_webhook(history: Database, row: WebhookRow) -> None:
    """Writes a new address."""
    with history.transaction() as db:
        db.execute("INSERT INTO webhooks VALUES (?, ?, ?, ?)", (row.id, row.url, row.secret, row.created_at))


def webhooks(history: Database) -> list[WebhookRow]:
    """Returns all addresses, the oldest first."""
    with history.reading() as db:
        rows = db.execute("SELECT id, url, secret, created_at FROM webhooks ORDER BY created_at").fetchall()
    return [WebhookRow(*row) for row in rows]


def remove_webhook(history: Database, webhook_id: str) -> bool:
    """Forgets an address and what it was still to be sent; False where there is none."""
    with history.transaction() as db:
        return db.execute("DELETE FROM webhooks WHERE id = ?", (webhook_id,)).rowcount == 1


def add_deliveries(history: Database, rows: Sequence[DeliveryRow]) -> None:
    """Puts messages on their way."""
    with history.transaction() as db:
        for row in rows:
            values = (row.id, row.webhook_id, row.job_id, row.body, row.attempt, row.due_at)
            db.execute("INSERT OR IGNORE INTO deliveries VALUES (?, ?, ?, ?, ?, ?)", values)


def due(history: Database, now: float, limit: int = 20) -> list[DeliveryRow]:
    """Returns the messages to be sent by now, the most overdue first."""
    with history.reading() as db:
        columns = "id, webhook_id, job_id, body, attempt, due_at"
        rows = db.execute(
            f"SELECT {columns} FROM deliveries WHERE due_at <= ? ORDER BY due_at LIMIT ?", (now, limit)
        ).fetchall()
    return [DeliveryRow(*row) for row in rows]


def next_due(history: Database) -> float | None:
    """Returns when the next message is to be sent, None where none waits."""
    with history.reading() as db:
        found: float | None = db.execute("SELECT min(due_at) FROM deliveries").fetchone()[0]
    return found


def settle(history: Database, delivery_id: str, due_at: float | None = None) -> None:
    """Takes a message off the list, or has it sent once more at ``due_at``."""
    with history.transaction() as db:
        if due_at is None:
            db.execute("DELETE FROM deliveries WHERE id = ?", (delivery_id,))
        else:
            db.execute("UPDATE deliveries SET attempt = attempt + 1, due_at = ? WHERE id = ?", (due_at, delivery_id))
