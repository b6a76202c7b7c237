"""Search in the lines of all transcripts, newest first, by words and by what their jobs are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from workbench.errors import JobError
from workbench.history.database import placeholders
from workbench.history.list import Listing
from workbench.history.rows import HistoryFilter, Hit
from workbench.search import Query, found_ranges, match_expression, parse

_LAST_ID = 2**62
_AT_ONCE = 128
"""Found lines are read in steps of so many; between steps, ids that the filter excludes are jumped over."""

Range = tuple[int, int]
"""Ids of lines, from and to, both included."""


class Search(Listing):
    """Full-text search. A job's lines have neighbouring ids, so a filter on jobs is a set of ranges of ids."""

    def search(
        self, text: str, narrowed: HistoryFilter | None = None, before: str | None = None, limit: int = 50
    ) -> tuple[list[Hit], str | None]:
        """Returns lines in which all words of ``text`` occur, newest first, and the key of the next page or None.

        ``narrowed`` is about their jobs; its ``query`` is not used here. ``text`` is as a person typed it: see
        ``workbench.search.parse``.
        """
        query = parse(text)
        if not query.terms:
            return [], None
        below = _read_key(before)
        hits: list[tuple[int, Hit]] = []
        with self.snapshot() as db:
            ranges = _ranges(db, narrowed or HistoryFilter())
            for ids in _matches(db, match_expression(query), ranges, below):
                while ids and len(hits) <= limit:
                    n_missing = limit + 1 - len(hits)
                    hits.extend(_hits(db, ids[:n_missing], query))
                    ids = ids[n_missing:]
                if len(hits) > limit:
                    break
        next_key = str(hits[limit - 1][0]) if len(hits) > limit else None
        return [hit for _, hit in hits[:limit]], next_key


def _matches(db: sqlite3.Connection, expression: str, ranges: Iterator[Range], below: int) -> Iterator[list[int]]:
    """Yields ids of matching lines below ``below`` that lie in ``ranges``; both go from the highest down."""
    asked = "SELECT rowid FROM segments_search WHERE segments_search MATCH ? AND rowid <= ? ORDER BY rowid DESC LIMIT ?"
    top = below - 1
    current = next(ranges, None)
    while current is not None:
        if current[0] > top:
            current = next(ranges, None)
            continue
        found = [row[0] for row in db.execute(asked, (expression, min(top, current[1]), _AT_ONCE))]
        inside = []
        for number in found:
            while current is not None and number < current[0]:
                current = next(ranges, None)
            if current is not None and number <= current[1]:
                inside.append(number)
        if inside:
            yield inside
        if len(found) < _AT_ONCE:
            return
        top = found[-1] - 1


def _hits(db: sqlite3.Connection, ids: Sequence[int], query: Query) -> list[tuple[int, Hit]]:
    rows = db.execute(
        'SELECT segments.id, job_id, title, number, start, "end" AS stop, text, created_at'
        " FROM segments JOIN jobs ON jobs.id = segments.job_id"
        f" WHERE segments.id IN ({placeholders(ids)}) ORDER BY segments.id DESC",
        list(ids),
    )
    hits = []
    for row in rows:
        ranges = found_ranges(row["text"], query)
        if ranges:
            hit = Hit(
                row["job_id"], row["title"], row["number"], row["start"], row["stop"], row["text"], ranges,
                row["created_at"],
            )  # fmt: skip
            hits.append((row["id"], hit))
    return hits


def _ranges(db: sqlite3.Connection, narrowed: HistoryFilter) -> Iterator[Range]:
    """Yields the ids of lines whose jobs pass the filter, from the newest; read only as far as they are needed."""
    everything = narrowed == HistoryFilter(query=narrowed.query)
    where, values = _conditions(HistoryFilter(deleted=True) if everything else narrowed)
    source = "jobs INDEXED BY jobs_lines_deleted" if everything else "jobs INDEXED BY jobs_lines"
    if narrowed.tag is not None:
        source = "job_tags CROSS JOIN jobs ON jobs.id = job_tags.job_id"
    rows = db.execute(
        f"SELECT first_segment, last_segment FROM {source} WHERE {' AND '.join(where)} ORDER BY last_segment DESC",
        values,
    )
    ranges = ((row[0], row[1]) for row in rows)
    return _between(ranges) if everything else ranges


def _between(ranges: Iterable[Range]) -> Iterator[Range]:
    """Yields what lies between ranges that come from the highest down, and above and below them."""
    reached = _LAST_ID
    for first, last in ranges:
        if last < reached:
            yield last + 1, reached
        reached = first - 1
    if reached >= 1:
        yield 1, reached


def _conditions(narrowed: HistoryFilter) -> tuple[list[str], list[Any]]:
    where = ["jobs.first_segment IS NOT NULL", f"jobs.deleted_at IS {'NOT ' if narrowed.deleted else ''}NULL"]
    values: list[Any] = []
    for condition, value in (
        ("jobs.task = ?", narrowed.task),
        ("jobs.status = ?", narrowed.status),
        ("jobs.created_at >= ?", narrowed.since),
        ("jobs.created_at < ?", narrowed.until),
        ("job_tags.tag = ?", narrowed.tag),
    ):
        if value is not None:
            where.append(condition)
            values.append(value)
    return where, values


def _read_key(key: str | None) -> int:
    if key is None:
        return _LAST_ID
    try:
        return min(int(key), _LAST_ID)
    except (ValueError, TypeError) as error:
        raise JobError("page_unknown", status=400) from error
