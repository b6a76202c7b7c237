"""How known voices, their log and what is said of two voices are shown: plain JSON."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

from media.likeness import Answer, Heard
from workbench.history.voices import LogRow, VoiceRow
from workbench.voices.place import Place

MOST_POINTS = 300


def voice_told(voice: VoiceRow, today: str, n_named: int, sample: tuple[Path, float, float] | None) -> dict[str, Any]:
    """Returns a voice as lists show it, without its embeddings."""
    agreed = voice.consent
    return {
        "id": voice.id,
        "name": voice.name,
        "agreed_by": agreed.agreed_by,
        "agreed_on": agreed.agreed_on,
        "consent": agreed.text,
        "ends_on": agreed.ends_on,
        "ended": agreed.ends_on is not None and agreed.ends_on < today,
        "created_at": voice.created_at,
        "speech_s": round(sum(one.speech_s for one in voice.recordings), 1),
        "recordings": [{"title": one.title, "speech_s": round(one.speech_s, 1)} for one in voice.recordings],
        "n_named": n_named,
        "sample_s": round(sample[2] - sample[1], 1) if sample else None,
    }


def exported(voice: VoiceRow) -> dict[str, Any]:
    """Returns all that is known of a voice; embeddings are 192 float16 numbers, little endian, in base64."""
    agreed = voice.consent
    return {
        "format": "roomtone-voice-1",
        "name": voice.name,
        "consent": {
            "agreed_by": agreed.agreed_by,
            "agreed_on": agreed.agreed_on,
            "text": agreed.text,
            "ends_on": agreed.ends_on,
        },
        "created_at": voice.created_at,
        "model": "campplus",
        "recordings": [
            {
                "title": one.title,
                "speech_s": one.speech_s,
                "clear_db": one.clear_db,
                "embedding": base64.b64encode(one.embedding.astype("<f2").tobytes()).decode(),
            }
            for one in voice.recordings
        ],
    }


def log_told(row: LogRow) -> dict[str, Any]:
    """Returns one line of the log."""
    return {"at": row.at, "voice": row.voice_id, "what": row.what, "who": row.who, "job": row.job_id}


def place_told(place: Place) -> dict[str, Any]:
    """Returns where pairs of this place lie, for the picture."""
    rule = place.rule
    return {
        "local": rule.local,
        "wrong_share": rule.wrong_share,
        "different": _spread(rule.different.mean, rule.different.sd, place.different),
        "same": _spread(rule.same.mean, rule.same.sd, place.same),
        "n_cohort": len(place.cohort),
    }


def answer_told(found: Answer, pair: tuple[tuple[str, Heard], tuple[str, Heard]], place: Place) -> dict[str, Any]:
    """Returns what is said of two voices, with the picture's numbers."""
    return {
        "says": found.says,
        "score": round(found.score, 3),
        "same_from": round(found.same_from, 3),
        "different_to": round(found.different_to, 3),
        "reasons": [{"code": one.code, "clip": one.clip, "value": one.value} for one in found.reasons],
        "clips": [
            {"title": title, "speech_s": round(heard.speech_s, 1), "clear_db": heard.clear_db} for title, heard in pair
        ],
        "place": place_told(place),
    }


def _spread(mean: float, sd: float, points: tuple[float, ...]) -> dict[str, Any]:
    step = max(1, -(-len(points) // MOST_POINTS))
    shown = [round(value, 3) for value in sorted(points)[::step]]
    return {"mean": round(mean, 3), "sd": round(sd, 3), "n": len(points), "points": shown}
