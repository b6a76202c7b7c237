"""Gives an unfinished job another model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.history.database import Database
from workbench.history.jobs import to_json


def set_model(history: Database, job_id: str, model: str, fingerprint: str, notes: Sequence[Mapping[str, Any]]) -> bool:
    """Writes the model that replaces the wanted one, with what the person is told; False if the job has ended."""
    with history.transaction() as db:
        done = db.execute(
            "UPDATE jobs SET model = ?, fingerprint = ?, notes = ?, revision = revision + 1"
            " WHERE id = ? AND status IN ('queued', 'running')",
            (model, fingerprint, to_json(list(notes)), job_id),
        )
        return done.rowcount == 1
