"""The lines of a live session, as screens and programs are told them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from engines.requests import TranscribeRequest
from media.transcript import Segment
from workbench.history.history import History
from workbench.history.live import edits_of
from workbench.history.rows import ChunkRow
from workbench.live.firm import Agreement
from workbench.running.board import ActiveJob
from workbench.running.finishing import done_of
from workbench.tasks.rewriting import Rewriter
from workbench.tasks.transcribe import lines_of


def final_line(chunk: ChunkRow, request: TranscribeRequest, rewriter: Rewriter, edit: str | None) -> dict[str, Any]:
    """Returns an utterance that has ended, with its text or with what a person wrote in its place."""
    place = {"type": "line", "line": chunk.number, "start": chunk.start, "end": chunk.end}
    if chunk.status == "failed" and edit is None:
        return {**place, "state": "failed", "text": ""}
    text = text_of(lines_of(done_of(chunk), request, rewriter, None)) if edit is None else edit
    language = "en" if request.translate else (chunk.result or {}).get("language")
    return {**place, "state": "final", "text": text, "language": language, "edited": edit is not None}


def stored_lines(history: History, rewriter: Rewriter, job_id: str, after: int, limit: int) -> list[dict[str, Any]]:
    """Returns the lines of a session that is over, behind a number, at most so many."""
    row = history.job(job_id)
    chunks = history.chunks(job_id, after, limit) if row else []
    if row is None or not chunks:
        return []
    request = TranscribeRequest.from_dict(dict(row.request))
    edits = edits_of(history, job_id, chunks[0].number, chunks[-1].number)
    return [final_line(chunk, request, rewriter, edits.get(chunk.number)) for chunk in chunks]


def lines_of_session(
    history: History, rewriter: Rewriter, job: ActiveJob, shown: Mapping[int, dict[str, Any]], after: int, limit: int
) -> list[dict[str, Any]]:
    """Returns the lines of a session that goes on, behind a number, at most so many; ``shown`` are those to come."""
    chunks = history.chunks(job.id, after, limit)
    edits = edits_of(history, job.id, chunks[0].number, chunks[-1].number) if chunks else {}
    found = {number: line for number, line in shown.items() if number > after}
    for chunk in chunks:
        if chunk.status in ("succeeded", "failed") or chunk.number in edits:
            found[chunk.number] = final_line(chunk, job.request, rewriter, edits.get(chunk.number))
        elif chunk.number not in found:
            found[chunk.number] = open_line(chunk.number, chunk.start, chunk.end, None)
    return [found[number] for number in sorted(found)[:limit]]


def open_line(number: int, start: float, end: float, said: Agreement | None) -> dict[str, Any]:
    """Returns an utterance whose final text is still to come."""
    told = {"type": "line", "line": number, "state": "open", "start": round(start, 2), "end": round(end, 2)}
    return {**told, "firm": said.firm if said else "", "provisional": said.provisional if said else ""}


def text_of(lines: Sequence[Segment]) -> str:
    """Returns lines as one text; signs of languages without spaces follow each other closely."""
    text = ""
    for line in lines:
        close = not text or (_is_wide(text[-1]) and _is_wide(line.text[:1]))
        text += line.text if close else " " + line.text
    return text.strip()


def _is_wide(sign: str) -> bool:
    return sign >= "\u2e80"
