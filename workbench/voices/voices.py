"""Known voices: enrolled with consent, used, shown, taken back; every use is written down."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from media.likeness import Heard, mean, score
from workbench.errors import JobError, NotFound
from workbench.events import Events
from workbench.history.history import History
from workbench.history.speakers import speakers_of
from workbench.history.voices import (
    Consent,
    LogRow,
    RecordingRow,
    VoiceRow,
    count_named,
    delete_voice,
    keys_named,
    log_of,
    name_by_voice,
    rename_voice,
    set_wrong_share,
    spoken_recordings,
    voice_of,
    voices_of,
    write_log,
    write_voice,
)
from workbench.voices.clips import Clips, is_clip, several
from workbench.voices.naming import name_known
from workbench.voices.place import Place, day, place_of
from workbench.voices.telling import exported, log_told, voice_told

NEEDED_S = 10.0
"""So much net speech a voice is known from, over all of its recordings."""
NEEDED_EACH_S = 3.0
LEAST_CLEAR_DB = 6.0
LOG_SHOWN = 200
MOST_LOOKED_AT = 2_000
SEEN_AGAIN_S = 600.0


@dataclass(frozen=True, slots=True)
class Ref:
    """A voice to work with: a known one, or a speaker of a recording (without ``key`` who speaks longest)."""

    job_id: str | None = None
    key: str | None = None
    voice_id: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A voice to be known: ``anyway`` where another name is known for a voice that is this like."""

    name: str
    consent: Consent
    refs: tuple[Ref, ...]
    anyway: bool = False


class Voices:
    """The known voices of one data folder; ``who`` is everywhere the address that asks."""

    def __init__(self, history: History, events: Events, clips: Clips) -> None:
        self._history = history
        self._events = events
        self.clips = clips
        self._seen: dict[str, float] = {}

    def place(self) -> Place:
        """Measures the place as it is now."""
        return place_of(self._history)

    def all(self, who: str) -> dict[str, Any]:
        """Returns ``{"voices", "rule"}``; that somebody looked is written down, once in ten minutes."""
        now = self._history.clock()
        if now - self._seen.get(who, -SEEN_AGAIN_S) >= SEEN_AGAIN_S:
            self._seen[who] = now
            self._note(None, "seen", who)
        place, named = self.place(), count_named(self._history)
        today = day(now)
        return {
            "voices": [
                voice_told(voice, today, named.get(voice.id, 0), self._playable(voice))
                for voice in voices_of(self._history)
            ],
            "wrong_share": place.rule.wrong_share,
            "needed_s": NEEDED_S,
            "pairs": {"different": len(place.different), "same": len(place.same), "cohort": len(place.cohort)},
            "log": [log_told(row) for row in log_of(self._history, None, LOG_SHOWN)],
        }

    def enrol(self, wanted: Wanted, who: str) -> str:
        """Makes a voice known; returns its id.

        Raises JobError with the reason where the recordings do not do: ``voice_too_little``, ``voice_too_noisy``,
        ``voice_several``, ``voice_recordings_differ``, ``voice_known``, ``voice_ended``.
        """
        agreed = wanted.consent
        if agreed.ends_on is not None and agreed.ends_on < day(self._history.clock()):
            raise JobError("voice_ended", status=422)
        recordings, heard = self._recordings(wanted.refs)
        place = self.place()
        _alike(recordings, heard, place)
        if not wanted.anyway:
            self._unknown(heard, place)
        voice = VoiceRow(secrets.token_hex(8), wanted.name, agreed, self._history.clock(), tuple(recordings))
        with self._history.transaction():
            write_voice(self._history, voice)
            jobs = self._name_sources(voice, wanted.refs)
            self._note(voice.id, "enrolled", who)
        self._events.publish(*jobs)
        return voice.id

    def add(self, voice_id: str, refs: Sequence[Ref], who: str) -> None:
        """Adds recordings to a voice; raises what ``enrol`` raises, and NotFound ``voice_unknown``."""
        voice = voice_of(self._history, voice_id)
        known = {one.job_id for one in voice.recordings if one.job_id}
        fresh = [ref for ref in refs if ref.job_id not in known]
        if not fresh:
            raise JobError("voice_recording_known", status=422)
        recordings, heard = self._recordings(fresh, sum(one.speech_s for one in voice.recordings))
        before = [Heard(one.embedding, one.speech_s, one.clear_db) for one in voice.recordings]
        _alike([*voice.recordings, *recordings], [*before, *heard], self.place())
        grown = replace(voice, recordings=(*voice.recordings, *recordings))
        with self._history.transaction():
            write_voice(self._history, grown)
            jobs = self._name_sources(grown, fresh)
            self._note(voice_id, "added", who)
        self._events.publish(*jobs)

    def look(self, job_id: str | None, who: str) -> int:
        """Names the known voices among speakers without a name, of one transcript or of the newest
        ``MOST_LOOKED_AT``; returns how many speakers. Raises NotFound.
        """
        if job_id is not None:
            self.clips.told(job_id)
        jobs = [job_id] if job_id else [one[0] for one in spoken_recordings(self._history, MOST_LOOKED_AT)]
        place = self.place()
        named = {}
        for job in jobs:
            with self._history.transaction():
                named[job] = name_known(self._history, job, place, who)
        self._events.publish(*(job for job, n in named.items() if n))
        return sum(named.values())

    def change(self, voice_id: str, name: str, ends_on: str | None, who: str) -> None:
        """Gives a voice another name or end; transcripts that it named carry the new name then."""
        voice_of(self._history, voice_id)
        if ends_on is not None and ends_on < day(self._history.clock()):
            raise JobError("voice_ended", status=422)
        with self._history.transaction():
            jobs = rename_voice(self._history, voice_id, name, ends_on)
            self._note(voice_id, "changed", who)
        self._events.publish(*jobs)

    def revoke(self, voice_id: str, who: str, what: str = "deleted") -> int:
        """Deletes a voice with what was sent for it; returns how many transcripts are without its name now."""
        voice = voice_of(self._history, voice_id)
        with self._history.transaction():
            jobs = delete_voice(self._history, voice_id)
            self._note(voice_id, what, who)
        self.clips.delete([one.job_id for one in voice.recordings if one.job_id])
        self._events.publish(*jobs)
        return len(jobs)

    def export(self, voice_id: str, who: str) -> dict[str, Any]:
        """Returns all that is known of a voice as JSON, with its embeddings."""
        voice = voice_of(self._history, voice_id)
        self._note(voice_id, "exported", who)
        return exported(voice)

    def sample(self, voice_id: str, who: str) -> tuple[Path, float, float]:
        """Returns the working file and the stretch in which a voice is heard; raises NotFound ``sound_missing``."""
        found = self._playable(voice_of(self._history, voice_id))
        if found is None:
            raise NotFound("sound_missing")
        self._note(voice_id, "played", who)
        return found

    def log(self, voice_id: str) -> list[dict[str, Any]]:
        """Returns who saw, heard or used a voice, newest first."""
        voice_of(self._history, voice_id)
        return [log_told(row) for row in log_of(self._history, voice_id, LOG_SHOWN)]

    def set_wrong_share(self, share: float, who: str) -> None:
        """Chooses how often a stranger may be given a name."""
        set_wrong_share(self._history, share)
        self._note(None, "rule", who)

    def heard(self, ref: Ref) -> tuple[str, Heard]:
        """Returns what a voice is called, and the voice; raises NotFound, JobError ``voice_not_heard``."""
        if ref.voice_id is not None:
            voice = voice_of(self._history, ref.voice_id)
            if voice.consent.ends_on is not None and voice.consent.ends_on < day(self._history.clock()):
                raise NotFound("voice_unknown")
            return voice.name, mean([Heard(one.embedding, one.speech_s, one.clear_db) for one in voice.recordings])
        row, person, heard = self.clips.heard(ref.job_id or "", ref.key)
        return person.name or row.title, heard

    def note_use(self, refs: Sequence[Ref], who: str) -> None:
        """Writes down that voices were compared."""
        self._log([LogRow(self._history.clock(), ref.voice_id, "compared", who) for ref in refs if ref.voice_id])

    def tidy(self) -> None:
        """Deletes voices whose time is over, and recordings that were only compared."""
        today = day(self._history.clock())
        for voice in voices_of(self._history):
            if voice.consent.ends_on is not None and voice.consent.ends_on < today:
                self.revoke(voice.id, "", "expired")
        self.clips.tidy()

    def _recordings(self, refs: Sequence[Ref], known_s: float = 0.0) -> tuple[list[RecordingRow], list[Heard]]:
        """Returns what refs point to; raises JobError where one is no good, or all together are too little."""
        rows, found = [], []
        for ref in dict.fromkeys(refs):
            row, person, heard = self.clips.heard(ref.job_id or "", ref.key)
            if is_clip(row) and several(speakers_of(self._history, row.id)):
                raise JobError("voice_several", status=422, title=row.title)
            if heard.clear_db is not None and heard.clear_db < LEAST_CLEAR_DB:
                raise JobError("voice_too_noisy", status=422, title=row.title)
            if heard.speech_s < NEEDED_EACH_S:
                values = {"title": row.title, "seconds": round(heard.speech_s, 1), "needed": round(NEEDED_EACH_S)}
                raise JobError("voice_recording_short", status=422, **values)
            stretch = self.clips.sample(row.id, person.key)
            found.append(heard)
            rows.append(RecordingRow(row.id, row.title, stretch, heard.speech_s, heard.clear_db, heard.embedding))
        total = known_s + sum(one.speech_s for one in found)
        if total < NEEDED_S:
            raise JobError("voice_too_little", status=422, seconds=round(total, 1), needed=round(NEEDED_S))
        return rows, found

    def _unknown(self, heard: Sequence[Heard], place: Place) -> None:
        whole = mean(heard)
        for voice, recordings in zip(place.voices, place.known, strict=True):
            if score(whole.embedding, mean(recordings).embedding, place.cohort) >= place.rule.same_from():
                raise JobError("voice_known", status=409, name=voice.name)

    def _name_sources(self, voice: VoiceRow, refs: Sequence[Ref]) -> list[str]:
        """Names the speakers that a voice was taken from, unless somebody named them; returns the recordings."""
        named = []
        for ref in refs:
            row, person, _ = self.clips.heard(ref.job_id or "", ref.key)
            if not is_clip(row) and (person.name is None or person.key in keys_named(self._history, row.id)):
                name_by_voice(self._history, row.id, person.key, voice, None)
                named.append(row.id)
        return named

    def _playable(self, voice: VoiceRow) -> tuple[Path, float, float] | None:
        for one in voice.recordings:
            row = self._history.job(one.job_id) if one.job_id else None
            if row is None or row.deleted_at is not None or one.sample is None or not row.input_sha256:
                continue
            pcm = self.clips.pcm(row)
            if pcm.is_file():
                return (pcm, *one.sample)
        return None

    def _note(self, voice_id: str | None, what: str, who: str) -> None:
        self._log([LogRow(self._history.clock(), voice_id, what, who)])

    def _log(self, rows: Sequence[LogRow]) -> None:
        write_log(self._history, rows)


def _alike(recordings: Sequence[RecordingRow], heard: Sequence[Heard], place: Place) -> None:
    """Raises JobError ``voice_recordings_differ`` where one recording is not of the person of the others."""
    limit = place.rule.same_from()
    for at, one in enumerate(heard):
        others = [other for number, other in enumerate(heard) if number != at]
        if others and score(one.embedding, mean(others).embedding, place.cohort) < limit:
            raise JobError("voice_recordings_differ", status=422, title=recordings[at].title)
