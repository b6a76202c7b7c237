"""The end of reading aloud: the sentences of a job become one file, with a table of what is said when."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from engines.requests_speaking import AloudRequest
from engines.speaking.voices import named
from media.errors import WorkbenchError
from media.packing import Chunk
from media.speech_file import KINDS
from workbench.history.artifacts import finish_with
from workbench.history.own_voices import called
from workbench.history.rows import ArtifactRow, ChunkRow
from workbench.reading_aloud.letters import is_beyond
from workbench.reading_aloud.script import Script, read
from workbench.reading_aloud.takes import Take, best_of, takes_of
from workbench.running.board import ActiveJob
from workbench.running.desk import Desk
from workbench.running.ending_thread import EndingThread
from workbench.tasks.aloud import again, changes, spoken_folder

RESULT, TABLE = "result", "sentences"


class Hears(Protocol):
    """Listens to sentences that were spoken."""

    def hear(self, job: ActiveJob, script: Script, takes: Sequence[Take]) -> list[Take]:
        """Returns the takes with what was heard of each; raises WorkbenchError and Stopped."""


class AloudEnding(EndingThread):
    """Joins spoken sentences; where they are to be heard back, has bad ones spoken again first."""

    def __init__(self, desk: Desk, hears: Hears, go_on: Callable[[ActiveJob, Sequence[Chunk]], None]) -> None:
        super().__init__("aloud-endings", desk.board, self._write)
        self._desk = desk
        self._hears = hears
        self._go_on = go_on

    def _write(self, job: ActiveJob) -> None:
        desk, request = self._desk, job.request
        chunks = desk.history.chunks(job.id)
        failed = [chunk for chunk in chunks if chunk.status != "succeeded"]
        if chunks and len(failed) == len(chunks):
            raise WorkbenchError(failed[0].error_code or "engine_failed", **(failed[0].error_values or {}))
        script = read(desk.uploads.source(job.sha256))
        takes = takes_of(chunks)
        if request.check:
            takes = self._hears.hear(job, script, takes)
            if more := _spoken_again(takes, chunks):
                self._go_on(job, more)
                return
        best = best_of(takes)
        duration_s = self._join(job, best, script)
        missing = {chunk.number for chunk in failed} - {take.sentence for take in best}
        table = table_of(best, chunks, script, request, changes(spoken_folder(job.folder)))
        notes = [*job.notes, *notes_of(table, missing, request)]
        finish_with(desk.history, job.id, self._keep(job, {**table, "duration_s": duration_s}), notes)
        desk.board.remove(job.id)
        desk.events.publish(job.id)

    def _join(self, job: ActiveJob, best: Sequence[Take], script: Script) -> float:
        desk, folder = self._desk, spoken_folder(job.folder)
        row = desk.history.job(job.id)
        kind = KINDS[job.request.format]
        told = desk.writes.sound(
            {
                "work": "join_speech",
                "source": str(desk.uploads.source(job.sha256)),
                "folder": str(folder),
                "files": files_of(best, script, job.request),
                "target": str(folder / f"whole{kind.suffix}"),
                "kind": job.request.format,
                "title": row.title if row else "",
                "voice": called(desk.history, job.request.voice),
            },
            desk.limits,
            lambda share: self._show(job, share),
            lambda: desk.board.stopping or job.ended,
        )
        return float(told["duration_s"])

    def _show(self, job: ActiveJob, share: float) -> None:
        with self._desk.board.changed:
            job.stage_progress = share
        self._desk.events.publish(job.id)

    def _keep(self, job: ActiveJob, table: Mapping[str, Any]) -> list[ArtifactRow]:
        kind, folder = KINDS[job.request.format], self._desk.artifacts.folder(job.id)
        result, sentences = folder / f"result{kind.suffix}", folder / "sentences.json"
        os.replace(spoken_folder(job.folder) / f"whole{kind.suffix}", result)
        for other in KINDS.values():
            # A file of another kind that was made of an earlier state says something else.
            if other is not kind:
                (folder / f"result{other.suffix}").unlink(missing_ok=True)
        for video in folder.glob("video.*"):
            video.unlink()
        _write(sentences, json.dumps(table, ensure_ascii=False).encode("utf-8", "replace"))
        row = self._desk.artifacts.row
        return [row(job.id, RESULT, result, kind.media_type), row(job.id, TABLE, sentences, "application/json")]


def files_of(best: Sequence[Take], script: Script, request: AloudRequest) -> list[tuple[str, float | None]]:
    """Returns the files in the order in which they are heard, each with the second at which it begins or None."""
    in_time = request.in_time and bool(script.cues)
    return [(take.file, script.cues[take.sentence].start_s if in_time else None) for take in best]


def table_of(
    best: Sequence[Take],
    chunks: Sequence[ChunkRow],
    script: Script,
    request: AloudRequest,
    changed: Mapping[int, str],
) -> dict[str, Any]:
    """Returns what is said when, sentence by sentence, with what was heard of it where somebody listened; what is in
    letters that the voice was not taught is doubtful in any case."""
    places = {chunk.number: (int(chunk.start), int(chunk.end)) for chunk in chunks}
    voice = named(request.voice)
    found, at = [], 0.0
    for take, (_, start) in zip(best, files_of(best, script, request), strict=True):
        at = max(at, start or 0.0)
        first, last = places[take.sentence]
        said = changed.get(take.sentence) or script.text[first:last].strip()
        told = {
            "number": take.sentence,
            "round": take.round,
            "text": said,
            "paragraph": "\n" in script.text[:first][len(script.text[:first].rstrip()) :] and first > 0,
            "start": round(at, 3),
            "end": round(at + take.speech_s, 3),
        }
        if take.heard is not None:
            told |= {"heard": take.heard, "doubt": take.doubt}
        if voice is not None and is_beyond(said, voice.model, request.words):
            told["doubt"] = "letters"
        found.append(told)
        at += take.audio_s
    return {"sentences": found, "checked": request.check, "voice": request.voice}


def notes_of(table: Mapping[str, Any], missing: set[int], request: AloudRequest) -> list[dict[str, Any]]:
    """Returns what a person should know: how many sentences are worth a listen, and which are missing."""
    doubtful = [one["number"] for one in table["sentences"] if one.get("doubt")]
    notes: list[dict[str, Any]] = []
    if missing:
        notes.append({"code": "aloud_missing", "values": {"n": len(missing), "sentences": sorted(missing)[:50]}})
    if doubtful:
        notes.append({"code": "aloud_doubtful", "values": {"n": len(doubtful), "sentences": doubtful[:200]}})
    elif request.check:
        notes.append({"code": "aloud_all_heard", "values": {}})
    return notes


def _spoken_again(takes: Sequence[Take], chunks: Sequence[ChunkRow]) -> list[Chunk]:
    """Returns the chunks that speak the doubtful sentences once more, as long as there are rounds left."""
    places = {chunk.number: chunk for chunk in chunks}
    return [
        again(Chunk(take.sentence, places[take.sentence].pieces), last + 1)
        for take in best_of(takes)
        if take.doubt and (last := max(one.round for one in takes if one.sentence == take.sentence)) < take.most_rounds
    ]


def _write(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    os.replace(part, path)
