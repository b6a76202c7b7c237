"""What has been done, as screens and endpoints ask for it: lists, search, transcripts and their edits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from media.errors import WorkbenchError
from media.transcript import Segment
from workbench.errors import JobError, NotFound
from workbench.events import Events
from workbench.history.history import History
from workbench.history.rows import HistoryFilter, JobRow, SegmentRow
from workbench.jobs import JobView
from workbench.uploads import Uploads


class Records:
    """The half of the workbench that is about finished work; every change is told to ``events``."""

    def __init__(self, history: History, events: Events, uploads: Uploads) -> None:
        self.history = history
        self.events = events
        self.uploads = uploads

    def views(self, rows: Sequence[JobRow]) -> list[JobView]:
        """Returns rows as views; the workbench adds what is happening right now."""
        raise NotImplementedError

    def live_segments(self, job_id: str, after_chunk: int = -1) -> tuple[list[Segment], int]:
        """Returns the lines of an unfinished job."""
        raise NotImplementedError

    def page(
        self, wanted: HistoryFilter, before: str | None = None, limit: int = 50
    ) -> tuple[list[JobView], str | None]:
        """Returns a page of the history, newest first, and the ``before`` of the next page (None at the end)."""
        rows, following = self.history.page(wanted, before, limit)
        return self.views(rows), following

    def search(
        self, text: str, wanted: HistoryFilter | None = None, before: str | None = None, limit: int = 50
    ) -> tuple[list[Any], str | None]:
        """Returns lines that hold the words, newest first, and the ``before`` of the next page."""
        return self.history.search(text, wanted or HistoryFilter(), before, limit)

    def segments(self, job_id: str, after: int = -1, limit: int = 500) -> dict[str, Any]:
        """Returns ``{"segments", "live", "next"}``: lines behind number ``after``, and the next ``after`` or None.

        Of a job that has no transcript (yet), ``live`` is true, the lines are those of the chunks that are done, and
        ``after`` and ``next`` are numbers of chunks; ``next`` is then never None.
        """
        row = self._row(job_id)
        if row.status == "succeeded":
            found = self.history.segments(job_id, after, limit)
            following = found[-1].number if len(found) == limit else None
            return {"segments": [_stored(line) for line in found], "live": False, "next": following}
        lines, last = self.live_segments(job_id, after)
        return {"segments": [_live(line) for line in lines], "live": True, "next": last}

    def edit(self, job_id: str, texts: Mapping[int, str], was: Mapping[int, str] | None = None) -> int:
        """Writes new texts of lines by their number; returns the revision of the job after it.

        Raises JobError ``job_not_finished``, and ``line_changed`` where a line is not any more what the person saw.
        """
        self._finished(job_id)
        self.history.edit(job_id, texts, was)
        self.events.publish(job_id)
        return self._row(job_id).revision

    def replace(self, job_id: str, find: str, replacement: str, match_case: bool = False) -> int:
        """Replaces a text in all lines; returns how often."""
        self._finished(job_id)
        n_replaced = self.history.replace(job_id, find, replacement, match_case)
        self.events.publish(job_id)
        return n_replaced

    def restore(self, job_id: str) -> None:
        """Brings back what the model wrote."""
        self._finished(job_id)
        self.history.restore(job_id)
        self.events.publish(job_id)

    def rename(self, job_id: str, title: str) -> None:
        """Gives a job another title."""
        self._row(job_id)
        self.history.rename(job_id, title)
        self.events.publish(job_id)

    def set_tags(self, job_id: str, tags: Sequence[str]) -> None:
        """Replaces the tags of a job."""
        self._row(job_id)
        self.history.set_tags(job_id, list(tags))
        self.events.publish(job_id)

    def delete(self, job_ids: Sequence[str]) -> None:
        """Puts jobs into the bin, where they stay 30 days; those that run are cancelled."""
        running = [row.id for row in self.history.jobs(list(job_ids)) if not row.ended]
        self.history.delete(list(job_ids))
        for job_id in running:
            self.cancel(job_id)
        self.events.publish(*job_ids)

    def undelete(self, job_ids: Sequence[str]) -> None:
        """Takes jobs back out of the bin; work that ended because it was deleted goes on where it was."""
        stopped = [row.id for row in self.history.jobs(list(job_ids)) if row.ended_by_delete]
        self.history.undelete(list(job_ids))
        for job_id in stopped:
            # Where its recording is gone, as that of a talk into the microphone, what was recognised is there at least.
            with suppress(WorkbenchError):
                self.retry(job_id)
        self.events.publish(*job_ids)

    def cancel(self, job_id: str) -> JobView:
        """Ends a job; the workbench knows how."""
        raise NotImplementedError

    def retry(self, job_id: str) -> JobView:
        """Takes a job up again; the workbench knows how."""
        raise NotImplementedError

    def recording_folder(self, job_id: str) -> Path:
        """Returns the folder with ``source``, ``audio.pcm`` and ``peaks.u8`` of a recording; files may be missing."""
        row = self._row(job_id)
        if not row.input_sha256:
            raise NotFound("sound_missing")
        return self.uploads.folder(row.input_sha256)

    def _row(self, job_id: str) -> JobRow:
        row = self.history.job(job_id)
        if row is None:
            raise NotFound(id=job_id)
        return row

    def _finished(self, job_id: str) -> None:
        if self._row(job_id).status != "succeeded":
            raise JobError("job_not_finished", id=job_id)


def _stored(line: SegmentRow) -> dict[str, Any]:
    told = asdict(line)
    told["words"] = [list(word) for word in line.words]
    told["flags"] = list(line.flags)
    return told


def _live(line: Segment) -> dict[str, Any]:
    words = [[word.start, word.end, word.text, word.probability] for word in line.words]
    return {
        "number": None,
        "start": line.start,
        "end": line.end,
        "text": line.text,
        "original_text": None,
        "words": words,
        "language": line.language,
        "speaker": line.speaker,
        "flags": list(line.flags),
    }
