"""The chain "clean up first": a text waits until another job has cleaned its sound, and is then heard from that."""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engines.base import Task
from engines.requests import SoundRequest
from media.errors import WorkbenchError
from media.working_file import PCM
from workbench.artifacts import Artifacts
from workbench.events import Events
from workbench.history.artifacts import cleaned_by
from workbench.history.history import History
from workbench.history.rows import JobRow, NewJob
from workbench.jobs import fingerprint
from workbench.running.board import ActiveJob, Board
from workbench.sound.sounding import RESULT
from workbench.sound.stored import give
from workbench.tasks.sound import MODELS

log = logging.getLogger(__name__)
LOOK_S = 2.0
"""So often the chain is looked at although nothing was told, so that a lost word holds nobody up for long."""
WRITING_SHARE = 0.1
"""What writing the file counts of the whole cleaning: windows take most of the time."""


STRENGTHS = {"denoise": 0.5}
"""With half of the original in it a model hears more words right than with all noise gone, which is worse than nothing
(docs/sound.md): what the network damages is covered by what it took away."""


class Resumes(Protocol):
    """What is needed of ``workbench.acceptance.Acceptance`` and of ``Endings``."""

    def resume(self, row: JobRow | None) -> None: ...


Fail = Callable[[ActiveJob, WorkbenchError], None]


@dataclass(slots=True)
class _Link:
    """A text on the board, and the job that cleans its sound."""

    text: ActiveJob
    sound_id: str
    held: bool


class CleanFirst:
    """Holds texts back until their sound is clean; a thread looks after them, so that no ending has to know of it."""

    def __init__(self, board: Board, history: History, events: Events, artifacts: Artifacts, fail: Fail) -> None:
        self._board = board
        self._history = history
        self._events = events
        self._artifacts = artifacts
        self._fail = fail
        self.acceptance: Resumes | None = None
        self._links: dict[str, _Link] = {}
        self._lock = threading.Lock()
        self._changes = events.subscribe()
        self._thread = threading.Thread(target=self._run, name="clean-first", daemon=True)

    def start(self) -> None:
        """Starts the thread."""
        self._thread.start()

    def close(self, timeout_s: float) -> None:
        """Ends the thread; call after the board is stopped."""
        self._changes.close()
        if self._thread.is_alive():
            self._thread.join(timeout_s)

    def orphaned(self, row: JobRow) -> bool:
        """Cancels a cleaning whose text does not wait for it any more; True where it did."""
        if row.task != Task.SOUND or row.parent_id is None:
            return False
        text = self._history.job(row.parent_id)
        return (text is None or text.ended) and self._history.cancel(row.id)

    def prepare(self, job: ActiveJob) -> None:
        """Gives a text the place of its cleaned sound, which need not be there yet; to be called before ``hold``.

        What a voice is heard in is kept beside it, as long as the voice is.
        """
        job.pcm = (heard_at if job.task == Task.SPEAKERS else Artifacts.work)(self._artifacts, job.id) / PCM

    def hold(self, job: ActiveJob, row: JobRow) -> None:
        """Lets a text that is on the board wait for its sound; makes the job that cleans it where there is none."""
        sound = self._history.job(cleaned_by(self._history, job.id) or "")
        heard, read = self._file(sound), job.reading == "done"
        if heard is None and not read and (sound is None or sound.status == "succeeded"):
            sound = self._history.job(self._made(row))
            heard = self._file(sound)
        link = _Link(job, sound.id if sound is not None else "", held=heard is None and not read)
        with self._lock:
            self._links[job.id] = link
        with self._board.changed:
            job.source = heard
            if link.held:
                job.reading, job.stage = "held", "cleaning"
            elif not read:
                job.reading = "waiting"
            self._board.changed.notify_all()
        if self.acceptance is not None and link.held and link.sound_id not in self._board.jobs:
            self.acceptance.resume(sound)

    def reopen(self, job_id: str) -> None:
        """Puts a job back in the queue, and the cleaning that it waited for in vain."""
        with self._lock:
            self._links.pop(job_id, None)
            self._history.reopen(job_id)
            sound = self._history.job(cleaned_by(self._history, job_id) or "")
            if sound is not None and sound.status in ("failed", "cancelled"):
                self._history.reopen(sound.id)

    def _made(self, row: JobRow) -> str:
        kind = str(row.request.get("clean"))
        request = SoundRequest(kind=kind, strength=STRENGTHS.get(kind, 1.0))
        model = MODELS[request.kind]
        made = NewJob(
            id=secrets.token_hex(8),
            task=str(Task.SOUND),
            title=row.title,
            source_name=row.source_name,
            input_sha256=row.input_sha256,
            owner=row.owner,
            lane=row.lane if row.lane != "live" else "interactive",
            request=request.to_dict(),
            model=model,
            fingerprint=f"{fingerprint(row.input_sha256 or '', request, model)} for a text",
            parent_id=row.id,
        )
        same = self._history.find_same(made.fingerprint)
        self._history.add_jobs([made])
        if same is not None:
            give(self._history, self._artifacts, same, made)
        return made.id

    def _file(self, sound: JobRow | None) -> Path | None:
        """Returns the cleaned sound, None while there is none."""
        if sound is None or sound.status != "succeeded":
            return None
        found = self._artifacts.find(sound.id, RESULT)
        return found[1] if found is not None else None

    def _run(self) -> None:
        while not self._board.stopping:
            self._changes.wait(LOOK_S)
            try:
                self.look()
            except WorkbenchError as error:
                log.warning("texts wait for their sound a little longer: %s", error)
            except Exception:
                log.exception("texts wait for their sound a little longer")

    def look(self) -> None:
        """Lets go what need not wait any more, and tells screens how far the rest is."""
        with self._lock:
            links = list(self._links.items())
        for job_id, link in links:
            if self._board.stopping:
                return
            if link.text.ended:
                self._gone(job_id, link)
            elif link.held:
                self._held(link)

    def _held(self, link: _Link) -> None:
        sound = self._history.job(link.sound_id)
        heard = self._file(sound)
        if heard is not None:
            with self._board.changed:
                link.held = False
                link.text.source, link.text.reading = heard, "waiting"
                link.text.stage, link.text.stage_progress = "waiting", None
                self._board.changed.notify_all()
            self._events.publish(link.text.id)
        elif sound is None or sound.status == "cancelled":
            self._history.cancel(link.text.id)
            self._board.remove(link.text.id)
            self._events.publish(link.text.id)
        elif sound.ended:
            lost = WorkbenchError("sound_lost", status=500, why=RESULT)
            failed = WorkbenchError(sound.error_code, **(sound.error_values or {})) if sound.error_code else lost
            self._fail(link.text, failed)
        else:
            self._show(link, sound)

    def _show(self, link: _Link, sound: JobRow) -> None:
        """Shows the progress of the cleaning as that of a stage of the text."""
        active = self._board.jobs.get(sound.id)
        if active is None:
            return
        if sound.status == "running":
            self._history.set_status(link.text.id, "running")
        with self._board.changed:
            share = _share(sound, active)
            shown = link.text.stage_progress
            link.text.duration_s = link.text.duration_s or active.duration_s
            if shown == share and link.text.stage == "cleaning":
                return
            link.text.stage, link.text.stage_progress = "cleaning", share
            # Behind its own cleaning, which was put on the board after it.
            link.text.since = max(link.text.since, active.since)
        self._events.publish(link.text.id)

    def _gone(self, job_id: str, link: _Link) -> None:
        """Ends the cleaning of a text that was cancelled, and clears away the working file of one that is done."""
        with self._lock:
            # A text that was taken up again has a new link by now.
            if self._links.get(job_id) is not link:
                return
            del self._links[job_id]
            row = self._history.job(job_id)
            cancelled = self._history.cancel(link.sound_id)
        if cancelled:
            self._board.remove(link.sound_id)
            self._events.publish(link.sound_id)
        if row is None or row.status == "succeeded":
            shutil.rmtree(self._artifacts.work(job_id), ignore_errors=True)


def heard_at(artifacts: Artifacts, job_id: str) -> Path:
    """Returns the folder of the cleaned working file that a voice is heard in."""
    return artifacts.folder(job_id) / "heard"


def _share(sound: JobRow, active: ActiveJob) -> float | None:
    duration_s = active.duration_s
    if active.reading != "done" or not duration_s:
        return None
    written = (active.stage_progress or 0.0) if active.stage == "writing" else 0.0
    return round((1 - WRITING_SHARE) * min(1.0, sound.position_s / duration_s) + WRITING_SHARE * written, 3)
