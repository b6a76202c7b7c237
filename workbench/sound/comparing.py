"""A text from cleaned sound beside the one from the sound as it came."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engines.base import Task
from engines.requests import TranscribeRequest
from media.differing import Line, differing
from workbench.acceptance import Acceptance, Source, Wish
from workbench.errors import JobError, NotFound
from workbench.history.history import History
from workbench.history.rows import JobRow
from workbench.jobs import fingerprint
from workbench.uploads import Uploads


class Comparing:
    """Finds or makes the other text, and compares both."""

    def __init__(self, history: History, acceptance: Acceptance, uploads: Uploads) -> None:
        self._history = history
        self._acceptance = acceptance
        self._uploads = uploads

    def as_it_came(self, job_id: str, owner: str) -> str:
        """Returns the job that hears the same recording without cleaning, by id; makes it where there is none.

        Raises NotFound, and JobError ``not_cleaned`` or ``input_missing``.
        """
        row = self._text(job_id)
        asked = TranscribeRequest.from_dict(row.request)
        if asked.clean is None:
            raise JobError("not_cleaned", status=409)
        request = replace(asked, clean=None, speakers=None, quality=f"model:{row.model}", beam_size=asked.beam)
        sha256 = row.input_sha256 or ""
        mark = fingerprint(sha256, request, row.model)
        known = self._history.find_same(mark)
        waiting = [active.id for active in self._history.active_jobs() if active.fingerprint == mark]
        if known is not None or waiting:
            return known or waiting[0]
        source = self._uploads.source(sha256)
        if not source.is_file():
            raise JobError("input_missing", status=410)
        wanted = Source(sha256, source.stat().st_size, row.source_name, row.title)
        return self._acceptance.accept([wanted], Wish(request, owner))[0]

    def differing(self, job_id: str, other_id: str) -> dict[str, Any]:
        """Returns the words of two finished texts; see ``media.differing.Differing``.

        Raises NotFound, and JobError ``job_not_finished``.
        """
        texts = [self._text(found) for found in (job_id, other_id)]
        for row in texts:
            if row.status != "succeeded":
                raise JobError("job_not_finished", id=row.id)
        lines = [[Line(line.start, line.text) for line in self._history.segments(row.id, limit=-1)] for row in texts]
        return differing(*lines).to_dict()

    def _text(self, job_id: str) -> JobRow:
        row = self._history.job(job_id)
        if row is None or row.task != Task.TRANSCRIBE:
            raise NotFound(id=job_id)
        return row
