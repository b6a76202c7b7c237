"""Voices made from recordings: with consent, a last day, and taken back at any time; every use is written down."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines.speaking.reference import FACTS, SOUND
from media.audio import read_pieces
from media.clarity import clearness_db
from media.working_file import PCM
from workbench.errors import JobError, NotFound
from workbench.history.own_voices import (
    OwnVoiceRow,
    change_own_voice,
    delete_own_voice,
    own_voice_of,
    own_voices_of,
    read_with,
    write_own_voice,
)
from workbench.history.rows import JobRow
from workbench.history.speakers import turns_of
from workbench.history.voices import Consent, LogRow, log_of, write_log
from workbench.reading_aloud.script import of_text
from workbench.reading_aloud.stretches import LEAST_S, MOST_S, Stretch, stretches
from workbench.running.desk import Desk
from workbench.tasks.aloud import OWN_VOICES
from workbench.voices.place import day
from workbench.voices.telling import log_told
from workbench.voices.voices import LEAST_CLEAR_DB, LOG_SHOWN

UNFINISHED_S = 3600.0
"""A folder that no voice owns belongs to one that is being made, unless it is older."""
OTHERS_SHARE = 0.15
"""When others speak for more than this part of a stretch, it is not one person's."""


@dataclass(frozen=True, slots=True)
class OwnWanted:
    """A voice to be made of what is heard of ``job_id`` from ``start`` to ``end`` seconds, where ``text`` is said."""

    name: str
    consent: Consent
    job_id: str
    start: float
    end: float
    text: str


class OwnVoices:
    """The voices that were made from recordings; ``who`` is everywhere the address that asks.

    ``forget()`` ends the process that may hold a voice, ``drop(job_ids)`` puts jobs into the bin.
    """

    def __init__(
        self, desk: Desk, data: Path, forget: Callable[[], object], drop: Callable[[Sequence[str]], None]
    ) -> None:
        self._desk = desk
        self._folder = data / OWN_VOICES
        self._forget = forget
        self._drop = drop

    def all(self) -> list[dict[str, Any]]:
        """Returns every such voice with its consent and how many texts it read."""
        today = self._today()
        return [self._told(row, today) for row in own_voices_of(self._desk.history)]

    def stretches(self, job_id: str) -> list[dict[str, Any]]:
        """Returns where in a transcript somebody is heard well, the best first: ``{"start", "end", "text", "speaker",
        "clear_db"}``. Raises NotFound, JobError ``job_not_finished``.
        """
        row = self._transcript(job_id)
        found = stretches(self._desk.history.segments(job_id, limit=-1))
        return [
            {
                "start": round(one.start, 2),
                "end": round(one.end, 2),
                "text": one.text,
                "speaker": one.speaker,
                "clear_db": self._clear(row, one),
            }
            for one in found
        ]

    def make(self, wanted: OwnWanted, who: str) -> str:
        """Makes a voice and returns its id; its sound is copied, so that the transcript may be deleted.

        Raises JobError with the reason where the stretch does not do: ``voice_recording_short``,
        ``aloud_voice_long``, ``voice_too_noisy``, ``voice_several``, ``voice_ended``, ``input_missing``.
        """
        row = self._transcript(wanted.job_id)
        stretch = Stretch(wanted.start, wanted.end, of_text(wanted.text).text.strip(), None)
        self._check(row, stretch, wanted.consent)
        voice_id = f"own-{secrets.token_hex(8)}"
        clear_db = self._clear(row, stretch)
        part = self._folder / f".{voice_id}"
        part.mkdir(parents=True, exist_ok=True)
        try:
            told = self._cut(row, stretch, part / SOUND)
            _write(part / FACTS, stretch.text, wanted.consent.ends_on)
            now = self._desk.history.clock()
            voice = OwnVoiceRow(voice_id, wanted.name, wanted.consent, now, row.title, float(told["audio_s"]), clear_db)
            with self._desk.history.transaction():
                write_own_voice(self._desk.history, voice)
                self._note(voice_id, "enrolled", who)
                os.replace(part, self._folder / voice_id)
        finally:
            shutil.rmtree(part, ignore_errors=True)
        return voice_id

    def change(self, voice_id: str, name: str, ends_on: str | None, who: str) -> None:
        """Gives a voice another name or last day; raises NotFound ``aloud_voice_gone``, JobError ``voice_ended``."""
        own_voice_of(self._desk.history, voice_id)
        if ends_on is not None and ends_on < self._today():
            raise JobError("voice_ended", status=422)
        facts = self._folder / voice_id / FACTS
        text = str(json.loads(facts.read_text(encoding="utf-8"))["text"])
        with self._desk.history.transaction():
            change_own_voice(self._desk.history, voice_id, name, ends_on)
            self._note(voice_id, "changed", who)
            _write(facts, text, ends_on)

    def revoke(self, voice_id: str, who: str, what: str = "deleted", readings: bool = False) -> int:
        """Deletes a voice with its recording: nothing more is read with it, also by jobs that are at it.

        With ``readings`` what it has read goes into the bin, too. Returns how many texts it had read.
        """
        own_voice_of(self._desk.history, voice_id)
        jobs = read_with(self._desk.history, voice_id)
        # First what is spoken with: whatever happens then, nothing more is read.
        shutil.rmtree(self._folder / voice_id, ignore_errors=True)
        with self._desk.history.transaction():
            delete_own_voice(self._desk.history, voice_id)
            self._note(voice_id, what, who)
        self._forget()
        if readings and jobs:
            self._drop(jobs)
        return len(jobs)

    def usable(self, voice_id: str) -> OwnVoiceRow:
        """Returns a voice that may read today; raises NotFound ``aloud_voice_gone``, JobError ``aloud_voice_ended``."""
        row = own_voice_of(self._desk.history, voice_id)
        if row.consent.ends_on is not None and row.consent.ends_on < self._today():
            raise JobError("aloud_voice_ended", status=410)
        return row

    def note_reading(self, voice_id: str, job_id: str, who: str) -> None:
        """Writes down that a text is read with a voice."""
        self._note(voice_id, "spoke", who, job_id)

    def sample(self, voice_id: str, who: str) -> Path:
        """Returns the WAV file of the recording that a voice was made from; raises NotFound ``aloud_voice_gone``."""
        own_voice_of(self._desk.history, voice_id)
        path = self._folder / voice_id / SOUND
        if not path.is_file():
            raise NotFound("aloud_voice_gone")
        self._note(voice_id, "played", who)
        return path

    def log(self, voice_id: str) -> list[dict[str, Any]]:
        """Returns who made, heard or used a voice, newest first."""
        own_voice_of(self._desk.history, voice_id)
        rows = log_of(self._desk.history, voice_id, LOG_SHOWN)
        return [log_told(row) for row in rows if row.voice_id == voice_id]

    def tidy(self) -> None:
        """Deletes voices whose last day is over, and folders that no voice owns."""
        today = self._today()
        known = own_voices_of(self._desk.history)
        for row in known:
            if row.consent.ends_on is not None and row.consent.ends_on < today:
                self.revoke(row.id, "", "expired")
        ids = {row.id for row in known}
        for folder in self._folder.iterdir() if self._folder.is_dir() else ():
            if folder.name not in ids and folder.stat().st_mtime < self._desk.history.clock() - UNFINISHED_S:
                shutil.rmtree(folder, ignore_errors=True)

    def _check(self, row: JobRow, stretch: Stretch, agreed: Consent) -> None:
        if agreed.ends_on is not None and agreed.ends_on < self._today():
            raise JobError("voice_ended", status=422)
        if stretch.length_s < LEAST_S:
            values = {"title": row.title, "seconds": round(stretch.length_s, 1), "needed": round(LEAST_S)}
            raise JobError("voice_recording_short", status=422, **values)
        if stretch.length_s > MOST_S + 0.5:
            raise JobError("aloud_voice_long", status=422, seconds=round(stretch.length_s, 1), limit=round(MOST_S))
        clear_db = self._clear(row, stretch)
        if clear_db is not None and clear_db < LEAST_CLEAR_DB:
            raise JobError("voice_too_noisy", status=422, title=row.title)
        if _several(self._desk, row.id, stretch):
            raise JobError("voice_several", status=422, title=row.title)

    def _cut(self, row: JobRow, stretch: Stretch, target: Path) -> dict[str, Any]:
        source = self._desk.uploads.source(row.input_sha256 or "")
        if not source.is_file():
            raise JobError("input_missing", status=410)
        order = {
            "work": "cut_voice",
            "source": str(source),
            "folder": str(target.parent),
            "target": str(target),
            "start": stretch.start,
            "end": stretch.end,
        }
        told = self._desk.writes.sound(order, self._desk.limits, lambda _: None, lambda: self._desk.board.stopping)
        return dict(told)

    def _transcript(self, job_id: str) -> JobRow:
        row = self._desk.history.job(job_id)
        if row is None or row.deleted_at is not None:
            raise NotFound(id=job_id)
        if row.status != "succeeded":
            raise JobError("job_not_finished", id=job_id)
        return row

    def _clear(self, row: JobRow, stretch: Stretch) -> float | None:
        try:
            pcm = self._desk.uploads.folder(row.input_sha256 or "") / PCM
            return clearness_db(read_pieces(pcm, ((stretch.start, stretch.end),)))
        except (OSError, ValueError):
            return None

    def _told(self, row: OwnVoiceRow, today: str) -> dict[str, Any]:
        agreed = row.consent
        return {
            "id": row.id,
            "name": row.name,
            "agreed_by": agreed.agreed_by,
            "agreed_on": agreed.agreed_on,
            "consent": agreed.text,
            "ends_on": agreed.ends_on,
            "ended": agreed.ends_on is not None and agreed.ends_on < today,
            "source": row.source,
            "speech_s": round(row.speech_s, 1),
            "n_read": len(read_with(self._desk.history, row.id)),
        }

    def _today(self) -> str:
        return day(self._desk.history.clock())

    def _note(self, voice_id: str, what: str, who: str, job_id: str | None = None) -> None:
        write_log(self._desk.history, [LogRow(self._desk.history.clock(), voice_id, what, who, job_id)])


def _several(desk: Desk, job_id: str, stretch: Stretch) -> bool:
    """Tells whether more than one of those who were told apart speak in a stretch for more than a word."""
    spoken: dict[str, float] = {}
    for turn in turns_of(desk.history, job_id):
        inside = min(turn.end, stretch.end) - max(turn.start, stretch.start)
        if inside > 0:
            spoken[turn.speaker] = spoken.get(turn.speaker, 0.0) + inside
    others = sum(sorted(spoken.values(), reverse=True)[1:])
    return others > OTHERS_SHARE * stretch.length_s


def _write(path: Path, text: str, ends_on: str | None) -> None:
    """Writes what the engine must know of a voice, wholly or not at all."""
    part = path.with_name(f"{path.name}.part")
    part.write_text(json.dumps({"text": text, "ends_on": ends_on}, ensure_ascii=False), encoding="utf-8")
    os.replace(part, path)
