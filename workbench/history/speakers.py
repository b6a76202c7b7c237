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
    found = [SpeakerRow(row["key"], row["name"], row["speech_s"], embedding_of(row["embedding"])) for row in rows]
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
        for table in ("speakers", "turns", "speaker_merges"):
            db.execute(f"DELETE FROM {table} WHERE job_id = ?", (job_id,))
        db.executemany(
            "INSERT INTO speakers VALUES (?, ?, ?, ?, ?)",
            [(job_id, one.key, one.name, one.speech_s, blob_of(one.embedding)) for one in people],
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
        changed(db, job_id)


def give_lines(history: Transcripts, job_id: str, numbers: Sequence[int], key: str | None) -> str:
    """Gives lines to somebody else, or with ``key`` None to a new person; returns the key.

    Raises NotFound ``speaker_unknown`` or ``line_unknown``.
    """
    with history.transaction() as db:
        if key is None:
            # Nor is the key taken of somebody who became another one, and may come back.
            known = "SELECT key FROM speakers WHERE job_id = ? UNION SELECT key FROM speaker_merges WHERE job_id = ?"
            keys = [int(row["key"]) for row in db.execute(known, (job_id, job_id))]
            key = str(max(keys, default=0) + 1)
            db.execute("INSERT INTO speakers VALUES (?, ?, NULL, 0, NULL)", (job_id, key))
        else:
            one_of(db, job_id, key)
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
        changed(db, job_id)
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
    changed(db, job_id)


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


def one_of(db: sqlite3.Connection, job_id: str, key: str) -> Mapping[str, Any]:
    """Returns a row of ``speakers``; raises NotFound ``speaker_unknown``."""
    row = db.execute("SELECT * FROM speakers WHERE job_id = ? AND key = ?", (job_id, key)).fetchone()
    if row is None:
        raise NotFound("speaker_unknown", key=key)
    return dict(row)


def changed(db: sqlite3.Connection, job_id: str) -> None:
    """Tells those who look at a job that it is another now."""
    db.execute("UPDATE jobs SET revision = revision + 1 WHERE id = ?", (job_id,))


def embedding_of(blob: bytes | None) -> npt.NDArray[np.float32] | None:
    """Returns an embedding as it is stored."""
    return None if blob is None else np.frombuffer(blob, "<f2").astype(np.float32)


def blob_of(embedding: npt.NDArray[np.float32] | None) -> bytes | None:
    """Returns what is stored of an embedding."""
    return None if embedding is None else embedding.astype("<f2").tobytes()
