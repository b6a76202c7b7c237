"""Voices made from recordings in the database: whose they are, who agreed to it, and what was read with them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from engines.speaking.voices import recording_of, voices_of
from workbench.errors import NotFound
from workbench.history.database import Database
from workbench.history.voices import Consent


@dataclass(frozen=True, slots=True)
class OwnVoiceRow:
    """A voice that reads aloud; ``source`` is the title of the recording that it was made from."""

    id: str
    name: str
    consent: Consent
    created_at: float
    source: str
    speech_s: float
    clear_db: float | None


def own_voices_of(history: Database) -> list[OwnVoiceRow]:
    """Returns all such voices by name."""
    with history.reading() as db:
        return [_row(row) for row in db.execute("SELECT * FROM own_voices ORDER BY name, id")]


def own_voice_of(history: Database, voice_id: str) -> OwnVoiceRow:
    """Returns one voice; raises NotFound ``aloud_voice_gone``."""
    with history.reading() as db:
        row = db.execute("SELECT * FROM own_voices WHERE id = ?", (voice_id,)).fetchone()
    if row is None:
        raise NotFound("aloud_voice_gone")
    return _row(row)


def called(history: Database, voice: str) -> str:
    """Returns the name of a voice from a recording; that of any other voice is its own."""
    with history.reading() as db:
        row = db.execute("SELECT name FROM own_voices WHERE id = ?", (recording_of(voice),)).fetchone()
    return voice if row is None else str(row["name"])


def write_own_voice(history: Database, voice: OwnVoiceRow) -> None:
    """Writes a new voice."""
    agreed = voice.consent
    with history.transaction() as db:
        db.execute(
            "INSERT INTO own_voices VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                voice.id, voice.name, agreed.text, agreed.agreed_by, agreed.agreed_on, agreed.ends_on,
                voice.created_at, voice.source, voice.speech_s, voice.clear_db,
            ),
        )  # fmt: skip


def change_own_voice(history: Database, voice_id: str, name: str, ends_on: str | None) -> None:
    """Gives a voice another name or last day."""
    with history.transaction() as db:
        db.execute("UPDATE own_voices SET name = ?, ends_on = ? WHERE id = ?", (name, ends_on, voice_id))


def delete_own_voice(history: Database, voice_id: str) -> None:
    """Deletes a voice."""
    with history.transaction() as db:
        # Else what was deleted can be read in the free pages of the file.
        db.execute("PRAGMA secure_delete = ON")
        db.execute("DELETE FROM own_voices WHERE id = ?", (voice_id,))
        db.execute("PRAGMA secure_delete = OFF")


def read_with(history: Database, voice_id: str) -> list[str]:
    """Returns the jobs that a voice read, or reads, by whatever model."""
    names = [voice.name for voice in voices_of(voice_id)]
    asked = f"json_extract(request, '$.voice') IN ({', '.join('?' * len(names))})"
    with history.reading() as db:
        rows = db.execute(
            f"SELECT id FROM jobs WHERE task = 'text-to-speech' AND {asked} AND deleted_at IS NULL", names
        )
        return [row["id"] for row in rows]


def _row(row: sqlite3.Row) -> OwnVoiceRow:
    consent = Consent(row["agreed_by"], row["agreed_on"], row["consent"], row["ends_on"])
    return OwnVoiceRow(
        row["id"], row["name"], consent, row["created_at"], row["source"], row["speech_s"], row["clear_db"]
    )
