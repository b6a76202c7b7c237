"""All unfinished jobs as the threads of the workbench see them; the rows in the database stay the truth."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from engines.base import ModelSpec
from media.errors import WorkbenchError
from workbench.live.turns import Turns
from workbench.running import lanes
from workbench.running.chunks import Finished, Place
from workbench.running.pace import Effort, blended, effort_of
from workbench.tasks.catalog import WORKS
from workbench.tasks.work import Work

Stage = Literal["waiting", "reading", "loading_model", "fetching_model", "working", "writing", "cleaning"]
Reading = Literal["held", "waiting", "running", "done"]
"""A job that is held waits for another one to make the sound that it reads."""
PAUSE_S = 3.0
"""So long nothing is begun after a result could not be written."""
OFFERED_CHUNKS = OFFERED_JOBS = 32
"""So many waiting chunks of a job, and jobs of a person, are looked at for one decision: more than a batch holds."""


@dataclass(eq=False, slots=True)
class ActiveJob:
    """An unfinished job; changed only under the board's lock. Times are monotonic seconds.

    ``pcm`` is the working file of a live session, which has no recording yet. ``folder`` is for files that the job
    needs until it ends; it may not exist yet. ``partials`` are what engines tell of unfinished chunks, by number:
    shown, never kept. ``frames_a_second`` is how fast pictures were made of late, ``speed`` the same in seconds of
    sound a second.
    """

    id: str
    task: str
    owner: str
    lane: lanes.Lane
    model: str
    english_only: bool
    request: Any
    sha256: str
    since: float
    served: float
    pcm: Path | None = None
    folder: Path = Path()
    source: Path | None = None
    language: str | None = None
    duration_s: float | None = None
    decoded_s: float = 0.0
    reading: Reading = "waiting"
    ended: bool = False
    started: bool = False
    places: dict[int, Place] = field(default_factory=dict)
    waiting: dict[int, None] = field(default_factory=dict)
    running: set[int] = field(default_factory=set)
    partials: dict[int, dict[str, Any]] = field(default_factory=dict)
    frames_a_second: float | None = None
    speed: float | None = None
    n_succeeded: int = 0
    n_failed: int = 0
    n_crashes: int = 0
    n_crashed_reads: int = 0
    finished_sound_s: float = 0.0
    unreleased: dict[int, int] = field(default_factory=dict)
    finished: Finished = field(default_factory=Finished)
    votes: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    stage: Stage = "waiting"
    stage_progress: float | None = None

    @property
    def work(self) -> Work:
        """What its task says of it."""
        return WORKS[self.task]

    @property
    def undecided(self) -> bool:
        """True while its chunks run one by one to find the language."""
        return not self.english_only and self.work.undecided(self.request, self.language)

    @property
    def complete(self) -> bool:
        """True when the recording is read and no chunk is left."""
        return self.reading == "done" and not self.waiting and not self.running

    @property
    def quick(self) -> bool:
        """True for a long job that has shown no text yet."""
        return not self.n_succeeded and (self.reading != "done" or len(self.places) > 1)

    @property
    def effort(self) -> Effort:
        """What its speed depends on."""
        return effort_of(self.model, self.request)

    def claim(self) -> lanes.Claim:
        """Returns what the job asks for, as a value."""
        numbers = [number for number, _ in zip(self.waiting, range(OFFERED_CHUNKS), strict=False)]
        chunks = tuple(
            lanes.Waiting(number, self.places[number].sound_s, self.places[number].attempts) for number in numbers
        )
        return lanes.Claim(
            self.id, self.owner, self.lane, self.model, self.since, self.served, chunks, len(self.running),
            self.undecided, self.quick,
        )  # fmt: skip

    def left_s(self) -> float | None:
        """Returns about how many seconds of sound are still to be recognised, None where the length is unknown."""
        known = sum(self.places[number].sound_s for number in (*self.waiting, *self.running))
        known -= sum(self.places[n].sound_s * told.get("share", 0.0) for n, told in self.partials.items())
        if self.reading == "done":
            return max(0.0, known)
        if self.duration_s is None:
            return None
        heard = sum(place.sound_s for place in self.places.values())
        share = heard / self.decoded_s if self.decoded_s > 30 else 0.9
        return known + max(0.0, self.duration_s - self.decoded_s) * min(1.0, share)


class Board:
    """The unfinished jobs, the recent use of each person, and the models whose weights are at hand."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self.changed = threading.Condition(threading.RLock())
        self.now = monotonic
        self.jobs: dict[str, ActiveJob] = {}
        self.specs: dict[str, ModelSpec] = {}
        self.ready_models: set[str] = set()
        self.turns = Turns()
        self.stopping = False
        self.speeds: dict[Effort, float] = {}
        self.expected_speeds: dict[Effort, float] = {}
        self._service: dict[str, float] = {}
        self._service_at = monotonic()
        self.pause_s = PAUSE_S
        self._paused_until = float("-inf")
        self._trouble: tuple[float, WorkbenchError] | None = None

    def add(self, job: ActiveJob, spec: ModelSpec) -> None:
        """Puts a job on the board and wakes the threads."""
        with self.changed:
            self.jobs[job.id] = job
            self.specs[spec.name] = spec
            self.changed.notify_all()

    def remove(self, job_id: str) -> ActiveJob | None:
        """Takes a job off the board: whoever still works on it sees ``ended``."""
        with self.changed:
            job = self.jobs.pop(job_id, None)
            if job is not None:
                job.ended = True
            self.changed.notify_all()
            return job

    def wake(self) -> None:
        """Makes all waiting threads look again."""
        with self.changed:
            self.changed.notify_all()

    def service(self) -> Mapping[str, float]:
        """Returns the recent use of each person in seconds, fading with time."""
        now = self.now()
        self._service = lanes.decayed(self._service, now - self._service_at)
        self._service_at = now
        return self._service

    def charge(self, owner: str, seconds: float) -> None:
        """Adds to the recent use of a person."""
        with self.changed:
            self.service()
            self._service[owner] = self._service.get(owner, 0.0) + max(0.0, seconds)

    def claims(self) -> list[lanes.Claim]:
        """Returns what the jobs whose model is at hand ask for."""
        return _claims(job for job in self.jobs.values() if job.waiting and job.model in self.ready_models)

    def unread(self, busy: Collection[str]) -> list[lanes.Claim]:
        """Returns the claims of jobs whose recording waits to be read, save those in ``busy``."""
        return _claims(job for job in self.jobs.values() if job.reading == "waiting" and job.sha256 not in busy)

    def of_model(self, name: str) -> Iterator[ActiveJob]:
        """Yields the jobs of one model."""
        return (job for job in list(self.jobs.values()) if job.model == name)

    def in_order(self) -> list[ActiveJob]:
        """Returns all jobs in the order of service, those that have begun first within their lane."""
        service, now = self.service(), self.now()
        return sorted(self.jobs.values(), key=lambda job: _order(job, service, now))

    def measured(self, effort: Effort, realtime_x: float) -> None:
        """Takes a measurement of a speed in seconds of sound a second; what was expected counts as one before it."""
        with self.changed:
            known = self.speeds.get(effort, self.expected_speeds.get(effort))
            self.speeds[effort] = blended(known, realtime_x)

    def pause(self) -> None:
        """Keeps engines and readers idle for a while, because results cannot be written."""
        with self.changed:
            self._paused_until = self.now() + self.pause_s

    def paused(self) -> bool:
        """Tells whether engines and readers should stay idle."""
        return self.now() < self._paused_until

    def trouble(self, error: WorkbenchError) -> None:
        """Takes note of a trouble that concerns everybody, such as a full disk."""
        with self.changed:
            self._trouble = (self.now(), error)

    def recent_trouble(self) -> WorkbenchError | None:
        """Returns the trouble of the last half minute."""
        with self.changed:
            return self._trouble[1] if self._trouble and self.now() - self._trouble[0] < 30.0 else None

    def stop(self) -> None:
        """Tells all threads to end."""
        with self.changed:
            self.stopping = True
            self.changed.notify_all()


def _claims(jobs: Iterable[ActiveJob]) -> list[lanes.Claim]:
    """Returns the claims of the first jobs of each person, lane and model: no other could be chosen before these."""
    taken: Counter[tuple[str, str, str]] = Counter()
    claims = []
    for job in jobs:
        kind = job.owner, job.lane, job.model
        if taken[kind] < OFFERED_JOBS:
            taken[kind] += 1
            claims.append(job.claim())
    return claims


def _order(job: ActiveJob, service: Mapping[str, float], now: float) -> tuple[int, bool, float, float, str]:
    level = lanes.level(job.lane, now - job.served)
    return level, not job.started, service.get(job.owner, 0.0), job.since, job.id
