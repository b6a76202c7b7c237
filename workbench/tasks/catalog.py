"""Every task that a job can have."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engines.base import Task
from workbench.tasks.aloud import AloudWork
from workbench.tasks.sound import SoundWork
from workbench.tasks.speakers import SpeakersWork
from workbench.tasks.transcribe import TranscribeWork
from workbench.tasks.video import VideoWork
from workbench.tasks.work import Work
from workbench.tasks.writing import WriteWork

WORKS: Mapping[str, Work] = {
    Task.TRANSCRIBE: TranscribeWork(),
    Task.SPEAKERS: SpeakersWork(),
    Task.SOUND: SoundWork(),
    Task.WRITE: WriteWork(),
    Task.ALOUD: AloudWork(),
    Task.VIDEO: VideoWork(),
}


def task_of(request: Any) -> str:
    """Returns the task that a request asks for; raises TypeError for what is no request."""
    for task, work in WORKS.items():
        if isinstance(request, work.asked):
            return str(task)
    raise TypeError(f"no task has requests of {type(request)}")
