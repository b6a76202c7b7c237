"""Gives a sound job the files that an equal one made."""

from __future__ import annotations

import os
import shutil
from pathlib import Path, PurePosixPath

from engines.requests import SoundRequest
from workbench.artifacts import Artifacts
from workbench.history.history import History
from workbench.history.rows import NewJob
from workbench.jobs import fingerprint


def mark_of(sha256: str, name: str, request: SoundRequest, model: str) -> str:
    """Returns the hash that equal sound jobs share; the ending of a name decides what kind of file comes back."""
    return fingerprint(sha256 + PurePosixPath(name).suffix.lower(), request, model)


def give(history: History, artifacts: Artifacts, same: str, job: NewJob) -> bool:
    """Ends a new sound job with the stored files of a succeeded one; False, and nothing stays, where that cannot be.

    Files are linked, not copied: each job keeps its own when the other goes.
    """
    found = [artifacts.find(same, row.name) for row in history.artifacts(same)]
    if not found or None in found:
        return False
    folder = artifacts.folder(job.id)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        rows = []
        for row, path in (one for one in found if one is not None):
            _linked(path, folder / path.name)
            rows.append(artifacts.row(job.id, row.name, folder / path.name, row.media_type))
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        return False
    with history.transaction():
        given = history.copy_result(same, job.id)
        for made in rows if given else ():
            history.add_artifact(made)
    if not given:
        shutil.rmtree(folder, ignore_errors=True)
    return given


def _linked(path: Path, target: Path) -> None:
    target.unlink(missing_ok=True)
    try:
        os.link(path, target)
    except OSError:
        # A disk without hard links.
        shutil.copyfile(path, target)
