"""Recordings that are sent for a voice alone: heard like any other, and in no list."""

from __future__ import annotations

import secrets
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from engines.base import Task
from engines.requests import SoundRequest, SpeakersRequest
from media.audio import read_pieces
from media.clarity import clearness_db
from media.likeness import Heard
from media.working_file import PCM
from workbench.artifacts import Artifacts
from workbench.errors import JobError, NotFound
from workbench.history.artifacts import cleaned_by
from workbench.history.history import History
from workbench.history.rows import JobRow, NewJob
from workbench.history.speakers import SpeakerRow, TurnRow, speakers_of, turns_of
from workbench.history.voices import clips_unused, delete_clips, spoken_recordings
from workbench.sound.first import heard_at
from workbench.tasks.sound import SoundWork
from workbench.uploads import Uploads, title_of
from workbench.voices.people import samples_of

if TYPE_CHECKING:
    from workbench.machine.models import Models

MOST_SHOWN = 50
CLIP_AGE_S = 24 * 3600.0
"""A recording that was only compared is deleted after a day."""
LISTENED_S = 60.0
"""As much of a speaker tells how clear the sound is."""
OTHERS_SHARE, OTHERS_S = 0.15, 1.5
"""When others speak for more than this part of a recording, and for so long, it is not one person's."""


class Accepts(Protocol):
    """Puts stored jobs to work; ``workbench.acceptance.Acceptance`` does."""

    def resume(self, row: JobRow | None) -> None: ...


class Clips:
    """Hears voices: of recordings that were sent for it, and of the speakers of transcripts."""

    def __init__(
        self, history: History, uploads: Uploads, artifacts: Artifacts, models: Models, acceptance: Accepts
    ) -> None:
        self._history = history
        self._uploads = uploads
        self._artifacts = artifacts
        self._models = models
        self._acceptance = acceptance

    def take(self, upload_id: str, owner: str, clean: str | None = None) -> str:
        """Has an upload heard, with its sound cleaned up first by ``clean`` (a ``kind`` of ``SoundRequest``); returns
        the job that does. Raises NotFound, JobError ``pack_missing`` or ``sound_no_library``.
        """
        upload = self._uploads.find(upload_id)
        spec = self._models.of_task(Task.SPEAKERS)[0]
        if not self._models.has_pack(spec):
            raise JobError("pack_missing", status=409, pack=spec.pack, title=spec.title)
        if clean is not None:
            SoundWork().model(SoundRequest(kind=clean), self._models)
        job = NewJob(
            id=secrets.token_hex(8),
            task=str(Task.SPEAKERS),
            title=title_of(upload.name),
            source_name=upload.name,
            input_sha256=upload.sha256,
            owner=owner,
            request=SpeakersRequest(clean=clean).to_dict(),
            model=spec.name,
            fingerprint="",
        )
        with self._history.transaction():
            self._history.add_input(upload.sha256, upload.size)
            self._history.add_jobs([job])
        self._uploads.spend(upload_id)
        self._acceptance.resume(self._history.job(job.id))
        return job.id

    def told(self, job_id: str) -> dict[str, Any]:
        """Returns the people of a recording, who speaks longest first; ``several`` where it is not one person's.

        Each has ``key``, ``name``, ``speech_s``, ``clear_db`` and ``sample``.
        """
        row = self._row(job_id)
        turns = turns_of(self._history, job_id)
        samples = samples_of(turns)
        people = sorted(speakers_of(self._history, job_id), key=lambda one: -one.speech_s)
        return {
            "job": row.id,
            "title": row.title,
            "clip": is_clip(row),
            "cleaned": bool(is_clip(row) and row.request.get("clean")),
            "several": several(people),
            "people": [
                {
                    "key": one.key,
                    "name": one.name,
                    "speech_s": round(one.speech_s, 1),
                    "clear_db": self._clear(row, one.key, turns),
                    "sample": samples.get(one.key),
                }
                for one in people
            ],
        }

    def recordings(self) -> list[dict[str, Any]]:
        """Returns the newest transcripts whose speakers can be taken: ``job``, ``title``, ``created_at``."""
        found = spoken_recordings(self._history, MOST_SHOWN)
        return [{"job": job, "title": title, "created_at": at} for job, title, at in found]

    def heard(self, job_id: str, key: str | None) -> tuple[JobRow, SpeakerRow, Heard]:
        """Returns a speaker of a recording, without ``key`` the one who speaks longest.

        Raises NotFound ``speaker_unknown``, JobError ``voice_not_heard`` where nothing can be known of the voice.
        """
        row = self._row(job_id)
        people = speakers_of(self._history, job_id)
        if key is None:
            one = max(people, key=lambda one: one.speech_s, default=None)
        else:
            one = next((one for one in people if one.key == key), None)
            if one is None:
                raise NotFound("speaker_unknown", key=key)
        if one is None or one.embedding is None:
            raise JobError("voice_not_heard", status=422, title=row.title)
        clear = self._clear(row, one.key, turns_of(self._history, job_id))
        length = max(float(np.linalg.norm(one.embedding)), 1e-9)
        return row, one, Heard(one.embedding / np.float32(length), one.speech_s, clear)

    def sample(self, job_id: str, key: str) -> tuple[float, float] | None:
        """Returns the stretch in which a speaker is heard best."""
        return samples_of(turns_of(self._history, job_id)).get(key)

    def pcm(self, row: JobRow) -> Path:
        """Returns the working file that a recording's voices were heard in, which may be gone."""
        if is_clip(row) and row.request.get("clean"):
            return heard_at(self._artifacts, row.id) / PCM
        return self._uploads.folder(row.input_sha256 or "") / PCM

    def delete(self, job_ids: list[str]) -> None:
        """Deletes those of the recordings that were sent for a voice alone, with their sound."""
        cleaned = [cleaned_by(self._history, job_id) for job_id in job_ids]
        self._uploads.discard(delete_clips(self._history, job_ids))
        for job_id in (*job_ids, *filter(None, cleaned)):
            if self._history.job(job_id) is None:
                shutil.rmtree(self._artifacts.folder(job_id), ignore_errors=True)

    def tidy(self) -> None:
        """Deletes what was sent to be compared and has been."""
        self.delete(clips_unused(self._history, self._history.clock() - CLIP_AGE_S))

    def _row(self, job_id: str) -> JobRow:
        row = self._history.job(job_id)
        if row is None or row.deleted_at is not None:
            raise NotFound(id=job_id)
        return row

    def _clear(self, row: JobRow, key: str, turns: list[TurnRow]) -> float | None:
        pieces = [(turn.start, turn.end) for turn in turns if turn.speaker == key]
        kept, left = [], LISTENED_S
        for start, end in sorted(pieces, key=lambda piece: piece[0] - piece[1]):
            kept.append((start, min(end, start + left)))
            left -= min(end - start, left)
            if left <= 0:
                break
        try:
            return clearness_db(read_pieces(self.pcm(row), kept))
        except (OSError, ValueError):
            return None


def is_clip(row: JobRow) -> bool:
    """Tells whether a recording was sent for a voice alone."""
    return row.task == Task.SPEAKERS and row.parent_id is None


def several(people: list[SpeakerRow]) -> bool:
    """Tells whether others than the one who speaks longest are heard for more than a word."""
    spoken = sorted((one.speech_s for one in people), reverse=True)
    others = sum(spoken[1:])
    return others > OTHERS_S and others > OTHERS_SHARE * sum(spoken)
