"""What a simulation is of: the models, the machine, the rules, what is counted, and how recordings are cut."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engines.base import Task
from engines.requests import TranscribeRequest
from workbench.planning.speeds import CHUNK_S, Cost
from workbench.running import lanes
from workbench.running.board import ActiveJob
from workbench.running.chunks import FIRST_CHUNK_S, SHORT_RECORDING_S, Place


@dataclass(frozen=True, slots=True)
class Model:
    """A model in the simulation: what its batches cost, the memory it holds (MiB), and where it may be.

    ``one_by_one`` are those of which one chunk runs at a time, as ``workbench.machine.learning`` has it.
    """

    name: str
    cost: Cost
    memory_mib: int
    on_cpu: bool = False
    one_by_one: bool = False


@dataclass(frozen=True, slots=True)
class Setting:
    """What is simulated. ``text`` and ``follow`` name models: the first makes text, the others come after it, with the
    seconds of their own sound for each second of recording.

    ``budgets_mib`` is the memory that models may hold on each device. ``read_x`` is how fast recordings are read.
    ``overhead_s`` passes between two batches. ``counted_from`` is the first second of which arrivals are counted.
    """

    models: Mapping[str, Model]
    text: str
    budgets_mib: Mapping[str, int]
    rules: lanes.Rules
    n_places: int
    follow: Mapping[str, float] = field(default_factory=dict)
    n_live: int = 0
    speech: float = 0.85
    read_x: float = 80.0
    overhead_s: float = 0.05
    counted_from: float = 3600.0
    live_until: float = 7200.0
    decides_language: bool = True
    give_up_s: float = 12 * 3600.0


@dataclass(slots=True)
class Seen:
    """What came of it, in seconds. ``waits`` are from the arrival to the finished text, ``first`` to the first text,
    ``whole`` until everything that follows is done too; ``lags`` from the end of a spoken sentence to its text.
    """

    waits: list[float] = field(default_factory=list)
    first: list[float] = field(default_factory=list)
    whole: list[float] = field(default_factory=list)
    lags: list[float] = field(default_factory=list)
    queue: list[tuple[float, float]] = field(default_factory=list)
    busy_s: float = 0.0
    until: float = 0.0
    n_loads: int = 0
    sound_s: float = 0.0
    unfinished: int = 0


def job_of(name: str, owner: str, lane: lanes.Lane, model: str, now: float) -> ActiveJob:
    """Returns a job as the board holds it, which has come just now."""
    return ActiveJob(
        id=name,
        task=str(Task.TRANSCRIBE),
        owner=owner,
        lane=lane,
        model=model,
        english_only=False,
        request=TranscribeRequest(),
        sha256=name,
        since=now,
        served=now,
    )


def cut(length_s: float, speech: float) -> list[Place]:
    """Returns the chunks of a recording with this share of speech, about as ``workbench.running.chunks`` cuts it."""
    is_short = length_s <= SHORT_RECORDING_S
    firsts = [min(CHUNK_S, length_s * speech) if is_short else FIRST_CHUNK_S]
    found: list[Place] = []
    at, sounds = 0.0, iter(firsts)
    while at < length_s - 0.5:
        sound_s = min(next(sounds, CHUNK_S), (length_s - at) * speech)
        end = min(length_s, at + sound_s / speech)
        found.append(Place(at, end, ((at, at + max(0.2, sound_s)),)))
        at = end
    return found or [Place(0.0, length_s, ((0.0, length_s),))]


def even(length_s: float) -> list[Place]:
    """Returns pieces of the usual size, for work that follows on a text."""
    n_pieces = max(1, round(length_s / CHUNK_S))
    return [Place(n * CHUNK_S, (n + 1) * CHUNK_S, ((0.0, length_s / n_pieces),)) for n in range(n_pieces)]
