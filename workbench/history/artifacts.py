"""The ends of jobs that make files, in the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.history.rows import ArtifactRow
from workbench.history.transcripts import Transcripts


def finish_with(
    history: Transcripts, job_id: str, files: Sequence[ArtifactRow], notes: Sequence[Mapping[str, Any]]
) -> bool:
    """Notes the files that a job made and ends it, together; False, and nothing is written, if it has ended already."""
    with history.transaction():
        if not history.finish_job(job_id, [], notes):
            return False
        for file in files:
            history.add_artifact(file)
    return True


def start_over(history: Transcripts, job_id: str) -> None:
    """Forgets the chunks of an unfinished job, because what was made of them is gone."""
    with history.transaction() as db:
        db.execute("DELETE FROM chunks WHERE job_id = ?", (job_id,))
        db.execute(
            "UPDATE jobs SET cut_done = 0, n_chunks = 0, n_failed = 0, position_s = 0, revision = revision + 1"
            " WHERE id = ? AND status IN ('queued', 'running')",
            (job_id,),
        )


def cleaned_by(history: Transcripts, job_id: str) -> str | None:
    """Returns the newest job that cleans up the sound of this one before it is heard, by id."""
    with history.reading() as db:
        row = db.execute(
            "SELECT id FROM jobs WHERE parent_id = ? AND task = 'audio-to-audio' ORDER BY seq DESC LIMIT 1", (job_id,)
        ).fetchone()
        return None if row is None else str(row["id"])
