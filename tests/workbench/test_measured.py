"""What a calibration means, what is learned from work, and what is kept over a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engines import catalog
from engines.base import Memory, Place
from engines.device import Gpu, Machine
from engines.places import Choice
from workbench.history.history import History
from workbench.history.measured import Measurement
from workbench.machine import calibration_plan as plan
from workbench.machine.calibration_plan import Run
from workbench.machine.calibration_sound import made_voice, prepare
from workbench.machine.learning import together_on_cpu
from workbench.machine.measured import LIMIT_HOLDS_S, Measured, Seen, best_batch, learned

BASE = catalog.by_name("base")
ON_CPU = Place("cpu", "int8", 2)
MACHINE = Machine(2, 8000, 8000, (Gpu(0, "Card A", 8000, 8000, 8.0),))
FOUND = Measurement(2.5, Memory(170, 60, 40), {1: 8.0, 2: 9.0, 4: 9.1}, "made", 0, 5.0)


class Time:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def history(tmp_path: Path, root: Path, time: Time) -> Iterator[History]:
    with History(tmp_path / "history.db", root / "history.db-schema", time) as opened:
        yield opened


def guide(history: History, processor: str = "Processor", library: str = "4.8") -> Measured:
    return Measured(history, MACHINE, lambda: processor, lambda name: f"{name} {library}")


def test_memory_is_a_line_through_the_batches_and_a_little_more() -> None:
    runs = [Run(1, 2.0, 270), Run(1, 1.8, 270), Run(2, 3.0, 310), Run(4, 6.0, 390)]
    found = plan.memory_of(170, runs, Memory(1, 1, 1))
    assert found.resident_mib == 170
    for run in runs:
        assert run.peak_mib - 170 <= found.working_mib(run.batch) <= 1.2 * (run.peak_mib - 170) + 12


def test_one_batch_alone_says_nothing_of_the_slope_and_no_figure_leaves_the_guess() -> None:
    guess = Memory(500, 100, 50)
    assert plan.memory_of(170, [Run(1, 2.0, 270)], guess).working_mib(1) >= 100
    assert plan.memory_of(170, [Run(1, 2.0, 0)], guess) == guess
    assert plan.memory_of(0, [Run(1, 2.0, 270)], guess) == guess


def test_speeds_are_those_of_the_quicker_runs() -> None:
    runs = [Run(1, 14.0, 0), Run(1, 7.0, 0), Run(2, 14.0, 0), Run(2, 20.0, 0)]
    assert plan.speeds_of(runs, 14.0) == {1: 2.0, 2: 2.0}


def test_a_calibration_takes_about_a_minute_whatever_the_model() -> None:
    assert plan.worth([], 1, 500.0)
    assert plan.worth([Run(1, 5.0, 0)], 2, 10.0)
    assert not plan.worth([Run(1, 25.0, 0)], 2, 30.0)
    assert plan.sizes("cpu", None) == (1, 2, 4) and plan.sizes("cuda:0", 4) == (1, 4) and plan.sizes("cpu", 0) == (1,)


def test_the_smallest_batch_that_is_nearly_as_fast_is_the_best() -> None:
    assert best_batch({1: 8.0, 2: 9.0, 4: 9.1}, 8) == 2
    assert best_batch({1: 8.0, 4: 20.0, 16: 40.0}, 16) == 16
    assert best_batch({1: 8.0, 2: 12.0, 4: 20.0}, 8) == 8
    assert best_batch({}, 8) == 8


def test_work_moves_speeds_slowly_and_memory_at_once() -> None:
    after = learned(FOUND, Seen(4, 19.1, 170 + 60 + 4 * 40 + 41))
    assert after.speeds == {1: 8.0, 2: 9.0, 4: 10.1}
    assert after.memory.working_mib(4) >= 60 + 160 + 41
    assert after.n_runs == 1
    assert learned(FOUND, Seen(4, 9.1, 200)).memory == FOUND.memory


def test_what_was_measured_outlives_a_restart_and_holds_for_this_hardware_and_library_only(history: History) -> None:
    guide(history).keep(BASE, ON_CPU, FOUND)
    assert guide(history).memory(BASE, ON_CPU) == FOUND.memory
    guess = BASE.memory["int8"]
    for other in (guide(history, processor="Another"), guide(history, library="5.0")):
        assert other.memory(BASE, ON_CPU) == guess
    assert guide(history).memory(BASE, Place("cpu", "int8", 4)) == guess
    assert guide(history).memory(BASE, Place("cuda:0", "float16", 2)) == BASE.memory["float16"]


def test_what_was_learned_from_work_outlives_a_restart(history: History) -> None:
    first = guide(history)
    first.saw(BASE, ON_CPU, Seen(1, 100.0))
    assert first.found(BASE, ON_CPU) is None
    first.keep(BASE, ON_CPU, FOUND)
    first.saw(BASE, ON_CPU, Seen(1, 18.0))
    found = guide(history).found(BASE, ON_CPU)
    assert found is not None and (found.speeds[1], found.n_runs) == (9.0, 1)


def test_a_limit_outlives_a_restart_and_is_tried_again_after_a_week(history: History, time: Time) -> None:
    guide(history).learn_limit(BASE, ON_CPU, 2)
    again = guide(history)
    assert again.most(BASE, ON_CPU) == 2 and again.best_batch(BASE, ON_CPU, 8) == 2
    assert again.most(BASE, Place("cuda:0", "float16", 2)) is None
    time.now += LIMIT_HOLDS_S + 1
    assert again.most(BASE, ON_CPU) is None
    time.now -= LIMIT_HOLDS_S
    again.forget_limits("base")
    assert again.most(BASE, ON_CPU) is None and guide(history).most(BASE, ON_CPU) is None


def test_choices_outlive_a_restart(history: History) -> None:
    chosen = Choice("cpu", "float32", 60.0, True)
    guide(history).choose("base", chosen)
    again = guide(history)
    assert again.choice("base") == chosen and again.choice("small") == Choice() and again.pinned() == ["base"]


def test_a_made_voice_is_the_same_each_time_and_no_silence(tmp_path: Path) -> None:
    voice = made_voice(1.0)
    assert len(voice) == 16_000 and abs(voice).max() > 5_000 and (voice == made_voice(1.0)).all()


def test_the_offices_own_recording_goes_first_where_it_is_long_enough(tmp_path: Path) -> None:
    short, long = tmp_path / "short.pcm", tmp_path / "long.pcm"
    short.write_bytes(bytes(32_000))
    long.write_bytes(bytes(64_000))
    assert prepare(tmp_path / "own", long, 2.0) == (long, True)
    for recording in (short, tmp_path / "gone.pcm", None):
        made, real = prepare(tmp_path / "own", recording, 2.0)
        assert not real and made.stat().st_size == 64_000


@pytest.mark.parametrize(
    ("realtime_x", "memory_mib", "size"),
    [(None, 20_000, 8), (5.0, 20_000, 8), (14.0, 20_000, 12), (60.0, 20_000, 16), (60.0, 4_400, 10), (60.0, 1_000, 8)],
)
def test_a_quick_machine_with_room_runs_more_chunks_together(
    realtime_x: float | None, memory_mib: int, size: int
) -> None:
    assert together_on_cpu(realtime_x, Memory(200, 150, 90), memory_mib) == size
