"""What planning takes from the history: when recordings came and how long they were, and how fast models have been."""

from __future__ import annotations

import json
from typing import Any

from workbench.history.database import Database

MOST = 50_000


def arrivals(history: Database, since: float) -> list[tuple[float, float, str, str]]:
    """Returns (seconds since 1970, length in seconds, who, lane) of the last recordings, the oldest first.

    Who is a number in place of a name. What was answered from a stored result, or is live, cost no waiting.
    """
    with history.reading() as db:
        rows = db.execute(
            "SELECT created_at, duration_s, owner, lane FROM jobs WHERE created_at >= ? AND duration_s > 0"
            " AND copied_from IS NULL AND lane != 'live' AND task = 'automatic-speech-recognition'"
            " ORDER BY created_at DESC LIMIT ?",
            (since, MOST),
        ).fetchall()
    names: dict[str, str] = {}
    return [(row[0], row[1], names.setdefault(row[2], f"person {len(names)}"), row[3]) for row in reversed(rows)]


def speeds(history: Database) -> list[tuple[str, str, float]]:
    """Returns (model, device, seconds of sound a second) as learned from real work, the best known precision first."""
    with history.reading() as db:
        rows = db.execute("SELECT model, device, realtime_x FROM speeds ORDER BY n_samples DESC").fetchall()
    return [(row[0], row[1], row[2]) for row in rows]


def measured(history: Database) -> list[dict[str, Any]]:
    """Returns what calibration found, the newest first: model, hardware, precision, memory in MiB, speeds by batch."""
    with history.reading() as db:
        if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'measurements'").fetchone():
            return []
        rows = db.execute(
            "SELECT model, hardware, precision, resident_mib, working_base_mib, working_item_mib, speeds"
            " FROM measurements ORDER BY measured_at DESC"
        ).fetchall()
    names = ("model", "hardware", "precision", "resident_mib", "working_base_mib", "working_item_mib")
    return [dict(zip(names, row[:6], strict=True)) | {"speeds": json.loads(row[6])} for row in rows]
