"""Live sessions in the database: their keys, edits while they run, and the sound they leave behind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.history.database import Database
from workbench.history.jobs import Jobs, to_json
from workbench.history.rows import NewJob


@dataclass(frozen=True, slots=True)
class LiveRow:
    """A live session as stored; ``stopped`` when no more sound will come."""

    job_id: str
    key: str
    watch: str
    pause_s: float
    stopped: bool = False


def add_session(history: Jobs, job: NewJob, row: LiveRow) -> None:
    """Accepts a job together with its session."""
    with history.transaction() as db:
        history.add_jobs([job])
        db.execute(
            "INSERT INTO live_sessions (job_id, key, watch, pause_s) VALUES (?, ?, ?, ?)",
            (row.job_id, row.key, row.watch, row.pause_s),
        )


def session_of(history: Database, job_id: str) -> LiveRow | None:
    """Returns the session of a job, None where it was never live."""
    return _one(history, "job_id = ?", job_id)


def session_by_key(history: Database, key: str) -> LiveRow | None:
    """Returns the session that a browser's key opens, ended or not."""
    return _one(history, "key = ?", key)


def session_by_watch(history: Database, word: str) -> LiveRow | None:
    """Returns the session that a read-only word shows, unless its job is in the bin."""
    return _one(history, "watch = ? AND EXISTS (SELECT 1 FROM jobs WHERE id = job_id AND deleted_at IS NULL)", word)


def stop_session(history: Database, job_id: str) -> None:
    """Notes that no more sound will come."""
    with history.transaction() as db:
        db.execute("UPDATE live_sessions SET stopped = 1 WHERE job_id = ?", (job_id,))


def change_session(history: Database, job_id: str, request: Mapping[str, Any], pause_s: float) -> None:
    """Writes other settings for what follows."""
    with history.transaction() as db:
        db.execute("UPDATE live_sessions SET pause_s = ? WHERE job_id = ?", (pause_s, job_id))
        db.execute(
            "UPDATE jobs SET request = ?, revision = revision + 1 WHERE id = ?", (to_json(dict(request)), job_id)
        )


def attach_sound(history: Jobs, job_id: str, sha256: str | None, duration_s: float) -> None:
    """Gives a job the recording that was made of its sound; all its chunks are known from then on.

    ``sha256`` is None where nothing was ever heard. The job may have been cancelled meanwhile.
    """
    with history.transaction() as db:
        db.execute(
            "UPDATE jobs SET input_sha256 = ?, duration_s = ?, cut_done = 1, revision = revision + 1 WHERE id = ?",
            (sha256, duration_s, job_id),
        )
        db.execute("UPDATE inputs SET duration_s = ?, media_kind = 'audio' WHERE sha256 = ?", (duration_s, sha256))


def edit_line(history: Database, job_id: str, number: int, text: str) -> None:
    """Keeps what a person wrote in place of a line."""
    with history.transaction() as db:
        db.execute("INSERT OR REPLACE INTO live_edits VALUES (?, ?, ?)", (job_id, number, " ".join(text.split())))


def edits_of(history: Database, job_id: str, first: int = 0, last: int = 2**62) -> dict[int, str]:
    """Returns the edited lines of a session by their number, from ``first`` to ``last``."""
    with history.reading() as db:
        rows = db.execute(
            "SELECT number, text FROM live_edits WHERE job_id = ? AND number BETWEEN ? AND ? ORDER BY number",
            (job_id, first, last),
        )
        return {row["number"]: row["text"] for row in rows}


def _one(history: Database, where: str, value: str) -> LiveRow | None:
    with history.reading() as db:
        row = db.execute(f"SELECT * FROM live_sessions WHERE {where}", (value,)).fetchone()
    if row is None:
        return None
    return LiveRow(row["job_id"], row["key"], row["watch"], row["pause_s"], bool(row["stopped"]))
