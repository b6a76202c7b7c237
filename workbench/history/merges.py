"""Two speakers of a recording who became one, and may be two again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.errors import NotFound
from workbench.history.jobs import to_json
from workbench.history.speakers import blob_of, changed, embedding_of, one_of
from workbench.history.transcripts import Transcripts

NEAR_S = 1e-6


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A speaker ``key`` who became ``into``; ``name`` is what it was called, None for no name."""

    key: str
    into: str
    name: str | None


def merges_of(history: Transcripts, job_id: str) -> list[MergeRow]:
    """Returns what can be parted, the latest first: of those who became somebody who is still there."""
    with history.reading() as db:
        rows = db.execute(
            "SELECT key, into_key, coalesce(voices.name, speaker_merges.name) AS name FROM speaker_merges"
            " LEFT JOIN voices ON voices.id = voice_id WHERE job_id = ? AND EXISTS"
            " (SELECT 1 FROM speakers WHERE speakers.job_id = speaker_merges.job_id AND speakers.key = into_key)"
            " ORDER BY seq DESC",
            (job_id,),
        )
        return [MergeRow(row["key"], row["into_key"], row["name"]) for row in rows]


def merge_speakers(history: Transcripts, job_id: str, key: str, into: str) -> None:
    """Makes two people of a recording one; raises NotFound ``speaker_unknown``."""
    with history.transaction() as db:
        gone, kept = one_of(db, job_id, key), one_of(db, job_id, into)
        _remember(db, gone, kept)
        for table in ("segments", "turns"):
            db.execute(f"UPDATE {table} SET speaker = ? WHERE job_id = ? AND speaker = ?", (into, job_id, key))
        if kept["name"] is None:
            db.execute("UPDATE voice_names SET key = ? WHERE job_id = ? AND key = ?", (into, job_id, key))
        db.execute("DELETE FROM speakers WHERE job_id = ? AND key = ?", (job_id, key))
        db.execute(
            "UPDATE speakers SET speech_s = ?, name = ?, embedding = ? WHERE job_id = ? AND key = ?",
            (
                gone["speech_s"] + kept["speech_s"], kept["name"] or gone["name"],
                blob_of(_between(gone, kept)), job_id, into,
            ),
        )  # fmt: skip
        changed(db, job_id)


def part_speaker(history: Transcripts, job_id: str, key: str) -> None:
    """Makes a speaker who became another one somebody of his own again, with what is left of his lines.

    Lines that were given to a third person since then stay there. Raises NotFound ``speaker_unknown``.
    """
    with history.transaction() as db:
        row = db.execute(
            "SELECT * FROM speaker_merges WHERE job_id = ? AND key = ? ORDER BY seq DESC LIMIT 1", (job_id, key)
        ).fetchone()
        if row is None:
            raise NotFound("speaker_unknown", key=key)
        kept = one_of(db, job_id, row["into_key"])
        name = _take_name(db, row, kept)
        db.execute(
            "INSERT INTO speakers VALUES (?, ?, ?, ?, ?)", (job_id, key, name, row["speech_s"], row["embedding"])
        )
        if row["voice_id"] is not None:
            score = row["voice_score"]
            db.execute("INSERT OR REPLACE INTO voice_names VALUES (?, ?, ?, ?)", (job_id, key, row["voice_id"], score))
        db.execute(
            "UPDATE speakers SET speech_s = max(0, speech_s - ?), embedding = ? WHERE job_id = ? AND key = ?",
            (row["speech_s"], row["into_embedding"], job_id, row["into_key"]),
        )
        _give_back(db, row)
        db.execute("DELETE FROM speaker_merges WHERE job_id = ? AND seq = ?", (job_id, row["seq"]))
        changed(db, job_id)


def _remember(db: sqlite3.Connection, gone: Mapping[str, Any], kept: Mapping[str, Any]) -> None:
    place = (gone["job_id"], gone["key"])
    lines = db.execute("SELECT number FROM segments WHERE job_id = ? AND speaker = ? ORDER BY number", place)
    numbers = [row["number"] for row in lines]
    turns = [list(row) for row in db.execute('SELECT start, "end" FROM turns WHERE job_id = ? AND speaker = ?', place)]
    voice = db.execute("SELECT voice_id, score FROM voice_names WHERE job_id = ? AND key = ?", place).fetchone()
    seq = db.execute("SELECT coalesce(max(seq), 0) + 1 FROM speaker_merges WHERE job_id = ?", place[:1]).fetchone()[0]
    db.execute(
        "INSERT INTO speaker_merges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            gone["job_id"], seq, gone["key"], kept["key"], gone["name"] if voice is None else None,
            voice and voice["voice_id"], voice and voice["score"], int(kept["name"] is None and bool(gone["name"])),
            gone["speech_s"], gone["embedding"], kept["embedding"], to_json(numbers), to_json(turns),
        ),
    )  # fmt: skip


def _take_name(db: sqlite3.Connection, row: sqlite3.Row, kept: Mapping[str, Any]) -> str | None:
    """Returns the name of the one who comes back; the other one loses it who took it, unless it is another by now."""
    name = row["name"]
    if row["voice_id"] is not None:
        name = db.execute("SELECT name FROM voices WHERE id = ?", (row["voice_id"],)).fetchone()["name"]
    if row["gave_name"] and name is not None and kept["name"] == name:
        place = (row["job_id"], row["into_key"])
        db.execute("UPDATE speakers SET name = NULL WHERE job_id = ? AND key = ?", place)
        db.execute("DELETE FROM voice_names WHERE job_id = ? AND key = ?", place)
    return str(name) if name is not None else None


def _give_back(db: sqlite3.Connection, row: sqlite3.Row) -> None:
    job_id, into, key = row["job_id"], row["into_key"], row["key"]
    db.executemany(
        "UPDATE segments SET speaker = ? WHERE job_id = ? AND number = ? AND speaker = ?",
        [(key, job_id, number, into) for number in json.loads(row["lines"])],
    )
    db.executemany(
        'UPDATE turns SET speaker = ? WHERE job_id = ? AND speaker = ? AND start >= ? AND "end" <= ?',
        [(key, job_id, into, start - NEAR_S, end + NEAR_S) for start, end in json.loads(row["turns"])],
    )


def _between(one: Mapping[str, Any], other: Mapping[str, Any]) -> npt.NDArray[np.float32] | None:
    """Returns the voice of two people who are one: the mean by how long each is heard."""
    first, second = embedding_of(one["embedding"]), embedding_of(other["embedding"])
    if first is None or second is None:
        return first if second is None else second
    mean = first * max(one["speech_s"], 0.1) + second * max(other["speech_s"], 0.1)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-9), np.float32)
