"""Transcripts in the database: written once, read by lines, edited, restored; the search index always follows."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from media.transcript import Segment
from workbench.errors import JobError, NotFound
from workbench.history.chunks import Chunks
from workbench.history.database import placeholders
from workbench.history.jobs import to_json
from workbench.history.rows import SegmentRow
from workbench.search import index_text

_INSERT = (
    'INSERT INTO segments (id, job_id, number, start, "end", text, language, speaker, avg_logprob, words, flags)'
    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)
_INDEX = "INSERT INTO segments_search (rowid, tokens) VALUES (?, ?)"
_UNINDEX = "INSERT INTO segments_search (segments_search, rowid, tokens) VALUES ('delete', ?, ?)"
_SAME_LINES = """
    INSERT INTO segments (id, job_id, number, start, "end", text, language, speaker, avg_logprob, words, flags)
    SELECT :first + number, :target, number, start, "end", coalesce(original_text, text),
        language, speaker, avg_logprob, words, flags
    FROM segments WHERE job_id = :source ORDER BY number"""
_SAME_END = """
    UPDATE jobs SET status = 'succeeded', copied_from = old.id, language = old.language, duration_s = old.duration_s,
        position_s = old.position_s, cut_done = 1, notes = old.notes, first_segment = :first, last_segment = :last,
        started_at = coalesce(jobs.started_at, :now), finished_at = :now, revision = jobs.revision + 1
    FROM jobs AS old WHERE jobs.id = :target AND old.id = :source"""


class Transcripts(Chunks):
    """The lines of finished jobs. What the model wrote is kept beside every edit."""

    def finish_job(
        self,
        job_id: str,
        segments: Sequence[Segment],
        notes: Sequence[Mapping[str, Any]] = (),
        language: str | None = None,
    ) -> bool:
        """Writes the transcript, its search index and the status ``succeeded`` together, exactly once.

        False, and nothing is written, unless the job is unfinished, wholly cut, and all its chunks have ended.
        """
        prepared = [(segment, index_text(segment.text)) for segment in segments]
        # After a power cut the worst is that the job runs once more: not worth waiting for the disk.
        with self.transaction(durable=False) as db:
            if not _may_finish(db, job_id):
                return False
            first = _next_segment(db)
            db.executemany(_INSERT, (_segment_values(first, n, job_id, line) for n, (line, _) in enumerate(prepared)))
            db.executemany(_INDEX, ((first + n, tokens) for n, (_, tokens) in enumerate(prepared)))
            last = first + len(prepared) - 1
            db.execute(
                "UPDATE jobs SET status = 'succeeded', finished_at = ?, notes = ?, language = coalesce(?, language),"
                " position_s = coalesce(duration_s, position_s), first_segment = ?, last_segment = ?,"
                " revision = revision + 1 WHERE id = ?",
                (self.clock(), to_json(list(notes)), language, *_range_of(first, last), job_id),
            )
            return True

    def copy_result(self, source_id: str, target_id: str) -> bool:
        """Ends an unfinished job with the stored result of a succeeded one, as the model wrote it.

        False, and nothing is written, if either is not in that state.
        """
        with self.transaction() as db:
            asked = "SELECT id, status FROM jobs WHERE id IN (?, ?)"
            states = {row["id"]: row["status"] for row in db.execute(asked, (source_id, target_id))}
            if states.get(source_id) != "succeeded" or states.get(target_id) not in ("queued", "running"):
                return False
            first = _next_segment(db)
            names = {"first": first, "source": source_id, "target": target_id, "now": self.clock()}
            n_lines = db.execute(_SAME_LINES, names).rowcount
            for row in db.execute("SELECT id, text FROM segments WHERE job_id = ?", (target_id,)).fetchall():
                db.execute(_INDEX, (row["id"], index_text(row["text"])))
            start, last = _range_of(first, first + n_lines - 1)
            db.execute(_SAME_END, {**names, "first": start, "last": last})
            return True

    def segments(self, job_id: str, after: int = -1, limit: int = 500) -> list[SegmentRow]:
        """Returns the lines of a job with a number above ``after``, in order; a negative limit means all."""
        with self.reading() as db:
            rows = db.execute(
                "SELECT * FROM segments WHERE job_id = ? AND number > ? ORDER BY number LIMIT ?", (job_id, after, limit)
            )
            return [_segment_row(row) for row in rows]

    def edit(self, job_id: str, edits: Mapping[int, str], was: Mapping[int, str] | None = None) -> int:
        """Changes the text of lines by their numbers; returns how many really changed.

        Line breaks become spaces. ``was`` holds the texts that the person saw: where one of these lines reads otherwise
        by now, nothing is changed and JobError ``line_changed`` raised. Raises NotFound if the job or one of the lines
        does not exist.
        """
        wanted = {number: " ".join(text.split()) for number, text in edits.items()}
        with self.transaction() as db:
            self._must_have_lines(db, job_id)
            rows = _lines(db, job_id, list(wanted))
            missing = set(wanted) - {row["number"] for row in rows}
            if missing:
                raise NotFound("line_unknown", number=min(missing))
            for row in rows:
                seen = (was or {}).get(row["number"], row["text"])
                if " ".join(seen.split()) != " ".join(row["text"].split()) and row["text"] != wanted[row["number"]]:
                    raise JobError("line_changed", number=row["number"])
            return self._write_texts(db, job_id, [(row, wanted[row["number"]]) for row in rows])

    def replace(self, job_id: str, find: str, replacement: str, match_case: bool = True) -> int:
        """Replaces a text, taken literally, in all lines of a job; returns how many times it was found."""
        if not find:
            return 0
        pattern = re.compile(re.escape(find), 0 if match_case else re.IGNORECASE)
        n_found = 0
        changed: list[tuple[sqlite3.Row, str]] = []
        with self.transaction() as db:
            self._must_have_lines(db, job_id)
            for row in db.execute("SELECT * FROM segments WHERE job_id = ? ORDER BY number", (job_id,)).fetchall():
                text, n_here = pattern.subn(lambda _: replacement, row["text"])
                n_found += n_here
                if n_here:
                    changed.append((row, " ".join(text.split())))
            self._write_texts(db, job_id, changed)
        return n_found

    def restore(self, job_id: str, numbers: Iterable[int] | None = None) -> int:
        """Brings back what the model wrote, in these lines or in all; returns how many lines had been edited."""
        wanted = None if numbers is None else set(numbers)
        with self.transaction() as db:
            self._must_have_lines(db, job_id)
            edited = "SELECT * FROM segments WHERE job_id = ? AND original_text IS NOT NULL ORDER BY number"
            rows = [row for row in db.execute(edited, (job_id,)) if wanted is None or row["number"] in wanted]
            return self._write_texts(db, job_id, [(row, row["original_text"]) for row in rows])

    def rebuild_search(self) -> None:
        """Writes the whole search index of lines anew from their texts, in one transaction."""
        with self.transaction() as db:
            db.execute("INSERT INTO segments_search (segments_search) VALUES ('delete-all')")
            rows = db.execute("SELECT id, text FROM segments ORDER BY id")
            db.executemany(_INDEX, ((row["id"], index_text(row["text"])) for row in rows))

    def _write_texts(self, db: sqlite3.Connection, job_id: str, changes: Sequence[tuple[sqlite3.Row, str]]) -> int:
        n_changed = 0
        for row, text in changes:
            if text == row["text"]:
                continue
            original = row["text"] if row["original_text"] is None else row["original_text"]
            db.execute(
                "UPDATE segments SET text = ?, original_text = ? WHERE id = ?",
                (text, None if text == original else original, row["id"]),
            )
            db.execute(_UNINDEX, (row["id"], index_text(row["text"])))
            db.execute(_INDEX, (row["id"], index_text(text)))
            n_changed += 1
        if n_changed:
            db.execute("UPDATE jobs SET revision = revision + 1 WHERE id = ?", (job_id,))
        return n_changed

    def _must_have_lines(self, db: sqlite3.Connection, job_id: str) -> None:
        row = db.execute("SELECT status FROM jobs WHERE id = ?", (job_id,)).fetchone()
        if row is None:
            raise NotFound(id=job_id)
        if row["status"] != "succeeded":
            raise JobError("job_not_finished", id=job_id)

    def _drop_lines(self, db: sqlite3.Connection, job: sqlite3.Row) -> None:
        for row in db.execute("SELECT id, text FROM segments WHERE job_id = ?", (job["id"],)).fetchall():
            db.execute(_UNINDEX, (row["id"], index_text(row["text"])))
        db.execute("DELETE FROM segments WHERE job_id = ?", (job["id"],))
        db.execute("UPDATE jobs SET first_segment = NULL, last_segment = NULL WHERE id = ?", (job["id"],))


def _may_finish(db: sqlite3.Connection, job_id: str) -> bool:
    row = db.execute(
        "SELECT 1 FROM jobs WHERE id = ? AND status IN ('queued', 'running') AND cut_done = 1 AND NOT EXISTS"
        " (SELECT 1 FROM chunks WHERE job_id = jobs.id AND status IN ('queued', 'running'))",
        (job_id,),
    ).fetchone()
    return row is not None


def _next_segment(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM segments").fetchone()[0])


def _range_of(first: int, last: int) -> tuple[int | None, int | None]:
    return (first, last) if last >= first else (None, None)


def _lines(db: sqlite3.Connection, job_id: str, numbers: Sequence[int]) -> list[sqlite3.Row]:
    where = f"SELECT * FROM segments WHERE job_id = ? AND number IN ({placeholders(numbers)})"
    return db.execute(where, (job_id, *numbers)).fetchall()


def _segment_values(first: int, number: int, job_id: str, line: Segment) -> tuple[Any, ...]:
    words = [[word.start, word.end, word.text, word.probability] for word in line.words]
    return (
        first + number, job_id, number, line.start, line.end, line.text, line.language, line.speaker, line.avg_logprob,
        to_json(words) if words else None, to_json(list(line.flags)),
    )  # fmt: skip


def _segment_row(row: sqlite3.Row) -> SegmentRow:
    return SegmentRow(
        number=row["number"],
        start=row["start"],
        end=row["end"],
        text=row["text"],
        original_text=row["original_text"],
        language=row["language"],
        speaker=row["speaker"],
        avg_logprob=row["avg_logprob"],
        words=tuple((s, e, text, p) for s, e, text, p in json.loads(row["words"] or "[]")),
        flags=tuple(json.loads(row["flags"])),
    )
