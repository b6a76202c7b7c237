"""Reading aloud in the database: sentences that are spoken anew, and the office's pronunciation list."""

from __future__ import annotations

from workbench.history.database import Database


def speak_again(history: Database, job_id: str, number: int, round_size: int) -> bool:
    """Puts one sentence of a finished job back in the queue and forgets its later takes; False where there is none."""
    with history.transaction() as db:
        ended = "SELECT 1 FROM jobs WHERE id = ? AND status IN ('succeeded', 'failed', 'cancelled')"
        if db.execute(ended, (job_id,)).fetchone() is None:
            return False
        changed = db.execute(
            "UPDATE chunks SET status = 'queued', attempts = 0, fence = fence + 1, result = NULL, error_code = NULL,"
            " error_values = NULL WHERE job_id = ? AND number = ?",
            (job_id, number),
        ).rowcount
        if not changed:
            return False
        db.execute(
            "DELETE FROM chunks WHERE job_id = ? AND number >= ? AND number % ? = ?",
            (job_id, round_size, round_size, number),
        )
        db.execute(
            "UPDATE jobs SET status = 'queued', error_code = NULL, error_values = NULL, notes = '[]',"
            " n_chunks = (SELECT count(*) FROM chunks WHERE job_id = jobs.id), cancel_requested = 0,"
            " n_failed = (SELECT count(*) FROM chunks WHERE job_id = jobs.id AND status = 'failed'),"
            " finished_at = NULL, revision = revision + 1 WHERE id = ?",
            (job_id,),
        )
        return True


def words_of(history: Database) -> list[tuple[str, str]]:
    """Returns the pronunciation list as ``(written, spoken)``, by what is written."""
    with history.reading() as db:
        rows = db.execute("SELECT written, spoken FROM said_words ORDER BY written COLLATE NOCASE")
        return [(row["written"], row["spoken"]) for row in rows]


def set_word(history: Database, written: str, spoken: str) -> None:
    """Notes how a word is said; an empty ``spoken`` takes it off the list."""
    with history.transaction() as db:
        if not spoken:
            db.execute("DELETE FROM said_words WHERE written = ?", (written,))
            return
        db.execute("INSERT OR REPLACE INTO said_words VALUES (?, ?, ?)", (written, spoken, history.clock()))
