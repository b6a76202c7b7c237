"""Every task that a job can have."""

from __future__ import annotations

from collections.abc import Mapping

from engines.base import Task
from workbench.tasks.sound import SoundWork
from workbench.tasks.speakers import SpeakersWork
from workbench.tasks.transcribe import TranscribeWork
from workbench.tasks.work import Work

WORKS: Mapping[str, Work] = {
    Task.TRANSCRIBE: TranscribeWork(),
    Task.SPEAKERS: SpeakersWork(),
    Task.SOUND: SoundWork(),
}
