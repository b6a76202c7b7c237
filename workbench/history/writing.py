"""What writing leaves in the database beside its jobs: templates, sentences that stay as they were, chapters."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.errors import NotFound
from workbench.history.transcripts import Transcripts

WRITE_TASK = "text-generation"


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A form of the office; ``changed_at`` is seconds since 1970."""

    id: str
    name: str
    text: str
    changed_at: float


@dataclass(frozen=True, slots=True)
class ChapterRow:
    """Where a new matter begins (seconds), and what it is called."""

    start: float
    title: str


def templates(history: Transcripts) -> list[TemplateRow]:
    """Returns the forms of the office by their names."""
    with history.reading() as db:
        rows = db.execute("SELECT * FROM writing_templates ORDER BY name, id").fetchall()
    return [TemplateRow(row["id"], row["name"], row["text"], row["changed_at"]) for row in rows]


def write_template(history: Transcripts, template_id: str, name: str, text: str) -> None:
    """Writes a form, new or in place of the one with this id."""
    now = history.clock()
    with history.transaction() as db:
        db.execute(
            "INSERT INTO writing_templates VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
            " name = excluded.name, text = excluded.text, changed_at = excluded.changed_at",
            (template_id, name, text, now, now),
        )


def drop_template(history: Transcripts, template_id: str) -> None:
    """Removes a form; raises NotFound ``template_unknown``."""
    with history.transaction() as db:
        if db.execute("DELETE FROM writing_templates WHERE id = ?", (template_id,)).rowcount != 1:
            raise NotFound("template_unknown")


def refused(history: Transcripts, job_id: str) -> list[int]:
    """Returns the numbers of the sentences of which the original is kept."""
    with history.reading() as db:
        rows = db.execute("SELECT sentence FROM writing_refused WHERE job_id = ? ORDER BY sentence", (job_id,))
        return [row["sentence"] for row in rows]


def refuse(history: Transcripts, job_id: str, sentences: Sequence[int]) -> None:
    """Keeps the original of these sentences, and of no others."""
    with history.transaction() as db:
        db.execute("DELETE FROM writing_refused WHERE job_id = ?", (job_id,))
        numbers = sorted(set(sentences))
        db.executemany("INSERT INTO writing_refused VALUES (?, ?)", [(job_id, number) for number in numbers])
        db.execute("UPDATE jobs SET revision = revision + 1 WHERE id = ?", (job_id,))


def chapters(history: Transcripts, job_id: str) -> list[ChapterRow]:
    """Returns the chapters of a recording in order."""
    with history.reading() as db:
        rows = db.execute("SELECT start, title FROM chapters WHERE job_id = ? ORDER BY start", (job_id,))
        return [ChapterRow(row["start"], row["title"]) for row in rows]


def write_chapters(history: Transcripts, job_id: str, found: Sequence[ChapterRow]) -> None:
    """Gives a recording these chapters and no others."""
    with history.transaction() as db:
        db.execute("DELETE FROM chapters WHERE job_id = ?", (job_id,))
        at = {round(one.start, 3): one.title for one in found}
        db.executemany("INSERT INTO chapters VALUES (?, ?, ?)", [(job_id, start, title) for start, title in at.items()])
        db.execute("UPDATE jobs SET revision = revision + 1 WHERE id = ?", (job_id,))


def written_of(history: Transcripts, job_id: str | None, limit: int = 50) -> list[str]:
    """Returns the jobs that wrote from a transcript, newest first; with None those of all transcripts and texts."""
    narrowed = "" if job_id is None else " AND parent_id = ?"
    values = [WRITE_TASK, *([] if job_id is None else [job_id]), limit]
    with history.reading() as db:
        rows = db.execute(
            f"SELECT id FROM jobs WHERE task = ?{narrowed} AND deleted_at IS NULL ORDER BY seq DESC LIMIT ?", values
        )
        return [row["id"] for row in rows]
