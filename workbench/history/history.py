"""All jobs, chunks and transcripts in one database file: the only truth about what was asked and what is done.

Its methods are grouped in ``history_jobs`` (the life of a job), ``history_chunks`` (checkpoints),
``history_transcripts`` (lines and edits), ``history_list`` (the history page and the bin), ``history_search``,
``history_measured`` (what models need) and ``history_metrics`` (figures over time).
"""

from __future__ import annotations

from workbench.history.errors import HistoryError
from workbench.history.measured import MeasuredRows
from workbench.history.metrics import Metrics
from workbench.history.rows import (
    ArtifactRow,
    ChunkEnd,
    ChunkRow,
    HistoryFilter,
    Hit,
    JobRow,
    NewChunk,
    NewJob,
    SegmentRow,
)
from workbench.history.search import Search

__all__ = [
    "ArtifactRow",
    "ChunkEnd",
    "ChunkRow",
    "History",
    "HistoryError",
    "HistoryFilter",
    "Hit",
    "JobRow",
    "NewChunk",
    "NewJob",
    "SegmentRow",
]


class History(Search, MeasuredRows, Metrics):
    """The history of one data folder, from the path of its file and the folder of migrations to ``close()``.

    Safe to use from any thread. Only one process should have it open for writing.
    """
