"""Who spoke in a recording, as screens and endpoints ask for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.errors import JobError
from workbench.history.merges import MergeRow, merge_speakers, merges_of, part_speaker
from workbench.history.speakers import (
    SpeakerRow,
    TurnRow,
    give_lines,
    name_speaker,
    speakers_of,
    turns_of,
)
from workbench.records import Records

SAMPLE_S = 10.0
"""As much of a speaker is played as it takes to know a voice."""


class People(Records):
    """The half of ``Records`` that is about speakers."""

    def speakers(self, job_id: str) -> dict[str, Any]:
        """Returns ``{"speakers", "turns"}``.

        Each speaker has ``key``, ``name`` (None until somebody gives one), ``speech_s``, ``share`` of all speech,
        ``sample`` ``(start, end)``, the longest stretch of at most ten seconds in which nobody else speaks, and
        ``merged``, the ``{"key", "name"}`` of those who became this one, the latest first; ``turns`` are
        ``[start, end, key]``.
        """
        self._row(job_id)
        people, turns = speakers_of(self.history, job_id), turns_of(self.history, job_id)
        samples = samples_of(turns)
        spoken_s = sum(one.speech_s for one in people)
        merged = merges_of(self.history, job_id)
        return {
            "speakers": [_told(one, spoken_s, samples.get(one.key), merged) for one in people],
            "turns": [[turn.start, turn.end, turn.speaker] for turn in turns],
        }

    def name_speaker(self, job_id: str, key: str, name: str | None) -> None:
        """Calls a speaker by a name; raises NotFound ``speaker_unknown``."""
        self._finished(job_id)
        name_speaker(self.history, job_id, key, " ".join((name or "").split()) or None)
        self.events.publish(job_id)

    def merge_speakers(self, job_id: str, key: str, into: str) -> None:
        """Makes two speakers one; raises NotFound ``speaker_unknown``, JobError ``speakers_same``."""
        self._finished(job_id)
        if key == into:
            raise JobError("speakers_same", status=422)
        merge_speakers(self.history, job_id, key, into)
        self.events.publish(job_id)

    def part_speaker(self, job_id: str, key: str) -> None:
        """Makes a speaker who became another one a person of its own again; raises NotFound ``speaker_unknown``."""
        self._finished(job_id)
        part_speaker(self.history, job_id, key)
        self.events.publish(job_id)

    def give_lines(self, job_id: str, numbers: Sequence[int], key: str | None) -> str:
        """Gives lines to another speaker, or to a new one; returns the key."""
        self._finished(job_id)
        given = give_lines(self.history, job_id, numbers, key)
        self.events.publish(job_id)
        return given


def samples_of(turns: Sequence[TurnRow]) -> dict[str, tuple[float, float]]:
    """Returns for each speaker the longest stretch alone, of at most ``SAMPLE_S`` seconds."""
    found: dict[str, tuple[float, float]] = {}
    ordered = sorted(turns, key=lambda turn: turn.start)
    for at, turn in enumerate(ordered):
        start, end = turn.start, turn.end
        if at and ordered[at - 1].end > start:
            start = min(end, ordered[at - 1].end)
        if at + 1 < len(ordered):
            end = max(start, min(end, ordered[at + 1].start))
        known = found.get(turn.speaker, (0.0, 0.0))
        if min(end - start, SAMPLE_S) > known[1] - known[0]:
            found[turn.speaker] = (round(start, 2), round(min(end, start + SAMPLE_S), 2))
    return found


def _told(
    one: SpeakerRow, spoken_s: float, sample: tuple[float, float] | None, merged: Sequence[MergeRow]
) -> dict[str, Any]:
    return {
        "key": one.key,
        "name": one.name,
        "speech_s": round(one.speech_s, 1),
        "share": round(one.speech_s / spoken_s, 4) if spoken_s else 0.0,
        "sample": list(sample) if sample else None,
        "merged": [{"key": other.key, "name": other.name} for other in merged if other.into == one.key],
    }
