"""Names the speakers of a recording whose voices are known; all others stay unknown."""

from __future__ import annotations

from media.likeness import Heard, named
from workbench.history.history import History
from workbench.history.speakers import speakers_of
from workbench.history.voices import LogRow, name_by_voice, write_log
from workbench.voices.place import Place, place_of


def name_known(history: History, job_id: str, place: Place | None = None, who: str = "") -> int:
    """Names those speakers of a recording whom nobody has named yet and whose voice is known; returns how many.

    ``place`` is measured anew where it is not given; ``who`` asked for it, nobody when it comes by itself.
    """
    place = place or place_of(history)
    people = [one for one in speakers_of(history, job_id) if one.embedding is not None]
    if not place.voices or not people:
        return 0
    heard = [Heard(one.embedding, one.speech_s) for one in people if one.embedding is not None]
    found = named(heard, place.known, place.cohort, place.rule)
    used = []
    for person, known in zip(people, found, strict=True):
        if known is None or person.name is not None:
            continue
        voice = place.voices[known[0]]
        if name_by_voice(history, job_id, person.key, voice, round(known[1], 4)):
            used.append(LogRow(history.clock(), voice.id, "named", who, job_id))
    write_log(history, used)
    return len(used)
