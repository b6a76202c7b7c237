"""The end of telling speakers apart: voices become turns, and the lines of the transcript get their speakers."""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np

from media.transcript import Segment, Word
from media.turns import share_out
from media.voices import Speakers
from workbench.history.history import History
from workbench.history.rows import SegmentRow
from workbench.history.speakers import SpeakerRow, TurnRow, speakers_of, write_speakers
from workbench.history.voices import keys_named
from workbench.running.board import ActiveJob
from workbench.voices.naming import name_known

log = logging.getLogger(__name__)
SAME_PERSON = 0.6
"""Speakers of two passes over one recording whose voices are this like keep the name that somebody gave them."""


class SpeakersEnding:
    """Ends jobs that tell the speakers of another job's transcript apart."""

    def __init__(self, history: History) -> None:
        self._history = history

    def end(self, job: ActiveJob, found: Speakers) -> bool:
        """Writes who spoke and ends the job, together; False, and nothing is written, if it has ended already."""
        row = self._history.job(job.id)
        parent = self._history.job(row.parent_id) if row is not None and row.parent_id else None
        notes = [] if found.turns else [{"code": "no_voices", "values": {}}]
        with self._history.transaction():
            if not self._history.finish_job(job.id, [], [*job.notes, *notes], None):
                return False
            if row is not None and row.parent_id is None:
                self._write(job.id, found)
            elif parent is not None and parent.status == "succeeded":
                self._write(parent.id, found)
                name_known(self._history, parent.id)
        return True

    def _write(self, job_id: str, found: Speakers) -> None:
        rows = self._history.segments(job_id, limit=-1)
        parts = share_out([_segment(row) for row in rows], found.turns)
        by_voice = keys_named(self._history, job_id)
        before = [one for one in speakers_of(self._history, job_id) if one.key not in by_voice]
        people = named_again(people_of(found), before)
        turns = [TurnRow(turn.start, turn.end, str(turn.speaker + 1)) for turn in found.turns]
        write_speakers(self._history, job_id, people, turns, [(rows[part.index], part) for part in parts])


def people_of(found: Speakers) -> list[SpeakerRow]:
    """Returns the speakers as they are stored, without names."""
    voices = [one if one.any() else None for one in np.asarray(found.embeddings, np.float32)]
    voices = voices or [None] * len(found.speech_s)
    return [SpeakerRow(str(number + 1), None, seconds, voices[number]) for number, seconds in enumerate(found.speech_s)]


def named_again(people: list[SpeakerRow], before: list[SpeakerRow]) -> list[SpeakerRow]:
    """Returns the people with the names that somebody gave to the same voices, or channels, in an earlier pass."""
    unheard = {one.key: one.name for one in before if one.embedding is None}
    known = [one for one in before if one.name and one.embedding is not None]
    taken: set[str] = set()
    found = []
    for person in people:
        likest = max((one for one in known if one.key not in taken), key=lambda one: _like(person, one), default=None)
        if likest is not None and _like(person, likest) >= SAME_PERSON:
            taken.add(likest.key)
            person = replace(person, name=likest.name)
        elif person.embedding is None:
            person = replace(person, name=unheard.get(person.key))
        found.append(person)
    return found


def _like(one: SpeakerRow, other: SpeakerRow) -> float:
    if one.embedding is None or other.embedding is None:
        return -1.0
    return float(one.embedding @ other.embedding)


def _segment(row: SegmentRow) -> Segment:
    words = tuple(Word(start, end, text, probability) for start, end, text, probability in row.words)
    return Segment(row.start, row.end, row.text, words, row.language, row.speaker, row.avg_logprob, flags=row.flags)
