"""All live sessions: opened, taken up again with their key, followed by others, ended."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engines.base import Task
from media.errors import WorkbenchError
from workbench.asking import check
from workbench.errors import JobError, NotFound
from workbench.history import live as history_live
from workbench.history.live import LiveRow
from workbench.history.rows import JobRow, NewJob
from workbench.live.ending import gather
from workbench.live.lines import stored_lines
from workbench.live.link import LiveLink
from workbench.live.pace import most_sessions
from workbench.live.room import LiveRoom
from workbench.live.session import LiveSession
from workbench.live.settings import LiveSettings
from workbench.live.sound import LiveSound, remove
from workbench.live.trial import Trial, understood
from workbench.live.watch import LINES_AT_ONCE, LiveWatch
from workbench.machine.models import Models
from workbench.machine.weights import Weights
from workbench.running.board import ActiveJob
from workbench.running.pace import effort_of
from workbench.running.resume import active_of, resume

_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")
_WORD = re.compile(r"[A-Za-z0-9_-]{16,64}")
FOLDER, TRIALS = "live", "live-trials"


class LiveError(WorkbenchError):
    """A live session that cannot be opened."""

    default_code = "live_full"
    default_status = 503


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a browser asks for: ``key`` is its own word for the session, ``settings`` as in the protocol."""

    key: str
    settings: Mapping[str, Any]
    title: str
    owner: str


class Live:
    """The sessions of one data folder; every method may be called from any thread and may take disk time."""

    def __init__(self, room: LiveRoom, models: Models, weights: Weights, data: Path, n_places: int) -> None:
        self._room = room
        self._models = models
        self._weights = weights
        self._folder = data / FOLDER
        self._n_places = n_places
        self._lock = threading.RLock()
        self._sessions: dict[str, LiveSession] = {}
        self._closed = False

    def start(self) -> None:
        """Looks after what a crash left, before the unfinished sessions are taken up."""
        gather(self._room, self._folder)
        remove(self._folder.with_name(TRIALS))

    def open(self, wanted: Wanted, wake: Callable[[], None]) -> LiveLink:
        """Opens a session, or takes up the one of this key; the caller closes the link.

        Raises JobError ``request_invalid``, LiveError ``live_full`` and ``live_ended``.
        """
        if not _KEY.fullmatch(wanted.key):
            raise JobError("request_invalid", status=422, field="key", value=wanted.key[:100])
        with self._lock:
            known = history_live.session_by_key(self._room.history, wanted.key)
            if known is None:
                return LiveLink(self._new(wanted), wake)
            session = self._sessions.get(known.job_id)
            if session is None or session.over or session.job.ended:
                session = self._again(known)
            return LiveLink(session, wake)

    def try_out(self, samples: bytes, told: Mapping[str, Any], owner: str) -> dict[str, Any]:
        """Returns what is understood of a sentence, see ``trial.understood``; raises JobError ``request_invalid``."""
        settings = LiveSettings().changed(told)
        check(settings.request, [spec.name for spec in self._models.of_task(Task.TRANSCRIBE)])
        spec = self._models.chosen(settings.request.quality)
        self._weights.ask(spec)
        return understood(self._room, self._folder.with_name(TRIALS), Trial(samples, settings, spec, owner))

    def sessions(self) -> list[LiveSession]:
        """Returns the sessions that have not ended, oldest first."""
        with self._lock:
            return list(self._sessions.values())

    def stop(self, job_id: str) -> None:
        """Ends a session with what has come; raises NotFound where none is open."""
        with self._lock:
            session = self._sessions.get(job_id)
        if session is None:
            raise NotFound(id=job_id)
        session.order("stop", 0)

    def follow(self, word: str, wake: Callable[[], None]) -> tuple[str, LiveWatch | None]:
        """Returns the job that a read-only word shows, with a watch of changes while it goes on; raises NotFound."""
        row = history_live.session_by_watch(self._room.history, word) if _WORD.fullmatch(word) else None
        if row is None:
            raise NotFound("live_unknown")
        with self._lock:
            session = self._sessions.get(row.job_id)
        return row.job_id, session.follow(wake, from_start=False) if session is not None else None

    def lines(self, job_id: str) -> list[dict[str, Any]]:
        """Returns all lines of a session as they are now, running or over."""
        with self._lock:
            session = self._sessions.get(job_id)
        found: list[dict[str, Any]] = []
        while True:
            after = found[-1]["line"] if found else -1
            if session is not None:
                page = session.lines_after(after, LINES_AT_ONCE)
            else:
                page = stored_lines(self._room.history, self._room.rewriter, job_id, after, LINES_AT_ONCE)
            found += page
            if len(page) < LINES_AT_ONCE:
                return found

    def resume(self, row: JobRow) -> bool:
        """Takes up the session of an unfinished job after a start; False where the job needs no session any more."""
        session_row = history_live.session_of(self._room.history, row.id)
        if session_row is None or row.cut_done:
            remove(self._folder / row.id)
            return False
        with self._lock:
            self._begin(row, session_row)
        return True

    def close(self, timeout_s: float) -> None:
        """Ends the threads; sessions go on at the next start."""
        with self._lock:
            self._closed = True
            sessions = list(self._sessions.values())
        for session in sessions:
            session.close(timeout_s)

    def _new(self, wanted: Wanted) -> LiveSession:
        settings = LiveSettings().changed(wanted.settings)
        check(settings.request, [spec.name for spec in self._models.of_task(Task.TRANSCRIBE)])
        spec = self._models.chosen(settings.request.quality)
        effort = effort_of(spec.name, settings.request)
        known = self._room.board.speeds.get(effort)
        speed = known or self._models.speed(spec, self._room.history, effort.beam)
        most = most_sessions(speed, self._n_places)
        if sum(session.audience.connected for session in self._sessions.values()) >= most:
            raise LiveError("live_full", most=most)
        job_id = secrets.token_hex(8)
        job = NewJob(
            id=job_id, task=str(Task.TRANSCRIBE), title=wanted.title, source_name=f"{wanted.title}.wav",
            owner=wanted.owner, lane="live", request=settings.request.to_dict(), model=spec.name,
            fingerprint=f"live {job_id}",
        )  # fmt: skip
        row = LiveRow(job_id, wanted.key, secrets.token_urlsafe(16), settings.pause_s)
        history_live.add_session(self._room.history, job, row)
        stored = self._room.history.job(job_id)
        assert stored is not None
        self._room.events.publish(job_id)
        return self._begin(stored, row)

    def _again(self, known: LiveRow) -> LiveSession:
        """Takes up a session whose thread broke off; raises LiveError where it has ended."""
        row = self._room.history.job(known.job_id)
        if row is None or row.ended or row.cut_done:
            raise LiveError("live_ended", status=410, job=known.job_id)
        active = self._room.board.jobs.get(known.job_id)
        return self._begin(row, known, active)

    def _begin(self, row: JobRow, session_row: LiveRow, active: ActiveJob | None = None) -> LiveSession:
        sound = LiveSound(self._folder / row.id)
        job = active or self._active(row, sound)
        session = LiveSession(self._room, job, session_row, sound, row.title, self._over)
        self._sessions[row.id] = session
        session.start()
        return session

    def _active(self, row: JobRow, sound: LiveSound) -> ActiveJob:
        spec = self._models.named(row.model)
        board = self._room.board
        job = active_of(row, spec, board.now())
        job.pcm = sound.path
        resume(job, row, self._room.history.chunks(row.id), readable=True)
        job.reading = "running"
        if job.effort not in board.speeds:
            board.expected_speeds[job.effort] = self._models.speed(spec, self._room.history, job.effort.beam)
        board.add(job, spec)
        self._weights.ask(spec)
        return job

    def _over(self, session: LiveSession) -> None:
        with self._lock:
            if self._sessions.get(session.job.id) is session:
                del self._sessions[session.job.id]
