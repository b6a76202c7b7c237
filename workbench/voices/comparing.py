"""Are these two one person? One voice against another, and one against many."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from media.likeness import answer
from workbench.voices.telling import answer_told, place_told
from workbench.voices.voices import Ref, Voices

MOST_AGAINST = 500


def compare(voices: Voices, first: Ref, second: Ref, who: str) -> dict[str, Any]:
    """Returns whether two voices are one person's, or that this cannot be said; see ``answer_told``."""
    pair = voices.heard(first), voices.heard(second)
    place = voices.place()
    found = answer(pair[0][1], pair[1][1], place.cohort, place.rule)
    voices.note_use((first, second), who)
    return answer_told(found, pair, place)


def rank(voices: Voices, one: Ref, against: Sequence[Ref], who: str) -> dict[str, Any]:
    """Returns the likeness of one voice to many, the likest first; without ``against`` to all known voices.

    ``expected_wrong`` says how many strangers among so many would be called the same by chance.
    """
    place = voices.place()
    refs = tuple(against) or tuple(Ref(voice_id=voice.id) for voice in place.voices if voice.id != one.voice_id)
    title, heard = voices.heard(one)
    lines = []
    for ref in refs[:MOST_AGAINST]:
        name, other = voices.heard(ref)
        found = answer(heard, other, place.cohort, place.rule)
        lines.append((found, name, other))
    lines.sort(key=lambda line: -line[0].score)
    voices.note_use((one, *refs), who)
    return {
        "title": title,
        "speech_s": round(heard.speech_s, 1),
        "expected_wrong": round(len(lines) * place.rule.wrong_share, 4),
        "same_from": round(place.rule.same_from(), 3),
        "lines": [
            {
                "title": name,
                "says": found.says,
                "score": round(found.score, 3),
                "speech_s": round(other.speech_s, 1),
                "reasons": [{"code": why.code, "clip": why.clip, "value": why.value} for why in found.reasons],
            }
            for found, name, other in lines
        ],
        "place": place_told(place),
    }
