"""The speakers of recordings in the database: who they are, when they are heard, and which lines are theirs."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from media.turns import Part, Stretch, given
from workbench.errors import NotFound
from workbench.history.jobs import to_json
from workbench.history.rows import SegmentRow
from workbench.history.transcripts import Transcripts
from workbench.search import index_text

_INSERT = (
    'INSERT INTO segments (id, job_id, number, start, "end", text, original_text, language, speaker, avg_logprob,'
    " words, flags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
)


@dataclass(frozen=True, slots=True, eq=False)
class SpeakerRow:
    """One person of a recording; ``embedding`` is ``(192,)`` of length 1, None for one that a person added."""

    key: str
    name: str | None
    speech_s: float
    embedding: npt.NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A stretch (seconds) in which one speaker is heard."""

    start: float
    end: float
    speaker: str


def speakers_of(history: Transcripts, job_id: str) -> list[SpeakerRow]:
    """Returns the people of a recording in the order of their keys; empty where they were not told apart."""
    with history.reading() as db:
        rows = db.execute("SELECT * FROM speakers WHERE job_id = ?", (job_id,)).fetchall()
    found = [SpeakerRow(row["key"], row["name"], row["speech_s"], _embedding(row["embedding"])) for row in rows]
    return sorted(found, key=lambda speaker: (len(speaker.key), speaker.key))


def turns_of(history: Transcripts, job_id: str) -> list[TurnRow]:
    """Returns who is heard when, in order of time."""
    with history.reading() as db:
        rows = db.execute('SELECT start, "end", speaker FROM turns WHERE job_id = ? ORDER BY number', (job_id,))
        return [TurnRow(row["start"], row["end"], row["speaker"]) for row in rows]


def write_speakers(
    history: Transcripts,
    job_id: str,
    people: Sequence[SpeakerRow],
    turns: Sequence[TurnRow],
    lines: Sequence[tuple[SegmentRow, Part]],
) -> None:
    """Writes who spoke, when, and which lines are theirs, in place of what was known; ``lines`` are all lines anew.

    Each is ``(stored line, its part)``: a line that was cut comes once for each of its parts.
    """
    with history.transaction() as db:
        for table in ("speakers", "turns"):
            db.execute(f"DELETE FROM {table} WHERE job_id = ?", (job_id,))
        db.executemany(
            "INSERT INTO speakers VALUES (?, ?, ?, ?, ?)",
            [(job_id, one.key, one.name, one.speech_s, _blob(one.embedding)) for one in people],
        )
        db.executemany(
            "INSERT INTO turns VALUES (?, ?, ?, ?, ?)",
            [(job_id, number, turn.start, turn.end, turn.speaker) for number, turn in enumerate(turns)],
        )
        _rewrite(history, db, job_id, [_values(row, part) for row, part in lines])


def name_speaker(history: Transcripts, job_id: str, key: str, name: str | None) -> None:
    """Calls a person of a recording by a name, or by none; raises NotFound ``speaker_unknown``."""
    with history.transaction() as db:
        done = db.execute("UPDATE speakers SET name = ? WHERE job_id = ? AND key = ?", (name, job_id, key))
        if done.rowcount != 1:
            raise NotFound("speaker_unknown", key=key)
        # What a person typed, the end of a known voice must not take away.
        db.execute("DELETE FROM voice_names WHERE job_id = ? AND key = ?", (job_id, key))
        _changed(db, job_id)


def merge_speakers(history: Transcripts, job_id: str, key: str, into: str) -> None:
    """Makes two people of a recording one; raises NotFound ``speaker_unknown``."""
    with history.transaction() as db:
        gone, kept = _one(db, job_id, key), _one(db, job_id, into)
        for table in ("segments", "turns"):
            db.execute(f"UPDATE {table} SET speaker = ? WHERE job_id = ? AND speaker = ?", (into, job_id, key))
        if kept["name"] is None:
            db.execute("UPDATE voice_names SET key = ? WHERE job_id = ? AND key = ?", (into, job_id, key))
        db.execute("DELETE FROM speakers WHERE job_id = ? AND key = ?", (job_id, key))
        db.execute(
            "UPDATE speakers SET speech_s = ?, name = ?, embedding = ? WHERE job_id = ? AND key = ?",
            (
                gone["speech_s"] + kept["speech_s"], kept["name"] or gone["name"],
                _blob(_between(gone, kept)), job_id, into,
            ),
        )  # fmt: skip
        _changed(db, job_id)


def give_lines(history: Transcripts, job_id: str, numbers: Sequence[int], key: str | None) -> str:
    """Gives lines to somebody else, or with ``key`` None to a new person; returns the key.

    Raises NotFound ``speaker_unknown`` or ``line_unknown``.
    """
    with history.transaction() as db:
        if key is None:
            keys = [int(row["key"]) for row in db.execute("SELECT key FROM speakers WHERE job_id = ?", (job_id,))]
            key = str(max(keys, default=0) + 1)
            db.execute("INSERT INTO speakers VALUES (?, ?, NULL, 0, NULL)", (job_id, key))
        else:
            _one(db, job_id, key)
        stretches: list[Stretch] = []
        for number in numbers:
            row = db.execute(
                'SELECT start, "end", speaker FROM segments WHERE job_id = ? AND number = ?', (job_id, number)
            ).fetchone()
            if row is None:
                raise NotFound("line_unknown", number=number)
            length = row["end"] - row["start"]
            if row["speaker"] != key:
                stretches.append((row["start"], row["end"], row["speaker"]))
            db.execute("UPDATE segments SET speaker = ? WHERE job_id = ? AND number = ?", (key, job_id, number))
            for who, sign in ((row["speaker"], -length), (key, length)):
                db.execute(
                    "UPDATE speakers SET speech_s = max(0, speech_s + ?) WHERE job_id = ? AND key = ?",
                    (sign, job_id, who),
                )
        _give_turns(db, job_id, stretches, key)
        _changed(db, job_id)
        return key


def children_of(history: Transcripts, ids: Sequence[str]) -> dict[str, str]:
    """Returns for each of these jobs the newest job that tells its speakers apart, by id."""
    found: dict[str, str] = {}
    with history.reading() as db:
        for job_id in ids:
            row = db.execute(
                "SELECT id FROM jobs WHERE parent_id = ? AND task = 'speaker-diarization' ORDER BY seq DESC LIMIT 1",
                (job_id,),
            ).fetchone()
            if row is not None:
                found[job_id] = row["id"]
    return found


def _give_turns(db: sqlite3.Connection, job_id: str, stretches: Sequence[Stretch], key: str) -> None:
    rows = db.execute('SELECT start, "end", speaker FROM turns WHERE job_id = ?', (job_id,)).fetchall()
    turns = given([(row["start"], row["end"], row["speaker"]) for row in rows], stretches, key)
    db.execute("DELETE FROM turns WHERE job_id = ?", (job_id,))
    db.executemany("INSERT INTO turns VALUES (?, ?, ?, ?, ?)", [(job_id, n, *turn) for n, turn in enumerate(turns)])


def _rewrite(history: Transcripts, db: sqlite3.Connection, job_id: str, lines: Sequence[tuple[Any, ...]]) -> None:
    job = db.execute("SELECT * FROM jobs WHERE id = ?", (job_id,)).fetchone()
    history._drop_lines(db, job)
    first = int(db.execute("SELECT coalesce(max(id), 0) + 1 FROM segments").fetchone()[0])
    db.executemany(_INSERT, [(first + n, job_id, n, *line) for n, line in enumerate(lines)])
    db.executemany(
        "INSERT INTO segments_search (rowid, tokens) VALUES (?, ?)",
        [(first + n, index_text(line[2])) for n, line in enumerate(lines)],
    )
    if lines:
        place = (first, first + len(lines) - 1, job_id)
        db.execute("UPDATE jobs SET first_segment = ?, last_segment = ? WHERE id = ?", place)
    _changed(db, job_id)


def _values(row: SegmentRow, part: Part) -> tuple[Any, ...]:
    segment = part.segment
    words = [[word.start, word.end, word.text, word.probability] for word in segment.words]
    return (
        segment.start, segment.end, segment.text, row.original_text, row.language,
        None if part.speaker is None else str(part.speaker + 1), row.avg_logprob,
        to_json(words) if words else None, to_json(list(segment.flags)),
    )  # fmt: skip


def set_request(
    history: Transcripts, job_id: str, request: Mapping[str, Any], notes: Sequence[Mapping[str, Any]]
) -> None:
    """Writes another request of an unfinished job, with what the person is told."""
    with history.transaction() as db:
        db.execute(
            "UPDATE jobs SET request = ?, notes = ?, revision = revision + 1"
            " WHERE id = ? AND status IN ('queued', 'running')",
            (to_json(dict(request)), to_json(list(notes)), job_id),
        )


def _one(db: sqlite3.Connection, job_id: str, key: str) -> Mapping[str, Any]:
    row = db.execute("SELECT * FROM speakers WHERE job_id = ? AND key = ?", (job_id, key)).fetchone()
    if row is None:
        raise NotFound("speaker_unknown", key=key)
    return dict(row)


def _changed(db: sqlite3.Connection, job_id: str) -> None:
    db.execute("UPDATE jobs SET revision = revision + 1 WHERE id = ?", (job_id,))


def _between(one: Mapping[str, Any], other: Mapping[str, Any]) -> npt.NDArray[np.float32] | None:
    """Returns the voice of two people who are one: the mean by how long each is heard."""
    first, second = _embedding(one["embedding"]), _embedding(other["embedding"])
    if first is None or second is None:
        return first if second is None else second
    mean = first * max(one["speech_s"], 0.1) + second * max(other["speech_s"], 0.1)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)


def _embedding(blob: bytes | None) -> npt.NDArray[np.float32] | None:
    return None if blob is None else np.frombuffer(blob, "<f2").astype(np.float32)


def _blob(embedding: npt.NDArray[np.float32] | None) -> bytes | None:
    return None if embedding is None else embedding.astype("<f2").tobytes()
