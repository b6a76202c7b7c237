"""What screens and endpoints do with writing: hand it in, see it grow, take it over in parts, save it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from engines.base import Task
from workbench.acceptance import Acceptance, Source, Wish
from workbench.artifacts import Artifacts
from workbench.errors import JobError, NotFound
from workbench.events import Events
from workbench.exports import Label, transcript
from workbench.history import writing as kept
from workbench.history.history import History
from workbench.history.rows import JobRow
from workbench.machine.models import Models
from workbench.running.board import Board
from workbench.uploads import Uploads
from workbench.writing.choosing import choices, decided, setting_of
from workbench.writing.course import course_of
from workbench.writing.document import Document, of_text, of_transcript
from workbench.writing.ending import RESULT, answers_of
from workbench.writing.languages import language_of
from workbench.writing.places import Places
from workbench.writing.result import joined
from workbench.writing.rounds import Ask
from workbench.writing.wish import WriteRequest, check

MOST_TEXT = 2_000_000
"""Signs of a plain text: about 100 hours of speech."""


class Written:
    """The half of the workbench that is about writing."""

    def __init__(
        self, board: Board, history: History, events: Events, uploads: Uploads, artifacts: Artifacts,
        models: Models, acceptance: Acceptance, places: Places,
    ) -> None:  # fmt: skip
        self._board = board
        self._history = history
        self._events = events
        self._uploads = uploads
        self._artifacts = artifacts
        self._models = models
        self._acceptance = acceptance
        self._places = places

    def from_job(self, job_id: str, request: WriteRequest, owner: str, title: str = "", label: Label = str) -> str:
        """Writes from a finished transcript, as it reads now; returns the id of the job that does.

        Raises NotFound, JobError ``job_not_finished``, ``request_invalid``, ``pack_missing``.
        """
        told = transcript(self._history, job_id, label)
        rows = [row for row in self._history.segments(job_id, limit=-1) if row.text or not row.edited]
        document = of_transcript(told, [row.number for row in rows])
        return self._accept(document, request, owner, title or told.title, job_id)

    def from_text(self, text: str, request: WriteRequest, owner: str, title: str = "") -> str:
        """Writes from a plain text; returns the id of the job that does. Raises JobError as ``from_job`` does."""
        if len(text) > MOST_TEXT:
            raise JobError("write_too_long", status=413, n=len(text), limit=MOST_TEXT)
        document = of_text(text, title, language_of(text[:20_000]))
        return self._accept(document, request, owner, title or _beginning(document), None)

    def state(self, job_id: str) -> dict[str, Any]:
        """Returns what a job has written so far, or its result.

        ``{"source", "parts", "n_asked", "n_done", "result", "refused"}``; ``parts`` are the questions:
        ``{"number", "stage", "part", "text", "reasoning", "done"}``.
        """
        row = self._row(job_id)
        parent = self._history.job(row.parent_id) if row.parent_id else None
        source = None if parent is None else {"id": parent.id, "title": parent.title, "duration_s": parent.duration_s}
        result = self._result(job_id) if row.status == "succeeded" else None
        asks = [] if result else self._asks(row)
        return {
            "source": source,
            "asks": asks,
            "n_parts": 0 if result else max((ask["of"] for ask in asks), default=0),
            "result": result,
            "refused": kept.refused(self._history, job_id) if result else [],
            "can_refuse": bool(result and result["pairs"]),
        }

    def of(self, job_id: str | None, limit: int = 50) -> list[str]:
        """Returns the jobs that wrote from a transcript, or with None all of them, newest first."""
        return kept.written_of(self._history, job_id, limit)

    def refused(self, job_id: str) -> list[int]:
        """Returns the numbers of the sentences of which the original is kept."""
        return kept.refused(self._history, job_id)

    def refuse(self, job_id: str, sentences: Sequence[int]) -> None:
        """Keeps the original of these sentences; raises JobError ``request_invalid`` for one that there is not."""
        known = {pair["id"] for pair in self.result(job_id)["pairs"]}
        wrong = sorted(set(sentences) - known)
        if wrong:
            raise JobError("request_invalid", status=422, field="refused", value=str(wrong[0]))
        kept.refuse(self._history, job_id, sentences)
        self._events.publish(job_id)

    def result(self, job_id: str) -> dict[str, Any]:
        """Returns the result of a finished job; raises NotFound, JobError ``job_not_finished``."""
        row = self._row(job_id)
        if row.status != "succeeded":
            raise JobError("job_not_finished", id=job_id)
        found = self._result(job_id)
        if found is None:
            raise NotFound("artifact_missing", name=RESULT)
        return found

    def apply(self, job_id: str) -> dict[str, Any]:
        """Takes a result over into its transcript: lines, title or chapters; returns what was there before.

        ``{"kind", "lines": {number: text}, "title", "chapters"}``; lines that changed since are left alone and counted
        in ``n_skipped``. Raises JobError ``write_no_transcript``.
        """
        row, result = self._row(job_id), self.result(job_id)
        parent = self._history.job(row.parent_id) if row.parent_id else None
        if parent is None:
            raise JobError("write_no_transcript", status=409)
        before: dict[str, Any] = {
            "kind": result["kind"],
            "lines": {},
            "title": parent.title,
            "chapters": [],
            "n_skipped": 0,
        }
        if result["kind"] == "title":
            self._history.rename(parent.id, result["title"])
        elif result["kind"] == "chapters":
            before["chapters"] = self.chapters(parent.id)
            kept.write_chapters(self._history, parent.id, _chapters(result))
        else:
            before |= self._apply_lines(parent.id, job_id, result)
        self._events.publish(parent.id)
        return before

    def chapters(self, job_id: str) -> list[dict[str, Any]]:
        """Returns the chapters of a recording: ``{"start", "title"}``."""
        return [{"start": one.start, "title": one.title} for one in kept.chapters(self._history, job_id)]

    def set_chapters(self, job_id: str, chapters: Sequence[Mapping[str, Any]]) -> None:
        """Gives a recording these chapters and no others; raises NotFound."""
        if self._history.job(job_id) is None:
            raise NotFound(id=job_id)
        rows = [kept.ChapterRow(float(one["start"]), str(one["title"])) for one in chapters]
        kept.write_chapters(self._history, job_id, rows)
        self._events.publish(job_id)

    def templates(self) -> list[dict[str, Any]]:
        """Returns the forms of the office: ``{"id", "name", "text"}``."""
        return [{"id": one.id, "name": one.name, "text": one.text} for one in kept.templates(self._history)]

    def write_template(self, name: str, text: str, template_id: str | None = None) -> str:
        """Writes a form, new or in place of another; returns its id. Raises NotFound ``template_unknown``."""
        if template_id is not None and all(one.id != template_id for one in kept.templates(self._history)):
            raise NotFound("template_unknown")
        template_id = template_id or secrets.token_hex(8)
        kept.write_template(self._history, template_id, name, text)
        return template_id

    def drop_template(self, template_id: str) -> None:
        """Removes a form; raises NotFound ``template_unknown``."""
        kept.drop_template(self._history, template_id)

    def choices(self) -> dict[str, Any]:
        """Returns what writes on this machine; see ``choosing.choices``."""
        return choices(self._models)

    def _accept(self, document: Document, request: WriteRequest, owner: str, title: str, parent_id: str | None) -> str:
        check(request)
        if not document.lines:
            raise JobError("write_empty", status=422)
        request = decided(request, document, self._models, self._places.context_of)
        upload = self._uploads.receive(f"{title}.txt", [document.to_bytes()])
        self._history.add_input(upload.sha256, upload.size)
        source = Source(upload.sha256, upload.size, f"{title}.txt", title[:200])
        wish = Wish(request, owner, "interactive", parent_id=parent_id)
        made = self._acceptance.accept([source], wish)[0]
        self._uploads.spend(upload.id)
        if parent_id is not None:
            self._events.publish(parent_id)
        return made

    def _result(self, job_id: str) -> dict[str, Any] | None:
        found = self._artifacts.find(job_id, RESULT)
        if found is None:
            return None
        told: dict[str, Any] = json.loads(found[1].read_bytes())
        return told

    def _asks(self, row: JobRow) -> list[dict[str, Any]]:
        source = self._uploads.source(row.input_sha256 or "")
        if not source.is_file():
            return []
        request = WriteRequest.from_dict(dict(row.request))
        setting = setting_of(request, Document.from_bytes(source.read_bytes()))
        answers = answers_of(self._history.chunks(row.id))
        with self._board.changed:
            active = self._board.jobs.get(row.id)
            partials = dict(active.partials) if active is not None else {}
        asks = course_of(setting, answers).asks
        return [_asked(n, ask, answers, partials, len(setting.parts)) for n, ask in enumerate(asks)]

    def _apply_lines(self, parent_id: str, job_id: str, result: Mapping[str, Any]) -> dict[str, Any]:
        left = frozenset(kept.refused(self._history, job_id))
        wanted, source = _lines(result["pairs"], left)
        rows = {row.number: row.text for row in self._history.segments(parent_id, limit=-1)}
        same = {n for n, text in source.items() if _bare(rows.get(n, "")) == _bare(text)}
        edits = {n: text for n, text in wanted.items() if n in same and text != rows[n]}
        before = {n: rows[n] for n in edits}
        if edits:
            self._history.edit(parent_id, edits, before)
        return {"lines": before, "n_skipped": len(set(wanted) - same)}

    def _row(self, job_id: str) -> JobRow:
        row = self._history.job(job_id)
        if row is None or row.task != Task.WRITE:
            raise NotFound(id=job_id)
        return row


def _asked(
    number: int, ask: Ask, answers: Mapping[int, Any], partials: Mapping[int, Mapping[str, Any]], n_parts: int
) -> dict[str, Any]:
    answer = answers.get(number) or {}
    partial = partials.get(number) or {}
    return {
        "number": number,
        "stage": ask.stage,
        "part": ask.part,
        "of": n_parts,
        "text": answer.get("text") or partial.get("partial") or "",
        "reasoning": answer.get("reasoning") or partial.get("reasoning") or "",
        "done": number in answers,
        "failed": number in answers and answers[number] is None,
    }


def _lines(pairs: Sequence[Mapping[str, Any]], left: frozenset[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Returns the new text of each line that changes, and what the text was when it was written from."""
    after: dict[int, list[str]] = {}
    before: dict[int, list[str]] = {}
    changed: set[int] = set()
    for pair in pairs:
        taken = pair["state"] == "written" and pair["id"] not in left
        after.setdefault(pair["line"], []).append(pair["after"] if taken else pair["before"])
        before.setdefault(pair["line"], []).append(pair["before"])
        if taken:
            changed.add(pair["line"])
    return {n: joined(after[n]) for n in changed}, {n: "".join(before[n]) for n in changed}


def _chapters(result: Mapping[str, Any]) -> list[kept.ChapterRow]:
    found = []
    for block in result["blocks"]:
        told = block["sentences"][0]
        if told["spans"]:
            found.append(kept.ChapterRow(float(told["spans"][0][0]), told["text"]))
    if found:
        found[0] = replace(found[0], start=0.0)
    return found


def _bare(text: str) -> str:
    return "".join(text.split())


def _beginning(document: Document) -> str:
    text = document.lines[0].text if document.lines else ""
    return text[:40] + ("…" if len(text) > 40 else "")
