"""The queue in simulated time: arrivals, the program's own decisions, engines that take as long as they are said to.

What runs next is decided by ``workbench.running.board`` and ``workbench.running.lanes`` themselves, what is unloaded by
``engines.residency.memory``. What is simulated is only what takes
time: reading a recording, loading a model, running a batch.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from engines.residency.memory import Held, evict
from engines.residency.memory import Need as MemoryNeed
from workbench.planning.demand import Arrival
from workbench.planning.scene import Model, Seen, Setting, cut, even, job_of
from workbench.planning.speakers import Speakers
from workbench.planning.speeds import CHUNK_S
from workbench.running import lanes
from workbench.running.board import ActiveJob, Board
from workbench.running.chunks import Place

READERS = 2
READ_EVERY_S = 2.0


@dataclass(slots=True)
class _Work:
    """One recording on its way, or what follows on it."""

    arrival: Arrival
    job: ActiveJob
    left: int = 0
    shown: bool = False
    follow: list[str] = field(default_factory=list)


class Simulation:
    """One run over given arrivals; ``run`` may be called once."""

    def __init__(self, setting: Setting, arrivals: Sequence[Arrival]) -> None:
        self.now = 0.0
        self._setting = setting
        self._board = Board(lambda: self.now)
        self._board.ready_models.update(setting.models)
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._free = setting.n_places
        self._busy: set[str] = set()
        self._held: dict[str, Held] = {}
        self._last: str | None = None
        self._n_runs = 0
        self._reading: dict[str, str] = {}
        self._works: dict[str, _Work] = {}
        self._arrivals = arrivals
        self._numbers = itertools.count()
        self._offered: dict[str, lanes.Claim] = {}
        self._speakers = Speakers(self._board, setting, self.at, lambda: self.now, self._offered)
        self.seen = Seen()

    def run(self) -> Seen:
        """Returns what came of it; ends early once a recording has waited ``give_up_s``: it is too much."""
        for arrival in self._arrivals:
            self.at(arrival.at, partial(self._arrive, arrival))
        self._speakers.begin()
        while self._events and not self._hopeless():
            self.now, _, act = heapq.heappop(self._events)
            act()
            if not self._events or self._events[0][0] > self.now:
                self._decide()
        self.seen.until = self.now
        self.seen.lags = self._speakers.lags
        self.seen.unfinished = sum(work.arrival.at >= self._setting.counted_from for work in self._works.values())
        return self.seen

    def _hopeless(self) -> bool:
        return any(
            self.now - work.arrival.at > self._setting.give_up_s for work in itertools.islice(self._works.values(), 1)
        )

    def at(self, when: float, act: Callable[[], None]) -> None:
        """Has something done at a time."""
        heapq.heappush(self._events, (when, next(self._order), act))

    # A recording comes and is read

    def _arrive(self, arrival: Arrival) -> None:
        n_active = sum(job.owner == arrival.owner for job in self._board.jobs.values())
        lane: Any = arrival.lane or lanes.lane_for(1, n_active)
        job = self._job(arrival.owner, lane, self._setting.text, arrival.length_s)
        job.language = None if self._setting.decides_language else "zh"
        self._works[job.id] = _Work(arrival, job, follow=list(self._setting.follow))
        self._read_next()

    def _job(self, owner: str, lane: Any, model: str, length_s: float) -> ActiveJob:
        name = f"{next(self._numbers):06d}"
        job = job_of(name, owner, lane, model, self.now)
        job.duration_s = length_s
        self._board.jobs[name] = job
        return job

    def _read_next(self) -> None:
        while True:
            claims = self._board.unread(self._reading)
            owners = list(self._reading.values())
            claim = lanes.next_intake(claims, owners, READERS, self._board.service(), self.now)
            if claim is None:
                return
            job = self._board.jobs[claim.job_id]
            job.reading = "running"
            self._reading[job.sha256] = job.owner
            chunks = cut(job.duration_s or 0.0, self._setting.speech)
            self._works[job.id].left = len(chunks)
            self._offer(job, chunks, self.now, 0)

    def _offer(self, job: ActiveJob, chunks: list[Place], began: float, number: int) -> None:
        """Puts on the board what has been read by now, and looks again a little later."""
        speed = self._setting.read_x
        while number < len(chunks) and began + chunks[number].end / speed <= self.now + 1e-9:
            job.places[number] = chunks[number]
            job.waiting[number] = None
            number += 1
        self._offered.pop(job.id, None)
        if number < len(chunks):
            due = max(self.now + READ_EVERY_S if number else 0.0, began + chunks[number].end / speed)
            self.at(due, lambda: self._offer(job, chunks, began, number))
            return
        job.reading = "done"
        self._reading.pop(job.sha256, None)
        self._read_next()

    # What runs next

    def _decide(self) -> None:
        while self._free > 0 and self._begin_one():
            pass

    def _begin_one(self) -> bool:
        """Does what ``Scheduler._decide`` does: what people said, what they are saying, then everything else."""
        claims, turns = self._claims(), self._board.turns
        rules = self._setting.rules
        batch = self._batch([claim for claim in claims if claim.lane == "live"], rules)
        if batch is None:
            guesses = turns.guesses(frozenset(self._busy), rules.size)
            if guesses:
                sounds = self._speakers.heard(guesses)
                self._start(guesses[0].model, sounds, [], lambda took: self._speakers.guessed(guesses, took))
                return True
            if turns.only_live():
                return False
            batch = self._batch([claim for claim in claims if claim.lane != "live"], turns.rules(rules))
        if batch is None:
            return False
        self._take(batch)
        return True

    def _claims(self) -> list[lanes.Claim]:
        """Returns what ``Board.claims`` does, made anew only for jobs that have changed since."""
        found = []
        for job in self._board.jobs.values():
            if job.waiting:
                claim = self._offered.get(job.id)
                if claim is None:
                    claim = self._offered[job.id] = job.claim()
                found.append(claim)
        return found

    def _batch(self, claims: list[lanes.Claim], rules: lanes.Rules) -> lanes.Batch | None:
        if not claims:
            return None
        sizes = {model.name: 1 for model in self._setting.models.values() if model.one_by_one}
        engines = lanes.Engines(set(self._held), self._last, self._n_runs, frozenset(self._busy), sizes)
        return lanes.next_batch(claims, self._board.service(), engines, rules, self.now)

    def _take(self, batch: lanes.Batch) -> None:
        self._n_runs = self._n_runs + 1 if batch.model == self._last else 1
        self._last = batch.model
        jobs = [self._board.jobs[job_id] for job_id, _ in batch.items]
        for job, (_, number) in zip(jobs, batch.items, strict=True):
            del job.waiting[number]
            job.running.add(number)
            job.served = self.now
            self._offered.pop(job.id, None)
        sounds = [job.places[number].sound_s for job, (_, number) in zip(jobs, batch.items, strict=True)]
        owners = [job.owner for job in jobs]
        self._start(batch.model, sounds, owners, lambda took: self._done(batch, jobs))

    def _start(self, name: str, sounds: list[float], owners: list[str], then: Callable[[float], None]) -> None:
        model = self._setting.models[name]
        took = self._load(model) + model.cost.seconds(sounds) + self._setting.overhead_s
        self._free -= 1
        self._busy.add(name)
        self.seen.busy_s += took

        def end() -> None:
            self._free += 1
            self._busy.discard(name)
            for owner in owners:
                self._board.charge(owner, took / len(owners))
            then(took)

        self.at(self.now + took, end)

    def _load(self, model: Model) -> float:
        """Returns the seconds of loading, 0 where the model is there; unloads others where memory asks for it."""
        held = self._held.get(model.name)
        if held is not None:
            self._held[model.name] = Held(model.name, held.device, held.resident_mib, last_used=self.now)
            return 0.0
        device = "cpu" if model.on_cpu else self._roomiest()
        need = MemoryNeed(model.name, device, model.memory_mib, 0)
        others = [Held(h.name, h.device, h.resident_mib, leases=h.name in self._busy, last_used=h.last_used)
                  for h in self._held.values()]  # fmt: skip
        for gone in evict(others, need, self._setting.budgets_mib[device]) or ():
            del self._held[gone]
        self._held[model.name] = Held(model.name, device, model.memory_mib, last_used=self.now)
        self.seen.n_loads += 1
        return model.cost.load_s

    def _roomiest(self) -> str:
        """Returns the device with most memory free, as ``engines.places`` chooses."""
        used: dict[str, int] = {}
        for held in self._held.values():
            used[held.device] = used.get(held.device, 0) + held.resident_mib
        gpus = [device for device in self._setting.budgets_mib if device != "cpu"] or ["cpu"]
        return max(gpus, key=lambda device: self._setting.budgets_mib[device] - used.get(device, 0))

    # What becomes of it

    def _done(self, batch: lanes.Batch, jobs: list[ActiveJob]) -> None:
        for job, (_, number) in zip(jobs, batch.items, strict=True):
            job.running.discard(number)
            job.n_succeeded += 1
            job.language = "zh"
            self._offered.pop(job.id, None)
            if job.lane == "live":
                self._speakers.written(job, number)
                continue
            self._progress(job)

    def _progress(self, job: ActiveJob) -> None:
        work = self._works[job.id]
        work.left -= 1
        counted = work.arrival.at >= self._setting.counted_from
        waited = self.now - work.arrival.at
        is_text = job.model == self._setting.text
        if counted and is_text and not work.shown:
            self.seen.first.append(waited)
        work.shown = True
        if work.left > 0:
            return
        del self._board.jobs[job.id], self._works[job.id]
        if counted and is_text:
            self.seen.waits.append(waited)
            self.seen.sound_s += work.arrival.length_s
        self._note_queue()
        if work.follow:
            self._follow(work)
        elif counted:
            self.seen.whole.append(waited)

    def _follow(self, work: _Work) -> None:
        """Begins what comes after the text of a recording, one thing after the other."""
        name = work.follow.pop(0)
        length_s = work.arrival.length_s * self._setting.follow[name]
        job = self._job(work.arrival.owner, work.job.lane, name, length_s)
        job.reading, job.language = "done", "zh"
        for number, place in enumerate(even(length_s)):
            job.places[number] = place
            job.waiting[number] = None
        self._works[job.id] = _Work(work.arrival, job, len(job.places), follow=work.follow)

    def _note_queue(self) -> None:
        waiting_s = sum(work.left * CHUNK_S for work in self._works.values() if work.job.model == self._setting.text)
        self.seen.queue.append((self.now, waiting_s))
