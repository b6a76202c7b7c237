"""Rows of the history as values: what is handed in, what is read back, and what a list is filtered by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ACTIVE = ("queued", "running")
ENDED = ("succeeded", "failed", "cancelled")


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be accepted. ``request`` is plain JSON; ``fingerprint`` is equal where the result would be the same."""

    id: str
    task: str
    title: str
    request: Mapping[str, Any]
    model: str
    fingerprint: str
    source_name: str = ""
    input_sha256: str | None = None
    batch_id: str | None = None
    owner: str = ""
    lane: str = "interactive"
    duration_s: float | None = None
    tags: tuple[str, ...] = ()
    parent_id: str | None = None


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job as stored; ``*_at`` are seconds since 1970. ``seq`` grows in the order in which jobs were accepted."""

    seq: int
    id: str
    task: str
    title: str
    source_name: str
    input_sha256: str | None
    batch_id: str | None
    owner: str
    lane: str
    status: str
    request: dict[str, Any]
    model: str
    fingerprint: str
    copied_from: str | None
    language: str | None
    duration_s: float | None
    position_s: float
    cut_done: bool
    n_chunks: int
    n_failed: int
    n_segments: int
    error_code: str | None
    error_values: dict[str, Any] | None
    notes: list[dict[str, Any]]
    cancel_requested: bool
    revision: int
    created_at: float
    started_at: float | None
    finished_at: float | None
    deleted_at: float | None
    media_kind: str | None = None
    tags: tuple[str, ...] = ()
    parent_id: str | None = None

    @property
    def ended(self) -> bool:
        """True when nothing more will happen unless a person asks."""
        return self.status in ENDED

    @property
    def ended_by_delete(self) -> bool:
        """True for a job in the bin that would have gone on, had nobody deleted it."""
        return self.status == "cancelled" and not self.cancel_requested and self.deleted_at is not None


@dataclass(frozen=True, slots=True)
class NewChunk:
    """A chunk to be stored; ``pieces`` are the stretches ``(start, end)`` in seconds that are run together."""

    number: int
    start: float
    end: float
    pieces: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class ChunkRow:
    """A chunk as stored; ``fence`` is the number of the last claim, ``result`` is as the engine gave it."""

    job_id: str
    number: int
    start: float
    end: float
    pieces: tuple[tuple[float, float], ...]
    status: str
    attempts: int
    fence: int
    result: dict[str, Any] | None
    error_code: str | None
    error_values: dict[str, Any] | None
    finished_at: float | None


@dataclass(frozen=True, slots=True)
class ChunkEnd:
    """How a chunk ended: a ``result``, or else ``error_code`` with its values.

    ``position_s`` and ``language`` are the job's from now on (None leaves them as they are).
    """

    result: Mapping[str, Any] | None = None
    error_code: str | None = None
    error_values: Mapping[str, Any] | None = None
    position_s: float | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class SegmentRow:
    """A line of a transcript as the person sees it.

    ``words`` are ``(start, end, text, probability)`` of what the model wrote; ``original_text`` is None until an edit.
    """

    number: int
    start: float
    end: float
    text: str
    original_text: str | None
    language: str | None
    speaker: str | None
    avg_logprob: float | None
    words: tuple[tuple[float, float, str, float], ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def edited(self) -> bool:
        """True when the text is no longer the model's."""
        return self.original_text is not None


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that was found; ``ranges`` are the found stretches ``(from, to)`` in characters of ``text``."""

    job_id: str
    title: str
    number: int
    start: float
    end: float
    text: str
    ranges: tuple[tuple[int, int], ...]
    created_at: float


@dataclass(frozen=True, slots=True)
class HistoryFilter:
    """What a list is narrowed to; every field that is set must hold.

    ``query`` is looked for in titles and file names. ``since`` is included, ``until`` is not; both are seconds since
    1970 of the job's acceptance. ``deleted`` shows the bin instead of everything else.
    """

    query: str = ""
    task: str | None = None
    status: str | None = None
    since: float | None = None
    until: float | None = None
    tag: str | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class ArtifactRow:
    """A file that a job made; ``path`` is below the data folder."""

    job_id: str
    name: str
    path: str
    media_type: str
    size_bytes: int
    created_at: float = field(default=0.0)
