"""Known voices in the database: who they are, what they are known from, whom they named, and who used them."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.errors import NotFound
from workbench.history.database import placeholders
from workbench.history.transcripts import Transcripts

Floats = npt.NDArray[np.float32]
LOG_KEPT_S = 2 * 365 * 24 * 3600.0
_COHORT = (
    "SELECT speakers.embedding FROM speakers JOIN jobs ON jobs.id = speakers.job_id"
    " WHERE speakers.embedding IS NOT NULL AND speakers.speech_s >= ? ORDER BY jobs.seq DESC LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Consent:
    """Who agreed that a voice is known here, on which day, to what, and until when (days as YYYY-MM-DD)."""

    agreed_by: str
    agreed_on: str
    text: str
    ends_on: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RecordingRow:
    """One recording that a voice is known from; ``sample`` is the stretch to play, ``job_id`` None when it is gone."""

    job_id: str | None
    title: str
    sample: tuple[float, float] | None
    speech_s: float
    clear_db: float | None
    embedding: Floats


@dataclass(frozen=True, slots=True)
class VoiceRow:
    """A known voice."""

    id: str
    name: str
    consent: Consent
    created_at: float
    recordings: tuple[RecordingRow, ...] = ()


@dataclass(frozen=True, slots=True)
class LogRow:
    """One use of a voice; ``voice_id`` None means the list of all, ``who`` is empty for the program itself."""

    at: float
    voice_id: str | None
    what: str
    who: str
    job_id: str | None = None


def voices_of(history: Transcripts, today: str | None = None) -> list[VoiceRow]:
    """Returns all voices by name; with ``today`` only those that may be used on that day."""
    with history.reading() as db:
        rows = db.execute(
            "SELECT * FROM voices WHERE ? IS NULL OR ends_on IS NULL OR ends_on >= ? ORDER BY name, id", (today, today)
        ).fetchall()
        return [_voice(db, row) for row in rows]


def voice_of(history: Transcripts, voice_id: str) -> VoiceRow:
    """Returns one voice; raises NotFound ``voice_unknown``."""
    with history.reading() as db:
        row = db.execute("SELECT * FROM voices WHERE id = ?", (voice_id,)).fetchone()
        if row is None:
            raise NotFound("voice_unknown")
        return _voice(db, row)


def write_voice(history: Transcripts, voice: VoiceRow) -> None:
    """Writes a voice, or one in place of what was known of it."""
    agreed = voice.consent
    with history.transaction() as db:
        db.execute(
            "INSERT INTO voices VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET name = excluded.name,"
            " consent = excluded.consent, agreed_by = excluded.agreed_by, agreed_on = excluded.agreed_on,"
            " ends_on = excluded.ends_on",
            (
                voice.id, voice.name, agreed.text, agreed.agreed_by, agreed.agreed_on, agreed.ends_on,
                voice.created_at,
            ),
        )  # fmt: skip
        db.execute("DELETE FROM voice_recordings WHERE voice_id = ?", (voice.id,))
        for number, one in enumerate(voice.recordings):
            start, end = one.sample or (None, None)
            db.execute(
                "INSERT INTO voice_recordings VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    voice.id, number, one.job_id, one.title, start, end, one.speech_s, one.clear_db,
                    one.embedding.astype("<f2").tobytes(),
                ),
            )  # fmt: skip


def rename_voice(history: Transcripts, voice_id: str, name: str, ends_on: str | None) -> list[str]:
    """Gives a voice another name or end; returns the jobs whose speakers it named, who carry the new name then."""
    with history.transaction() as db:
        db.execute("UPDATE voices SET name = ?, ends_on = ? WHERE id = ?", (name, ends_on, voice_id))
        return _say_name(db, voice_id, name)


def delete_voice(history: Transcripts, voice_id: str) -> list[str]:
    """Deletes a voice and takes its name from all transcripts; returns their ids. Names that people typed stay."""
    with history.transaction() as db:
        jobs = _say_name(db, voice_id, None)
        # Else what was deleted can be read in the free pages of the file.
        db.execute("PRAGMA secure_delete = ON")
        db.execute("DELETE FROM voices WHERE id = ?", (voice_id,))
        db.execute("PRAGMA secure_delete = OFF")
        return jobs


def _say_name(db: sqlite3.Connection, voice_id: str, name: str | None) -> list[str]:
    rows = db.execute("SELECT job_id, key FROM voice_names WHERE voice_id = ?", (voice_id,)).fetchall()
    for row in rows:
        db.execute("UPDATE speakers SET name = ? WHERE job_id = ? AND key = ?", (name, row["job_id"], row["key"]))
    jobs = sorted({row["job_id"] for row in rows})
    for job_id in jobs:
        db.execute("UPDATE jobs SET revision = revision + 1 WHERE id = ?", (job_id,))
    return jobs


def name_by_voice(history: Transcripts, job_id: str, key: str, voice: VoiceRow, score: float | None) -> bool:
    """Names a speaker of a recording after a voice; False where that was taken back meanwhile."""
    with history.transaction() as db:
        if db.execute("SELECT 1 FROM voices WHERE id = ?", (voice.id,)).fetchone() is None:
            return False
        db.execute("UPDATE speakers SET name = ? WHERE job_id = ? AND key = ?", (voice.name, job_id, key))
        db.execute("INSERT OR REPLACE INTO voice_names VALUES (?, ?, ?, ?)", (job_id, key, voice.id, score))
        db.execute("UPDATE jobs SET revision = revision + 1 WHERE id = ?", (job_id,))
        return True


def keys_named(history: Transcripts, job_id: str) -> dict[str, str]:
    """Returns the speakers of a recording whose names came from a voice, with its id."""
    with history.reading() as db:
        rows = db.execute("SELECT key, voice_id FROM voice_names WHERE job_id = ?", (job_id,))
        return {row["key"]: row["voice_id"] for row in rows}


def count_named(history: Transcripts) -> dict[str, int]:
    """Returns in how many recordings each voice named somebody."""
    with history.reading() as db:
        rows = db.execute("SELECT voice_id, count(DISTINCT job_id) AS n FROM voice_names GROUP BY voice_id")
        return {row["voice_id"]: row["n"] for row in rows}


def spoken_recordings(history: Transcripts, limit: int) -> list[tuple[str, str, float]]:
    """Returns ``(id, title, created_at)`` of the newest transcripts in whose recordings voices were told apart."""
    with history.reading() as db:
        rows = db.execute(
            "SELECT id, title, created_at FROM jobs WHERE deleted_at IS NULL AND task <> 'speaker-diarization'"
            " AND EXISTS (SELECT 1 FROM speakers WHERE job_id = jobs.id AND embedding IS NOT NULL)"
            " ORDER BY created_at DESC, seq DESC LIMIT ?",
            (limit,),
        )
        return [(row["id"], row["title"], row["created_at"]) for row in rows]


def cohort_of(history: Transcripts, least_s: float, most: int) -> Floats:
    """Returns the embeddings of the newest speakers who are heard for ``least_s`` seconds, ``(n, 192)``."""
    with history.reading() as db:
        rows = db.execute(_COHORT, (least_s, most)).fetchall()
    found = [_floats(row["embedding"]) for row in rows]
    return np.stack(found) if found else np.zeros((0, 192), np.float32)


def write_log(history: Transcripts, rows: Sequence[LogRow]) -> None:
    """Writes down who used voices, and forgets what is older than two years."""
    with history.transaction(durable=False) as db:
        db.executemany(
            "INSERT INTO voice_log (at, voice_id, what, who, job_id) VALUES (?, ?, ?, ?, ?)",
            [(row.at, row.voice_id, row.what, row.who, row.job_id) for row in rows],
        )
        db.execute("DELETE FROM voice_log WHERE at < ?", (history.clock() - LOG_KEPT_S,))


def log_of(history: Transcripts, voice_id: str | None, limit: int) -> list[LogRow]:
    """Returns who used a voice (and the list of all), or with None every voice, newest first."""
    with history.reading() as db:
        rows = db.execute(
            "SELECT * FROM voice_log WHERE ? IS NULL OR voice_id = ? OR voice_id IS NULL ORDER BY seq DESC LIMIT ?",
            (voice_id, voice_id, limit),
        )
        return [LogRow(row["at"], row["voice_id"], row["what"], row["who"], row["job_id"]) for row in rows]


def wrong_share_of(history: Transcripts, default: float) -> float:
    """Returns how often a stranger may be given a name."""
    with history.reading() as db:
        row = db.execute("SELECT wrong_share FROM voice_rule").fetchone()
        return default if row is None else float(row["wrong_share"])


def set_wrong_share(history: Transcripts, share: float) -> None:
    """Chooses how often a stranger may be given a name."""
    with history.transaction() as db:
        db.execute("INSERT OR REPLACE INTO voice_rule VALUES (1, ?)", (share,))


def clips_unused(history: Transcripts, before: float) -> list[str]:
    """Returns recordings that were taken in only to hear a voice, before this time, and that no voice is known from."""
    with history.reading() as db:
        rows = db.execute(
            "SELECT id FROM jobs WHERE task = 'speaker-diarization' AND parent_id IS NULL AND created_at < ?"
            " AND NOT EXISTS (SELECT 1 FROM voice_recordings WHERE job_id = jobs.id)",
            (before,),
        )
        return [row["id"] for row in rows]


def delete_clips(history: Transcripts, job_ids: Sequence[str]) -> list[str]:
    """Deletes such recordings for good; returns the sha256 of files that nothing else needs."""
    with history.transaction() as db:
        rows = db.execute(
            f"SELECT id, input_sha256 FROM jobs WHERE id IN ({placeholders(job_ids)})"
            " AND task = 'speaker-diarization' AND parent_id IS NULL",
            list(job_ids),
        ).fetchall()
        for row in rows:
            db.execute("DELETE FROM jobs WHERE id = ?", (row["id"],))
        gone = []
        for sha256 in {row["input_sha256"] for row in rows if row["input_sha256"]}:
            if db.execute("SELECT 1 FROM jobs WHERE input_sha256 = ?", (sha256,)).fetchone() is None:
                db.execute("DELETE FROM inputs WHERE sha256 = ?", (sha256,))
                gone.append(sha256)
        return gone


def _voice(db: sqlite3.Connection, row: sqlite3.Row) -> VoiceRow:
    found = db.execute("SELECT * FROM voice_recordings WHERE voice_id = ? ORDER BY number", (row["id"],))
    recordings = tuple(
        RecordingRow(
            one["job_id"], one["title"], None if one["start"] is None else (one["start"], one["end"]), one["speech_s"],
            one["clear_db"], _floats(one["embedding"]),
        )
        for one in found
    )  # fmt: skip
    consent = Consent(row["agreed_by"], row["agreed_on"], row["consent"], row["ends_on"])
    return VoiceRow(row["id"], row["name"], consent, row["created_at"], recordings)


def _floats(blob: bytes) -> Floats:
    return np.frombuffer(blob, "<f2").astype(np.float32)
