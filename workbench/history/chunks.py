"""Chunks in the database: claimed with a fence, committed together with the job's progress."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

from workbench.history.database import placeholders
from workbench.history.jobs import Jobs, to_json
from workbench.history.rows import ChunkEnd, ChunkRow, NewChunk


class Chunks(Jobs):
    """The checkpoints of a job. A fence is the number of a claim; only the newest claim may write a result."""

    def add_chunks(self, job_id: str, chunks: Sequence[NewChunk]) -> int:
        """Stores newly cut chunks; a number that is known is left alone. Returns how many were new."""
        rows = [(job_id, c.number, c.start, c.end, to_json([list(piece) for piece in c.pieces])) for c in chunks]
        with self.transaction(durable=False) as db:
            before = db.total_changes
            db.executemany(
                'INSERT OR IGNORE INTO chunks (job_id, number, start, "end", place, status)'
                " SELECT id, ?2, ?3, ?4, ?5, 'queued' FROM jobs"
                " WHERE id = ?1 AND status IN ('queued', 'running') AND cut_done = 0",
                rows,
            )
            n_new = db.total_changes - before
            if n_new:
                db.execute(
                    "UPDATE jobs SET n_chunks = n_chunks + ?, revision = revision + 1 WHERE id = ?", (n_new, job_id)
                )
            return n_new

    def add_round(self, job_id: str, chunks: Sequence[NewChunk]) -> bool:
        """Stores chunks that follow from the results of those before; False if the job has ended.

        A number that is known is left alone, so that a round may be written again after a crash.
        """
        rows = [(job_id, c.number, c.start, c.end, to_json([list(piece) for piece in c.pieces])) for c in chunks]
        with self.transaction(durable=False) as db:
            unfinished = "SELECT 1 FROM jobs WHERE id = ? AND status IN ('queued', 'running')"
            if db.execute(unfinished, (job_id,)).fetchone() is None:
                return False
            db.executemany(
                'INSERT OR IGNORE INTO chunks (job_id, number, start, "end", place, status)'
                " VALUES (?, ?, ?, ?, ?, 'queued')",
                rows,
            )
            db.execute(
                "UPDATE jobs SET n_chunks = (SELECT count(*) FROM chunks WHERE job_id = jobs.id),"
                " revision = revision + 1 WHERE id = ?",
                (job_id,),
            )
            return True

    def finish_cut(self, job_id: str, duration_s: float | None, media_kind: str | None = None) -> bool:
        """Notes that all chunks are stored, and what the reading found out: seconds of sound, audio or video.

        ``duration_s`` is None for what has no length in seconds, such as a text.
        """
        with self.transaction(durable=False) as db:
            done = db.execute(
                "UPDATE jobs SET cut_done = 1, duration_s = ?, revision = revision + 1"
                " WHERE id = ? AND status IN ('queued', 'running')",
                (duration_s, job_id),
            )
            db.execute(
                "UPDATE inputs SET duration_s = ?, media_kind = coalesce(?, media_kind)"
                " WHERE sha256 = (SELECT input_sha256 FROM jobs WHERE id = ?)",
                (duration_s, media_kind, job_id),
            )
            return done.rowcount == 1

    def chunks(self, job_id: str, after: int = -1, limit: int = -1) -> list[ChunkRow]:
        """Returns the chunks of a job with a number above ``after``, in order; a negative limit means all."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT * FROM chunks WHERE job_id = ? AND number > ? ORDER BY number LIMIT ?", (job_id, after, limit)
            )
            return [_chunk_row(row) for row in rows]

    def waiting_chunks(self, job_id: str, limit: int = -1) -> list[ChunkRow]:
        """Returns the chunks of a job that nobody has claimed, in order; a negative limit means all."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT * FROM chunks WHERE job_id = ? AND status = 'queued' ORDER BY number LIMIT ?", (job_id, limit)
            )
            return [_chunk_row(row) for row in rows]

    def claim_chunks(self, job_id: str, numbers: Iterable[int]) -> dict[int, int]:
        """Claims those of these chunks that are still waiting, and starts the job if it is queued.

        Returns the fence of each claimed chunk by its number; empty if the job has ended. Counts as an attempt.
        """
        wanted = list(numbers)
        with self.transaction(durable=False) as db:
            rows = db.execute(
                "UPDATE chunks SET status = 'running', attempts = attempts + 1, fence = fence + 1"
                f" WHERE job_id = ? AND status = 'queued' AND number IN ({placeholders(wanted)})"
                " AND EXISTS (SELECT 1 FROM jobs WHERE id = chunks.job_id AND status IN ('queued', 'running'))"
                " RETURNING number, fence",
                (job_id, *wanted),
            ).fetchall()
            if rows:
                db.execute(
                    "UPDATE jobs SET status = 'running', started_at = coalesce(started_at, ?), revision = revision + 1"
                    " WHERE id = ? AND status = 'queued'",
                    (self.clock(), job_id),
                )
            return {row["number"]: row["fence"] for row in rows}

    def commit_chunk(self, job_id: str, number: int, fence: int, end: ChunkEnd) -> bool:
        """Stores how a chunk ended and the job's progress, together.

        False, and nothing is stored, if the chunk was claimed again since ``fence``, is not running, or the job ended.
        """
        failed = end.error_code is not None
        status = "failed" if failed else "succeeded"
        result = None if failed else to_json(end.result)
        values = None if not failed else to_json(dict(end.error_values or {}))
        with self.transaction(durable=False) as db:
            done = db.execute(
                "UPDATE chunks SET status = ?, result = ?, error_code = ?, error_values = ?, finished_at = ?"
                " WHERE job_id = ? AND number = ? AND fence = ? AND status = 'running'"
                " AND EXISTS (SELECT 1 FROM jobs WHERE id = chunks.job_id AND status = 'running')",
                (status, result, end.error_code, values, self.clock(), job_id, number, fence),
            )
            if done.rowcount != 1:
                return False
            db.execute(
                "UPDATE jobs SET position_s = max(position_s, coalesce(?, 0)), language = coalesce(?, language),"
                " n_failed = n_failed + ?, revision = revision + 1 WHERE id = ?",
                (end.position_s, end.language, int(failed), job_id),
            )
            return True

    def release_chunks(self, job_id: str, fences: Mapping[int, int], count: bool = True) -> int:
        """Puts claimed chunks back for somebody else; returns how many.

        ``fences`` maps numbers to the fences of the claims. Without ``count`` the claim is not held against the chunk
        as an attempt: the run was stopped for another reason.
        """
        given_back = "" if count else ", attempts = max(0, attempts - 1)"
        with self.transaction(durable=False) as db:
            n_released = 0
            for number, fence in fences.items():
                n_released += db.execute(
                    f"UPDATE chunks SET status = 'queued', fence = fence + 1{given_back}"
                    " WHERE job_id = ? AND number = ? AND fence = ? AND status = 'running'",
                    (job_id, number, fence),
                ).rowcount
            return n_released


def _chunk_row(row: sqlite3.Row) -> ChunkRow:
    return ChunkRow(
        job_id=row["job_id"],
        number=row["number"],
        start=row["start"],
        end=row["end"],
        pieces=tuple((start, end) for start, end in json.loads(row["place"])),
        status=row["status"],
        attempts=row["attempts"],
        fence=row["fence"],
        result=None if row["result"] is None else json.loads(row["result"]),
        error_code=row["error_code"],
        error_values=None if row["error_values"] is None else json.loads(row["error_values"]),
        finished_at=row["finished_at"],
    )
