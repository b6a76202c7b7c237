"""The files that jobs make: a folder for each job below ``artifacts`` of the data folder."""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Callable, Collection
from pathlib import Path

from workbench.history.history import History
from workbench.history.rows import ArtifactRow

UNFINISHED_S = 24 * 3600.0
"""So long the windows of a job that was cancelled or failed are kept, so that it can be taken up again."""
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Artifacts:
    """Where the files of jobs lie; ``work`` of a job's folder holds what is not finished yet."""

    def __init__(self, data: Path, history: History, clock: Callable[[], float] = time.time) -> None:
        self._data = data
        self._root = data / "artifacts"
        self._history = history
        self._clock = clock

    def folder(self, job_id: str) -> Path:
        """Returns the folder of a job, which may not exist."""
        if not _ID.fullmatch(job_id):
            raise ValueError(f"not a job: {job_id!r}")
        return self._root / job_id

    def work(self, job_id: str) -> Path:
        """Returns the folder of what a job has not finished yet, which may not exist."""
        return self.folder(job_id) / "work"

    def find(self, job_id: str, name: str) -> tuple[ArtifactRow, Path] | None:
        """Returns a file that a job made, None where it made none of that name or it is gone."""
        for row in self._history.artifacts(job_id):
            path = self._data / row.path
            if row.name == name and path.is_file():
                return row, path
        return None

    def row(self, job_id: str, name: str, path: Path, media_type: str) -> ArtifactRow:
        """Returns what the history is told of a file that lies in the job's folder."""
        return ArtifactRow(job_id, name, path.relative_to(self._data).as_posix(), media_type, path.stat().st_size)

    def tidy(self, active: Collection[str]) -> int:
        """Removes the folders of jobs that are gone, and unfinished work that nobody took up; returns how many."""
        n_removed = 0
        for folder in sorted(self._root.iterdir()) if self._root.is_dir() else ():
            if folder.name in active or not _ID.fullmatch(folder.name):
                continue
            row = self._history.job(folder.name)
            old = row is not None and row.ended and (row.finished_at or 0.0) < self._clock() - UNFINISHED_S
            unwanted = folder if row is None else folder / "work"
            if (row is None or old) and unwanted.is_dir():
                shutil.rmtree(unwanted, ignore_errors=True)
                n_removed += 1
        return n_removed
