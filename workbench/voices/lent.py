"""Voices that come along with one recording: its speakers are named by them, and the voices are forgotten."""

from __future__ import annotations

from collections.abc import Sequence

from media.likeness import Heard, named
from workbench.history.history import History
from workbench.history.speakers import speakers_of
from workbench.voices.clips import Clips
from workbench.voices.place import place_of


def names_by(history: History, clips: Clips, job_id: str, lent: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Returns names for those speakers of a recording who are heard in ``lent``, as ``(name, job of the clip)``.

    The rule is that of known voices, so a speaker may stay without a name. Nothing is written down. Raises JobError
    ``voice_not_heard`` for a clip without speech.
    """
    known: dict[str, list[Heard]] = {}
    for name, clip in lent:
        known.setdefault(name, []).append(clips.heard(clip, None)[2])
    people = [one for one in speakers_of(history, job_id) if one.embedding is not None]
    if not known or not people:
        return {}
    place = place_of(history)
    heard = [Heard(one.embedding, one.speech_s) for one in people if one.embedding is not None]
    found = named(heard, list(known.values()), place.cohort, place.rule)
    names = list(known)
    return {person.key: names[who[0]] for person, who in zip(people, found, strict=True) if who is not None}
