"""The list of all jobs: pages, names, tags, the bin, and what leaves it for good."""

from __future__ import annotations

import json
import math
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from workbench.errors import JobError, NotFound
from workbench.history.database import placeholders
from workbench.history.jobs import JOB_COLUMNS, UNLISTED_TASK, job_row, title_tokens, write_tags
from workbench.history.rows import HistoryFilter, JobRow
from workbench.history.transcripts import Transcripts
from workbench.search import match_expression, parse

_LAST_SEQ = 2**62
"""A key that somebody made up may be larger than any number of the database."""


class _Way(NamedTuple):
    """How a page is reached without looking at the jobs before it."""

    source: str
    order: str
    past: str
    created_at: str
    tagged: str


_TAGGED = "EXISTS (SELECT 1 FROM job_tags WHERE job_id = jobs.id AND tag = :tag)"
_BY_TIME = _Way(
    "jobs",
    "jobs.created_at DESC, jobs.seq DESC",
    "(jobs.created_at, jobs.seq) < (:key_at, :key_seq)",
    "jobs.created_at",
    _TAGGED,
)
_BY_TAG = _Way(
    "job_tags CROSS JOIN jobs ON jobs.id = job_tags.job_id",
    "job_tags.created_at DESC, job_tags.seq DESC",
    "(job_tags.created_at, job_tags.seq) < (:key_at, :key_seq)",
    "job_tags.created_at",
    "job_tags.tag = :tag",
)
_BY_WORDS = _Way(
    "jobs_search CROSS JOIN jobs ON jobs.seq = jobs_search.rowid",
    "jobs_search.rowid DESC",
    "jobs_search.rowid < :key_seq",
    "jobs.created_at",
    _TAGGED,
)
"""In the order of acceptance, which is that of time unless the clock was set back: the index of words has no other."""


class Listing(Transcripts):
    """What the history page does with jobs."""

    def page(
        self, narrowed: HistoryFilter, before: str | None = None, limit: int = 50
    ) -> tuple[list[JobRow], str | None]:
        """Returns jobs, newest first, and the key of the next page (None after the last one).

        ``narrowed.query`` is looked for in titles and file names; each of its words may be the beginning of one.
        """
        way = _way(narrowed)
        where, values = _conditions(narrowed, way)
        if narrowed.query.strip() and not values["words"]:
            return [], None
        if before is not None:
            where.append(way.past)
            values["key_at"], values["key_seq"] = _read_key(before)
        values["limit"] = limit + 1
        asked = f"SELECT {JOB_COLUMNS} FROM {way.source} WHERE {' AND '.join(where)} ORDER BY {way.order} LIMIT :limit"
        with self.reading() as db:
            rows = [job_row(row) for row in db.execute(asked, values)]
        if len(rows) <= limit:
            return rows, None
        last = rows[limit - 1]
        return rows[:limit], json.dumps([last.created_at, last.seq])

    def tags(self) -> list[tuple[str, int]]:
        """Returns all tags in use with the number of their jobs outside the bin, by name."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT tag, count(*) AS n FROM job_tags JOIN jobs ON jobs.id = job_id"
                " WHERE deleted_at IS NULL GROUP BY tag ORDER BY tag"
            )
            return [(row["tag"], row["n"]) for row in rows]

    def rename(self, job_id: str, title: str) -> None:
        """Gives a job another title; raises NotFound, or JobError for an empty one."""
        title = " ".join(title.split())
        if not title:
            raise JobError("title_empty", status=422)
        with self.transaction() as db:
            old = _must_exist(db, job_id)
            _unname(db, old)
            if _is_listed(old):
                tokens = title_tokens(title, old["source_name"])
                db.execute("INSERT INTO jobs_search (rowid, tokens) VALUES (?, ?)", (old["seq"], tokens))
            db.execute("UPDATE jobs SET title = ?, revision = revision + 1 WHERE id = ?", (title, job_id))

    def set_tags(self, job_id: str, tags: Iterable[str]) -> None:
        """Replaces the tags of a job; raises NotFound."""
        with self.transaction() as db:
            _must_exist(db, job_id)
            db.execute("DELETE FROM job_tags WHERE job_id = ?", (job_id,))
            write_tags(db, job_id, tags)
            db.execute("UPDATE jobs SET revision = revision + 1 WHERE id = ?", (job_id,))

    def delete(self, ids: Sequence[str]) -> list[str]:
        """Puts jobs in the bin and ends those that have not ended, which nobody asked to be cancelled for good; returns
        the ids that were not there before."""
        with self.transaction() as db:
            for job_id in ids:
                self._end(job_id, "cancelled", "cancel_requested = 0", ())
            rows = db.execute(
                "UPDATE jobs SET deleted_at = ?, revision = revision + 1"
                f" WHERE deleted_at IS NULL AND id IN ({placeholders(ids)}) RETURNING id",
                (self.clock(), *ids),
            )
            return [row["id"] for row in rows.fetchall()]

    def undelete(self, ids: Sequence[str]) -> list[str]:
        """Takes jobs out of the bin; returns the ids that were in it."""
        with self.transaction() as db:
            rows = db.execute(
                "UPDATE jobs SET deleted_at = NULL, revision = revision + 1"
                f" WHERE deleted_at IS NOT NULL AND id IN ({placeholders(ids)}) RETURNING id",
                ids,
            )
            return [row["id"] for row in rows.fetchall()]

    def purge(self, before: float) -> list[str]:
        """Removes for good what went into the bin before this time (seconds since 1970).

        Returns the sha256 of inputs that no job needs any more and nobody has sent since then: their rows are gone,
        their files are the caller's to delete. Each job is a transaction of its own, so that nobody waits long.
        """
        with self.reading() as db:
            old = db.execute("SELECT id FROM jobs WHERE deleted_at < ?", (before,)).fetchall()
        for row in old:
            self._purge_job(row["id"], before)
        with self.transaction() as db:
            return _drop_inputs(db, "received_at < ?", before)

    def empty_bin(self, ids: Sequence[str] | None = None) -> tuple[list[str], list[str]]:
        """Removes for good what is in the bin, or these of it; returns the ids of these jobs, and the sha256 of inputs
        that no job needs any more, whose files are the caller's to delete."""
        with self.reading() as db:
            binned = db.execute("SELECT id, input_sha256 FROM jobs WHERE deleted_at IS NOT NULL").fetchall()
        named = None if ids is None else set(ids)
        wanted = [row for row in binned if named is None or row["id"] in named]
        for row in wanted:
            self._purge_job(row["id"], math.inf)
        inputs = {row["input_sha256"] for row in wanted} - {None}
        with self.transaction() as db:
            unused = [gone for sha256 in inputs for gone in _drop_inputs(db, "sha256 = ?", sha256)]
        return [row["id"] for row in wanted], unused

    def _purge_job(self, job_id: str, before: float) -> None:
        with self.transaction() as db:
            asked = "SELECT * FROM jobs WHERE id = ? AND deleted_at < ?"
            job = db.execute(asked, (job_id, before)).fetchone()
            if job is not None:
                self._drop_lines(db, job)
                _unname(db, job)
                db.execute("DELETE FROM jobs WHERE id = ?", (job_id,))


def _drop_inputs(db: sqlite3.Connection, which: str, value: object) -> list[str]:
    """Removes the rows of those inputs that no job needs; returns their sha256."""
    unused = db.execute(
        f"DELETE FROM inputs WHERE {which}"
        " AND NOT EXISTS (SELECT 1 FROM jobs WHERE input_sha256 = inputs.sha256) RETURNING sha256",
        (value,),
    )
    return [row["sha256"] for row in unused.fetchall()]


def _way(narrowed: HistoryFilter) -> _Way:
    if narrowed.query.strip():
        return _BY_WORDS
    return _BY_TIME if narrowed.tag is None else _BY_TAG


def _conditions(narrowed: HistoryFilter, way: _Way) -> tuple[list[str], dict[str, Any]]:
    values: dict[str, Any] = {name: getattr(narrowed, name) for name in ("task", "status", "since", "until", "tag")}
    where = [f"jobs.deleted_at IS {'NOT ' if narrowed.deleted else ''}NULL"]
    where.append(f"jobs.task <> '{UNLISTED_TASK}'")
    for name, condition in (
        ("task", "jobs.task = :task"),
        ("status", "jobs.status = :status"),
        ("since", f"{way.created_at} >= :since"),
        ("until", f"{way.created_at} < :until"),
        ("tag", way.tagged),
    ):
        if values[name] is not None:
            where.append(condition)
    if way is not _BY_WORDS:
        where.append("jobs.parent_id IS NULL")
    if way is _BY_WORDS:
        where.append("jobs_search MATCH :words")
        values["words"] = match_expression(parse(narrowed.query, all_prefixes=True))
    return where, values


def _read_key(key: str) -> tuple[float, int]:
    try:
        created_at, seq = json.loads(key)
        return float(created_at), min(int(seq), _LAST_SEQ)
    except (ValueError, TypeError, OverflowError) as error:
        raise JobError("page_unknown", status=400) from error


def _must_exist(db: sqlite3.Connection, job_id: str) -> sqlite3.Row:
    row: sqlite3.Row | None = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    if row is None:
        raise NotFound(id=job_id)
    return row


def _is_listed(job: sqlite3.Row) -> bool:
    """Tells whether a job's title is in the search index: those that add to another one are not."""
    return job["parent_id"] is None and job["task"] != UNLISTED_TASK


def _unname(db: sqlite3.Connection, job: sqlite3.Row) -> None:
    if not _is_listed(job):
        return
    tokens = title_tokens(job["title"], job["source_name"])
    db.execute("INSERT INTO jobs_search (jobs_search, rowid, tokens) VALUES ('delete', ?, ?)", (job["seq"], tokens))
