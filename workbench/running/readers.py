"""Reads the recordings of new jobs beside the engines, and writes their chunks as the speech becomes known."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from engines.base import Task
from engines.errors import Stopped
from engines.intake.intake import IntakeEvent, IntakeResult, Probed, Speech
from engines.requests import VadOptions
from media.errors import WorkbenchError
from media.limits import MediaLimits
from media.packing import Chunk
from workbench.errors import JobError
from workbench.events import Events
from workbench.history.errors import HistoryError
from workbench.history.history import History
from workbench.history.rows import NewChunk
from workbench.running import lanes
from workbench.running.board import ActiveJob, Board
from workbench.running.chunks import place_of
from workbench.running.finishing import Endings
from workbench.uploads import Uploads
from workbench.video.reading import read_frames

log = logging.getLogger(__name__)
SHOW_EVERY_S = 0.5
MOST_READS = 3


class Reads(Protocol):
    """What is needed of ``engines.intake.intake.Intake``."""

    def run(
        self,
        source: Path,
        folder: Path,
        vad: VadOptions,
        limits: MediaLimits,
        on_event: Callable[[IntakeEvent], None],
        should_stop: Callable[[], bool],
    ) -> IntakeResult: ...

    def sound(
        self,
        order: Mapping[str, Any],
        limits: MediaLimits,
        on_share: Callable[[float], None],
        should_stop: Callable[[], bool],
    ) -> Mapping[str, Any]: ...

    def close(self) -> None: ...


class Readers:
    """Threads that each read one recording at a time; jobs on the same recording share one pass."""

    def __init__(
        self,
        board: Board,
        history: History,
        intake: Reads,
        uploads: Uploads,
        events: Events,
        endings: Endings,
        limits: MediaLimits,
        n_workers: int = 2,
    ) -> None:
        self._board = board
        self._history = history
        self._intake = intake
        self._uploads = uploads
        self._events = events
        self._endings = endings
        self._limits = limits
        self._n_workers = n_workers
        self._running: dict[str, str] = {}
        self._threads = [
            threading.Thread(target=self._run, name=f"reader-{number}", daemon=True) for number in range(n_workers)
        ]

    def start(self) -> None:
        """Starts the threads."""
        for thread in self._threads:
            thread.start()

    def close(self, timeout_s: float) -> None:
        """Waits for the threads, which end soon after the board is stopped."""
        for thread in self._threads:
            if thread.is_alive():
                thread.join(timeout_s)

    def _run(self) -> None:
        while (group := self._next()) is not None:
            try:
                self._read(group)
            except Stopped:
                self._put_back(group)
            except WorkbenchError as error:
                self._refused(group, error)
            except Exception as error:
                log.exception("reading %s failed", group[0].sha256)
                self._fail(group, JobError("internal", status=500, what=type(error).__name__))
            finally:
                with self._board.changed:
                    self._running.pop(group[0].sha256, None)
                    self._board.changed.notify_all()

    def _next(self) -> list[ActiveJob] | None:
        with self._board.changed:
            while not self._board.stopping:
                group = [] if self._board.paused() else self._choose()
                if group:
                    return group
                self._board.changed.wait(min(2.0, self._board.pause_s))
        return None

    def _choose(self) -> list[ActiveJob]:
        """Returns all jobs that wait for the recording that is to be read next, and marks them."""
        claims = self._board.unread(self._running)
        service, now = self._board.service(), self._board.now()
        claim = lanes.next_intake(claims, list(self._running.values()), self._n_workers, service, now)
        if claim is None:
            return []
        first = self._board.jobs[claim.job_id]
        waiting = [job for job in self._board.jobs.values() if job.sha256 == first.sha256 and job.reading == "waiting"]
        vad = first.work.vad(first.request)
        alike = [job for job in waiting if not _alone(job) and job.work.vad(job.request) == vad]
        group = [first] if _alone(first) else alike
        self._running[first.sha256] = first.owner
        for job in group:
            job.reading = "running"
            job.stage = "reading"
        return group

    def _read(self, group: Sequence[ActiveJob]) -> None:
        first = group[0]
        vad = first.work.vad(first.request)
        source, folder = self._uploads.source(first.sha256), self._uploads.folder(first.sha256)
        if first.source is not None and first.pcm is not None:
            source, folder = first.source, first.pcm.parent
            folder.mkdir(parents=True, exist_ok=True)
        if not source.is_file():
            raise JobError("input_missing", status=410)
        self._events.publish(*(job.id for job in group))
        if first.task == Task.VIDEO:
            self._frames(first, source)
            return
        cut = _Cut(self, group)
        result = self._intake.run(source, folder, vad, self._limits, cut.event, lambda: self._unwanted(group))
        self._full_sound(group, source)
        cut.end(result)

    def _frames(self, job: ActiveJob, source: Path) -> None:
        """Finds the frames and scenes of a video, of which runs become chunks."""
        chunks, notes = read_frames(
            job.request,
            source,
            job.folder,
            lambda order: self._intake.sound(
                order, self._limits, lambda share: self._share(job, share), lambda: self._unwanted([job])
            ),
        )
        self.put([job], chunks, 0.0)
        self.ended([job], IntakeResult(0.0, "video", 0.0, notes))

    def _share(self, job: ActiveJob, share: float) -> None:
        with self._board.changed:
            job.stage_progress = share
        self._events.publish(job.id)

    def _full_sound(self, group: Sequence[ActiveJob], source: Path) -> None:
        """Decodes the recording at full rate for the jobs that work on its sound, each in its own folder."""
        for job in group:
            rate = job.work.rate(job.request)
            if rate is None or job.ended or job.pcm is None:
                continue
            order = {"work": "decode", "source": str(source), "folder": str(job.pcm.parent), "rate": rate}
            self._intake.sound(order, self._limits, lambda _: None, lambda job=job: self._unwanted([job]))  # type: ignore[misc]

    def _unwanted(self, group: Sequence[ActiveJob]) -> bool:
        return self._board.stopping or all(job.ended for job in group)

    def _put_back(self, group: Sequence[ActiveJob]) -> None:
        with self._board.changed:
            for job in group:
                if not job.ended:
                    job.reading, job.stage = "waiting", "waiting"

    def _refused(self, group: Sequence[ActiveJob], error: WorkbenchError) -> None:
        """A full disk is no fault of the recording: it is read again once there is room."""
        if error.code == "media_crashed":
            self._crashed(group, error)
        elif isinstance(error, HistoryError) or error.code == "disk_full":
            log.warning("reading waits: %s", error)
            self._board.trouble(error)
            self._board.pause()
            self._put_back(group)
        else:
            self._fail(group, error)

    def _crashed(self, group: Sequence[ActiveJob], error: WorkbenchError) -> None:
        """Reads again what brought the decoder down, or was in it when something else did; gives up the third time."""
        with self._board.changed:
            for job in group:
                job.n_crashed_reads += 1
            hopeless = [job for job in group if job.n_crashed_reads >= MOST_READS]
        log.warning("the decoder ended while it read %s", group[0].sha256)
        self._fail(hopeless, error)
        self._put_back(group)

    def _fail(self, group: Sequence[ActiveJob], error: WorkbenchError) -> None:
        for job in group:
            self._endings.fail(job, error)

    def put(self, group: Sequence[ActiveJob], chunks: Sequence[Chunk], decoded_s: float) -> None:
        """Writes new chunk rows for each job, then offers them to the engines; a number that is known is left alone."""
        new = [NewChunk(chunk.number, chunk.start, chunk.end, chunk.pieces) for chunk in chunks]
        for job in group:
            if job.ended:
                continue
            if new:
                self._history.add_chunks(job.id, new)
            with self._board.changed:
                job.decoded_s = decoded_s
                for chunk in chunks:
                    if chunk.number not in job.places:
                        job.places[chunk.number] = place_of(chunk)
                        job.waiting[chunk.number] = None
                if new:
                    self._board.changed.notify_all()

    def ended(self, group: Sequence[ActiveJob], result: IntakeResult) -> None:
        """Writes down that all chunks of a recording are known."""
        for job in group:
            if job.ended:
                continue
            # What was read in place of the upload says nothing of the kind of that.
            media_kind = result.media_kind if job.source is None else None
            self._history.finish_cut(job.id, result.duration_s, media_kind)
            with self._board.changed:
                job.duration_s, job.decoded_s, job.reading = result.duration_s, result.duration_s, "done"
                job.notes.extend({"code": note, "values": {}} for note in result.notes)
                notes = list(job.notes)
                if job.stage == "reading":
                    job.stage, job.stage_progress = "waiting", None
                self._board.changed.notify_all()
            if result.notes:
                self._history.set_notes(job.id, notes)
            self._events.publish(job.id)
            self._endings.check(job)

    def show(self, group: Sequence[ActiveJob], duration_s: float | None, decoded_s: float) -> None:
        """Tells screens how far the reading is."""
        with self._board.changed:
            for job in group:
                if duration_s is not None and job.duration_s is None:
                    job.duration_s = duration_s
                if job.stage == "reading":
                    job.stage_progress = min(1.0, decoded_s / duration_s) if duration_s else None
        self._events.publish(*(job.id for job in group if not job.ended))


def _alone(job: ActiveJob) -> bool:
    """Tells whether a job shares its reading with no other: it reads another file, or looks at pictures."""
    return job.source is not None or job.task == Task.VIDEO


class _Cut:
    """One reading of one recording."""

    def __init__(self, readers: Readers, group: Sequence[ActiveJob]) -> None:
        self._readers = readers
        self._group = group
        alike: dict[tuple[str, int | None], list[ActiveJob]] = {}
        for job in group:
            alike.setdefault((job.task, job.work.rate(job.request)), []).append(job)
        self._cuts = [(jobs, jobs[0].work.cutter(jobs[0].request)) for jobs in alike.values()]
        self._duration_s: float | None = None
        self._shown = -SHOW_EVERY_S

    def event(self, event: IntakeEvent) -> None:
        if isinstance(event, Probed):
            self._duration_s = event.duration_s
            for _, cutter in self._cuts:
                cutter.probed(event.duration_s)
            self._readers.show(self._group, event.duration_s, 0.0)
        elif isinstance(event, Speech):
            for jobs, cutter in self._cuts:
                self._readers.put(jobs, cutter.speech(event.spans), event.decoded_s)
            now = self._readers._board.now()
            if now - self._shown >= SHOW_EVERY_S:
                self._shown = now
                self._readers.show(self._group, self._duration_s, event.decoded_s)

    def end(self, result: IntakeResult) -> None:
        for jobs, cutter in self._cuts:
            self._readers.put(jobs, cutter.close(result.duration_s), result.duration_s)
        self._readers.ended(self._group, result)
