"""Jobs in the database: accepted, running, ended, taken up again after a crash."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any

from engines.requests import USUAL_BEAM
from workbench.history.database import Database, placeholders
from workbench.history.rows import ArtifactRow, JobRow, NewJob
from workbench.search import index_text

_AT_ONCE = 500
_SPEED_SAMPLES = 20
"""The running mean of a speed forgets what is older than about so many chunks."""

UNLISTED_TASK = "speaker-diarization"
"""Its jobs add to a transcript, or hear a voice in a recording that was sent for that alone: lists show neither."""
JOB_COLUMNS = """jobs.*, (SELECT media_kind FROM inputs WHERE sha256 = jobs.input_sha256) AS media_kind,
    (SELECT json_group_array(tag) FROM job_tags WHERE job_id = jobs.id) AS tags"""
_PLAIN = [
    field.name
    for field in fields(JobRow)
    if field.name not in ("request", "error_values", "notes", "cut_done", "cancel_requested", "n_segments", "tags")
]


class Jobs(Database):
    """The life of a job from acceptance to its end; transcripts and lists are elsewhere."""

    def add_input(self, sha256: str, size_bytes: int) -> None:
        """Notes an upload that is safely on disk; a known one counts as received again."""
        with self.transaction(durable=False) as db:
            db.execute(
                "INSERT INTO inputs (sha256, size_bytes, received_at) VALUES (?, ?, ?)"
                " ON CONFLICT (sha256) DO UPDATE SET received_at = excluded.received_at",
                (sha256, size_bytes, self.clock()),
            )

    def add_jobs(self, jobs: Sequence[NewJob]) -> None:
        """Accepts all of these jobs or, on any error, none; their inputs must have been added before."""
        now = self.clock()
        with self.transaction() as db:
            for job in jobs:
                _insert_job(db, job, now)

    def job(self, job_id: str) -> JobRow | None:
        """Returns a job, in the bin or not, or None."""
        rows = self.jobs([job_id])
        return rows[0] if rows else None

    def jobs(self, ids: Sequence[str]) -> list[JobRow]:
        """Returns these jobs in the order asked for, without those that do not exist."""
        found: dict[str, JobRow] = {}
        with self.reading() as db:
            for first in range(0, len(ids), _AT_ONCE):
                some = ids[first : first + _AT_ONCE]
                where = f"SELECT {JOB_COLUMNS} FROM jobs WHERE id IN ({placeholders(some)})"
                found.update((row["id"], job_row(row)) for row in db.execute(where, list(some)))
        return [found[job_id] for job_id in ids if job_id in found]

    def active_jobs(self, limit: int = 100_000) -> list[JobRow]:
        """Returns the jobs that have not ended, in the order in which they were accepted."""
        with self.reading() as db:
            rows = db.execute(
                f"SELECT {JOB_COLUMNS} FROM jobs WHERE status IN ('queued', 'running') ORDER BY seq LIMIT ?", (limit,)
            )
            return [job_row(row) for row in rows]

    def set_status(self, job_id: str, status: str) -> bool:
        """Moves an unfinished job between ``queued`` and ``running``; False if it has ended or is there already."""
        if status not in ("queued", "running"):
            raise ValueError("a job ends through finish_job, fail_job or cancel")
        with self.transaction(durable=False) as db:
            started = ", started_at = coalesce(started_at, :now)" if status == "running" else ""
            done = db.execute(
                f"UPDATE jobs SET status = :status, revision = revision + 1{started}"
                " WHERE id = :id AND status IN ('queued', 'running') AND status <> :status",
                {"status": status, "now": self.clock(), "id": job_id},
            )
            return done.rowcount == 1

    def set_notes(self, job_id: str, notes: Sequence[Mapping[str, Any]]) -> bool:
        """Replaces what the person is told about a job."""
        return self._change(job_id, "notes = ?", (to_json(list(notes)),))

    def fail_job(self, job_id: str, code: str, values: Mapping[str, Any] | None = None) -> bool:
        """Ends an unfinished job with an error; False if it has ended already."""
        return self._end(job_id, "failed", "error_code = ?, error_values = ?", (code, to_json(dict(values or {}))))

    def cancel(self, job_id: str) -> bool:
        """Ends an unfinished job because a person asked; results that still arrive are refused."""
        return self._end(job_id, "cancelled", "cancel_requested = 1", ())

    def reopen(self, job_id: str) -> bool:
        """Puts a job back in the queue that failed, was cancelled, or succeeded with gaps; its good chunks are kept.

        False for any other job. The lines of one that succeeded with gaps are removed until it ends again.
        """
        with self.transaction() as db:
            row = db.execute(
                "SELECT * FROM jobs WHERE id = ? AND (status IN ('failed', 'cancelled')"
                " OR (status = 'succeeded' AND n_failed > 0 AND copied_from IS NULL))",
                (job_id,),
            ).fetchone()
            if row is None:
                return False
            self._drop_lines(db, row)
            again = "status = 'queued', attempts = 0, fence = fence + 1, error_code = NULL, error_values = NULL"
            db.execute(f"UPDATE chunks SET {again} WHERE job_id = ? AND status <> 'succeeded'", (job_id,))
            db.execute(
                "UPDATE jobs SET status = 'queued', n_failed = 0, error_code = NULL, error_values = NULL, notes = '[]',"
                " cancel_requested = 0, finished_at = NULL, deleted_at = NULL, revision = revision + 1 WHERE id = ?",
                (job_id,),
            )
            return True

    def recover(self) -> int:
        """Puts back what was running when the last process died; returns how many jobs go on. Attempts are kept.

        Results of claims made before are refused from now on.
        """
        with self.transaction() as db:
            db.execute("UPDATE chunks SET status = 'queued', fence = fence + 1 WHERE status = 'running'")
            db.execute("UPDATE jobs SET status = 'queued', revision = revision + 1 WHERE status = 'running'")
            row = db.execute("SELECT count(*) FROM jobs WHERE status IN ('queued', 'running')").fetchone()
            return int(row[0])

    def find_same(self, fingerprint: str) -> str | None:
        """Returns the newest job with this fingerprint whose whole result is stored, or None."""
        with self.reading() as db:
            row = db.execute(
                "SELECT id FROM jobs WHERE fingerprint = ? AND status = 'succeeded' AND n_failed = 0"
                " AND deleted_at IS NULL ORDER BY seq DESC LIMIT 1",
                (fingerprint,),
            ).fetchone()
            return None if row is None else str(row["id"])

    def speed(self, model: str, device: str, precision: str, beam: int = USUAL_BEAM) -> float | None:
        """Returns how many seconds of sound a second this model has managed here, None before the first time."""
        with self.reading() as db:
            row = db.execute(
                "SELECT realtime_x FROM speeds WHERE model = ? AND device = ? AND precision = ? AND beam = ?",
                (model, device, precision, beam),
            ).fetchone()
            return None if row is None else float(row["realtime_x"])

    def learn_speed(self, model: str, device: str, precision: str, realtime_x: float, beam: int = USUAL_BEAM) -> None:
        """Takes one more measurement into the running mean of the time that a second of sound takes."""
        with self.transaction(durable=False) as db:
            db.execute(
                "INSERT INTO speeds VALUES (?, ?, ?, ?, ?, 1, ?) ON CONFLICT DO UPDATE SET"
                " realtime_x = 1.0 / (1.0 / realtime_x"
                " + (1.0 / excluded.realtime_x - 1.0 / realtime_x) / min(n_samples + 1, ?)),"
                " n_samples = n_samples + 1, updated_at = excluded.updated_at",
                (model, device, precision, beam, realtime_x, self.clock(), _SPEED_SAMPLES),
            )

    def add_artifact(self, artifact: ArtifactRow) -> None:
        """Notes a file that a job made, in place of one of the same name."""
        values = (artifact.job_id, artifact.name, artifact.path, artifact.media_type, artifact.size_bytes, self.clock())
        with self.transaction() as db:
            db.execute("INSERT OR REPLACE INTO artifacts VALUES (?, ?, ?, ?, ?, ?)", values)
            db.execute("UPDATE jobs SET revision = revision + 1 WHERE id = ?", (artifact.job_id,))

    def artifacts(self, job_id: str) -> list[ArtifactRow]:
        """Returns the files that a job made, by name."""
        with self.reading() as db:
            rows = db.execute("SELECT * FROM artifacts WHERE job_id = ? ORDER BY name", (job_id,))
            return [ArtifactRow(**dict(row)) for row in rows]

    def _end(self, job_id: str, status: str, also: str, values: tuple[Any, ...]) -> bool:
        with self.transaction() as db:
            done = db.execute(
                f"UPDATE jobs SET status = ?, finished_at = ?, revision = revision + 1, {also}"
                " WHERE id = ? AND status IN ('queued', 'running')",
                (status, self.clock(), *values, job_id),
            )
            return done.rowcount == 1

    def _change(self, job_id: str, change: str, values: tuple[Any, ...]) -> bool:
        with self.transaction() as db:
            done = db.execute(f"UPDATE jobs SET {change}, revision = revision + 1 WHERE id = ?", (*values, job_id))
            return done.rowcount == 1

    def _drop_lines(self, db: sqlite3.Connection, job: sqlite3.Row) -> None:
        raise NotImplementedError


def job_row(row: sqlite3.Row) -> JobRow:
    """Builds a job from a row of ``SELECT JOB_COLUMNS FROM jobs``."""
    values = {name: row[name] for name in _PLAIN}
    first, last = row["first_segment"], row["last_segment"]
    return JobRow(
        **values,
        request=json.loads(row["request"]),
        error_values=None if row["error_values"] is None else json.loads(row["error_values"]),
        notes=json.loads(row["notes"]),
        cut_done=bool(row["cut_done"]),
        cancel_requested=bool(row["cancel_requested"]),
        n_segments=0 if first is None else last - first + 1,
        tags=tuple(sorted(json.loads(row["tags"]))),
    )


def to_json(value: Any) -> str:
    """Returns compact JSON that a person can read in a database tool: signs of any language as they are."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def title_tokens(title: str, source_name: str) -> str:
    """Returns what the search of names holds for a job."""
    return index_text(title if title == source_name else f"{title}\n{source_name}")


def write_tags(db: sqlite3.Connection, job_id: str, tags: Iterable[str]) -> None:
    """Stores tags of a job, trimmed and without empty ones."""
    for tag in dict.fromkeys(" ".join(tag.split()) for tag in tags):
        if tag:
            db.execute(
                "INSERT OR IGNORE INTO job_tags SELECT id, ?, created_at, seq FROM jobs WHERE id = ?", (tag, job_id)
            )


def _insert_job(db: sqlite3.Connection, job: NewJob, now: float) -> None:
    values: dict[str, Any] = {
        "id": job.id, "task": job.task, "title": job.title, "source_name": job.source_name,
        "input_sha256": job.input_sha256, "batch_id": job.batch_id, "owner": job.owner, "lane": job.lane,
        "status": "queued", "request": to_json(dict(job.request)), "model": job.model, "fingerprint": job.fingerprint,
        "duration_s": job.duration_s, "created_at": now, "parent_id": job.parent_id,
    }  # fmt: skip
    names = ", ".join(values)
    done = db.execute(f"INSERT INTO jobs ({names}) VALUES ({placeholders(values)})", list(values.values()))
    if job.parent_id is not None or job.task == UNLISTED_TASK:
        return
    tokens = title_tokens(job.title, job.source_name)
    db.execute("INSERT INTO jobs_search (rowid, tokens) VALUES (?, ?)", (done.lastrowid, tokens))
    write_tags(db, job.id, job.tags)
