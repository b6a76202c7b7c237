"""Pins, keep-alive times, learned limits, clearing and leaks, with stand-ins for processes and time."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from engines.base import Memory, ModelSpec
from engines.device import Gpu, Machine
from engines.errors import EngineCrashed, OutOfMemory
from engines.places import Choice
from engines.residency.guide import CatalogGuide
from engines.residency.residency import Residency
from engines.residency.rooms import Limits
from tests.engines.fake_process import AllWeights, Clock, FakeProcess, Starter
from tests.engines.toy_engine import toy_spec

A, B = toy_spec("a"), toy_spec("b")
ON_GPU = toy_spec("g", int8=Memory(100, 0, 10), int8_float16=Memory(150, 0, 10), float16=Memory(200, 0, 10))
WITH_GPU = Machine(2, 8000, 8000, (Gpu(0, "Card", 1000, 1000, 8.0),))


class Office:
    """A residency and all that it stands on."""

    def __init__(self, budget_mib: int = 1000, machine: Machine | None = None) -> None:
        self.starter, self.clock, self.guide = Starter(), Clock(), CatalogGuide()
        self.machine = machine or Machine(2, 8000, 8000)
        self.budget_mib = budget_mib
        self.residency = self.open()

    def open(self) -> Residency:
        """Another start of the program with what was learned before."""
        return Residency(
            AllWeights(), self.machine, self.budget_mib, 60.0, self.clock, self.starter,
            limits=Limits(tick_s=None, trim_s=0.0), free_mib=lambda _: None, used_mib=lambda *_: None, guide=self.guide,
        )  # fmt: skip

    def use(self, spec: ModelSpec, *items: Any) -> list[Any]:
        with self.residency.lease(spec, max(1, len(items))) as lease:
            return list(lease.run(items or (1,)))

    def names(self) -> list[str]:
        return [model.name for model in self.residency.status()]


def starves_above(batch: int) -> Any:
    """An item that runs out of memory in the company of too many."""
    return lambda process, items: OutOfMemory() if len(items) > batch else 1


def test_a_model_can_be_loaded_before_anybody_needs_it() -> None:
    office = Office()
    office.residency.load(A)
    assert [(model.name, model.state, model.leases) for model in office.residency.status()] == [("a", "ready", 0)]
    office.use(A)
    assert office.starter.names() == ["a"]


def test_a_pinned_model_outlives_its_keep_alive_time_and_a_hurried_one_does_not() -> None:
    office = Office()
    office.guide.choices = {"a": Choice(pinned=True), "b": Choice(keep_alive_s=5.0)}
    office.use(A)
    office.use(B)
    office.clock.now += 6
    office.residency.tick()
    assert office.names() == ["a"]
    office.clock.now += 10_000
    office.residency.tick()
    assert office.names() == ["a"]


def test_a_pinned_model_goes_last_but_never_keeps_another_from_its_work() -> None:
    office = Office(budget_mib=250)
    office.guide.choices = {"a": Choice(pinned=True)}
    office.use(A)
    office.use(B)
    office.clock.now += 40
    office.use(toy_spec("c"))
    assert office.names() == ["a", "c"]
    office.clock.now += 40
    office.use(toy_spec("large", 230))
    assert office.names() == ["large"]


def test_a_new_choice_holds_at_once_and_moves_the_model_when_it_is_next_loaded() -> None:
    office = Office(machine=WITH_GPU)
    office.use(ON_GPU)
    assert office.residency.status()[0].place.precision == "float16"
    office.guide.choices = {"g": Choice("cuda:0", "int8_float16", pinned=True)}
    office.residency.refresh("g")
    office.use(ON_GPU)
    [shown] = office.residency.status()
    assert (shown.place.precision, shown.pinned) == ("int8_float16", True)


def test_a_limit_that_was_learned_holds_for_the_next_job_and_the_next_start() -> None:
    office = Office()
    with office.residency.lease(A, 8) as lease:
        assert len(lease.run([starves_above(2)] * 8)) == 8
        assert lease.steps == ["free_cache", "halve_batch"]
    sizes = [len(batch) for batch in office.starter.started[0].batches]
    assert sizes == [8, 8, 4, 2, 2, 2, 2]
    office.residency = office.open()
    with office.residency.lease(A, 8) as lease:
        lease.run([starves_above(2)] * 4)
        assert lease.steps == []
    assert [len(batch) for batch in office.starter.started[1].batches] == [2, 2]


def test_a_place_where_even_one_item_did_not_fit_is_not_tried_again() -> None:
    office = Office(machine=WITH_GPU)

    def starve(process: FakeProcess, items: Sequence[Any]) -> Any:
        return OutOfMemory() if process.place.precision == "float16" else 1

    with office.residency.lease(ON_GPU) as lease:
        lease.run([starve])
        assert lease.steps == ["free_cache", "lower_precision"]
    office.residency = office.open()
    with office.residency.lease(ON_GPU) as lease:
        lease.run([starve])
        assert (lease.steps, lease.place.precision) == ([], "int8_float16")


def test_a_model_that_cannot_be_loaded_for_want_of_memory_is_not_tried_with_smaller_batches() -> None:
    office = Office(machine=WITH_GPU)

    def refuse(spec: ModelSpec, place: Any) -> None:
        if place.device != "cpu":
            raise OutOfMemory()

    office.starter = Starter(refuse)
    office.residency = office.open()
    with office.residency.lease(ON_GPU, 8) as lease:
        lease.run([1] * 8)
        assert lease.steps == ["free_cache", "lower_precision", "cpu"]
    assert [len(batch) for batch in office.starter.started[0].batches] == [8]


def test_clear_lets_models_in_use_give_back_what_they_keep_and_leaves_pinned_ones() -> None:
    office = Office()
    office.guide.choices = {"b": Choice(pinned=True)}
    office.use(B)
    office.use(toy_spec("c"))
    with office.residency.lease(A) as lease:
        lease.run([1])
        freed = office.residency.clear()
    assert (freed.before_mib, freed.after_mib, freed.held, freed.pinned) == (300, 200, ("a",), ("b",))
    assert [process.n_trimmed for process in office.starter.started] == [1, 0, 1]


def test_a_model_that_is_interrupted_on_purpose_does_the_rest_of_its_work_again() -> None:
    office = Office()
    interrupted = threading.Event()

    def ended(process: FakeProcess, items: Sequence[Any]) -> Any:
        if interrupted.is_set():
            return 2
        interrupted.set()
        assert office.residency.clear(interrupt=True).held == ("a",)
        return EngineCrashed(model="a")

    results = office.use(A, 1, ended, 3)
    assert results == [{"item": 1}, {"item": 2}, {"item": 3}]
    assert [len(process.batches[0]) for process in office.starter.started] == [3, 2]


def test_an_interrupt_that_came_too_late_does_not_hide_the_next_crash() -> None:
    office = Office()
    with office.residency.lease(A) as lease:
        lease.run([1])
        office.residency.clear(interrupt=True)
        outcomes = lease.run([EngineCrashed(model="a")])
    assert isinstance(outcomes[0], EngineCrashed)


def test_a_model_that_leaks_is_ended_as_soon_as_nobody_uses_it() -> None:
    office = Office()

    def leak(process: FakeProcess, items: Sequence[Any]) -> Any:
        process.held_mib += 100
        return 1

    for _ in range(3):
        office.use(A, leak)
    assert [process.held_mib for process in office.starter.started] == [300, 200]
    assert [process.alive for process in office.starter.started] == [False, True]


def test_what_a_gpu_holds_is_told_by_its_driver_or_by_its_free_memory() -> None:
    free = [900]

    class Loads(Starter):
        def __call__(self, *args: Any) -> FakeProcess:
            free[0] -= 320
            process = super().__call__(*args)
            process.pid = 77
            return process

    def residency(told: int | None) -> Residency:
        return Residency(
            AllWeights(), WITH_GPU, 1000, 60.0, Clock(), Loads(), limits=Limits(tick_s=None),
            free_mib=lambda device: None if device == "cpu" else free[0], used_mib=lambda device, pid: told,
        )  # fmt: skip

    for told, held in ((410, 410), (None, 320)):
        room = residency(told)
        room.load(ON_GPU)
        assert room._table.rooms["g"].resident_mib == held
        assert room.status()[0].gpu_mib == told


@pytest.mark.parametrize("turns", [40])
def test_two_models_that_do_not_fit_together_take_turns_and_none_starves(turns: int) -> None:
    """Both are in demand all the time; each step of work takes a second, and a turn lasts thirty."""
    office = Office(budget_mib=150)
    done = {"a": 0, "b": 0}
    clock_lock = threading.Lock()

    def work(process: FakeProcess, items: Sequence[Any]) -> Any:
        with clock_lock:
            office.clock.now += 1
        return 1

    def demand(spec: ModelSpec) -> None:
        for _ in range(turns):
            office.use(spec, work)
            done[spec.name] += 1
        with clock_lock:
            # Time goes on when one has no more to do; the other must not wait for it.
            office.clock.now += 2

    threads = [threading.Thread(target=demand, args=(spec,), daemon=True) for spec in (A, B)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert done == {"a": turns, "b": turns}
    assert len(office.starter.started) <= 6
