"""Leases, loading and unloading, with stand-ins for processes and time."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from engines.base import Memory, ModelSpec, Place
from engines.device import Gpu, Machine
from engines.errors import EngineCrashed, EngineError, EngineHung, OutOfMemory, Stopped, WeightsMissing
from engines.residency.residency import Residency
from engines.residency.rooms import Limits
from tests.engines.fake_process import AllWeights, Clock, FakeProcess, Starter
from tests.engines.toy_engine import toy_spec

A, B = toy_spec("a"), toy_spec("b")
ON_GPU = toy_spec("g", int8=Memory(100, 0, 10), int8_float16=Memory(150, 0, 10), float16=Memory(200, 0, 10))
MACHINE = Machine(2, 8000, 8000)
WITH_GPU = Machine(2, 8000, 8000, (Gpu(0, "Card", 1000, 1000, 8.0),))


def make(starter: Starter, budget_mib: int = 1000, machine: Machine = MACHINE, clock: Clock | None = None) -> Residency:
    return Residency(
        AllWeights(),
        machine,
        budget_mib,
        60.0,
        clock or Clock(),
        starter,
        limits=Limits(tick_s=None),
        free_mib=lambda device: None,
    )


def use(residency: Residency, spec: ModelSpec, *items: object) -> list[object]:
    with residency.lease(spec, max(1, len(items))) as lease:
        return list(lease.run(items or (1,)))


def test_a_model_is_loaded_by_its_first_run_and_kept_for_the_next() -> None:
    starter = Starter()
    residency = make(starter)
    assert use(residency, A, 1, 2) == [{"item": 1}, {"item": 2}]
    use(residency, A)
    assert starter.names() == ["a"]
    assert [(model.name, model.state, model.leases) for model in residency.status()] == [("a", "ready", 0)]


def test_a_lease_passes_on_what_there_is_of_a_result_so_far_and_returns_the_finished_one() -> None:
    told: list[tuple[int, dict[str, object]]] = []
    residency = make(Starter())
    with residency.lease(A) as lease:
        assert lease.run(["write"], lambda at, result: told.append((at, result))) == [{"item": "write"}]
    assert told == [(0, {"partial": "wri"}), (0, {"item": "write"})]


def test_an_idle_model_makes_room_for_another() -> None:
    starter, clock = Starter(), Clock()
    residency = make(starter, budget_mib=150, clock=clock)
    use(residency, A)
    clock.now += 40
    use(residency, B)
    assert not starter.started[0].alive
    assert [model.name for model in residency.status()] == ["b"]


def test_a_model_in_use_is_not_taken_away_and_the_waiting_lease_says_so() -> None:
    starter = Starter()
    residency = make(starter, budget_mib=150)
    waits: list[str] = []
    stop = threading.Event()

    def waited(why: str) -> None:
        waits.append(why)
        stop.set()

    with residency.lease(A), pytest.raises(Stopped), residency.lease(B, on_wait=waited, should_stop=stop.is_set):
        pass
    assert waits == ["memory"]


def test_a_waiting_lease_is_granted_when_the_other_ends() -> None:
    starter, clock = Starter(), Clock()
    residency = make(starter, budget_mib=150, clock=clock)
    waiting, done = threading.Event(), threading.Event()
    told: list[str] = []

    def waits(why: str) -> None:
        told.append(why)
        waiting.set()

    def second() -> None:
        with residency.lease(B, on_wait=waits) as lease:
            lease.run([1])
        done.set()

    with residency.lease(A) as lease:
        lease.run([1])
        threading.Thread(target=second, daemon=True).start()
        assert waiting.wait(10)
        clock.now += 60
    clock.now += 60
    assert done.wait(10)
    assert starter.names() == ["a", "b"]
    assert told == ["memory", "granted", "loading", "loaded"]


def test_two_leases_share_one_process() -> None:
    starter = Starter()
    residency = make(starter)
    with residency.lease(A) as first, residency.lease(A) as second:
        first.run([1])
        second.run([2])
        assert residency.status()[0].leases == 2
    assert starter.names() == ["a"]


def test_an_idle_model_goes_after_the_keep_alive_time() -> None:
    starter, clock = Starter(), Clock()
    residency = make(starter, clock=clock)
    use(residency, A)
    clock.now += 59
    residency.tick()
    assert starter.started[0].alive
    clock.now += 1
    residency.tick()
    assert not starter.started[0].alive
    assert residency.status() == []


def test_clear_unloads_what_nobody_uses_and_names_what_stays() -> None:
    starter = Starter()
    residency = make(starter)
    use(residency, A)
    with residency.lease(B) as lease:
        lease.run([1])
        freed = residency.clear()
    assert (freed.before_mib, freed.after_mib, freed.held) == (200, 100, ("b",))


def test_a_model_in_use_is_unloaded_when_its_last_lease_ends() -> None:
    starter = Starter()
    residency = make(starter)
    with residency.lease(A) as lease:
        lease.run([1])
        assert not residency.unload("a")
        assert starter.started[0].alive
    assert not starter.started[0].alive
    assert residency.unload("a")


def test_missing_weights_are_an_error_of_the_run() -> None:
    class NoWeights:
        def find(self, spec: ModelSpec) -> None:
            return None

    residency = Residency(NoWeights(), MACHINE, 1000, start=Starter(), limits=Limits(tick_s=None))
    with pytest.raises(WeightsMissing), residency.lease(A) as lease:
        lease.run([1])


def test_a_model_that_never_fits_is_refused_with_its_numbers() -> None:
    with pytest.raises(OutOfMemory) as refused, make(Starter(), budget_mib=50).lease(A):
        pass
    assert refused.value.values == {"model": "Toy a", "need_mib": 110, "budget_mib": 50}


def test_a_batch_too_big_for_the_budget_is_halved_before_anything_is_loaded() -> None:
    starter = Starter()
    with make(starter, budget_mib=125).lease(A, batch=8) as lease:
        lease.run([1, 2, 3, 4])
        assert lease.steps == ["halve_batch"]
    assert [len(batch) for batch in starter.started[0].batches] == [2, 2]


def test_what_does_not_fit_on_the_gpu_is_loaded_at_lower_precision_or_on_the_cpu() -> None:
    starter = Starter()
    machine = Machine(2, 8000, 8000, (Gpu(0, "Card", 190, 190, 8.0),))
    with make(starter, machine=machine).lease(ON_GPU) as lease:
        lease.run([1])
        assert (lease.place.device, lease.place.precision, lease.steps) == ("cuda:0", "int8_float16", [])


def fails_until(condition: Callable[[FakeProcess, int], bool]) -> Callable[[FakeProcess, list[object]], object]:
    return lambda process, batch: 1 if condition(process, len(batch)) else OutOfMemory()


@pytest.mark.parametrize(
    ("enough", "steps"),
    [
        (lambda process, n: process.n_freed > 0, ["free_cache"]),
        (lambda process, n: n == 1, ["free_cache", "halve_batch"]),
        (
            lambda process, n: process.place.precision == "int8_float16",
            ["free_cache", "halve_batch", "lower_precision"],
        ),
        (lambda process, n: process.place.device == "cpu", ["free_cache", "halve_batch", "lower_precision", "cpu"]),
    ],
)
def test_running_out_of_memory_walks_the_ladder_only_as_far_as_needed(
    enough: Callable[[FakeProcess, int], bool], steps: list[str]
) -> None:
    item = fails_until(enough)
    with make(Starter(), machine=WITH_GPU).lease(ON_GPU, 4) as lease:
        assert lease.run([item] * 4) == [{"item": 1}] * 4
        assert lease.steps == steps


def test_idle_models_go_before_the_precision_is_lowered() -> None:
    starter = Starter()
    residency = make(starter)
    use(residency, B)
    with residency.lease(A) as lease:
        lease.run([fails_until(lambda process, n: not starter.started[0].alive)])
        assert lease.steps == ["free_cache", "evict_idle"]


def test_at_the_end_of_the_ladder_the_item_gets_the_error() -> None:
    results = use(make(Starter()), A, OutOfMemory())
    assert isinstance(results[0], OutOfMemory)


def test_a_crash_costs_only_the_item_that_causes_it() -> None:
    starter = Starter()
    told: list[int] = []
    with make(starter).lease(A, 4) as lease:
        results = lease.run([1, 2, EngineCrashed(), 4], lambda at, result: told.append(at))
    assert results[:2] == [{"item": 1}, {"item": 2}] and results[3] == {"item": 4}
    assert isinstance(results[2], EngineCrashed)
    assert told == [0, 1, 3]
    assert len(starter.started) == 3


def test_an_item_that_crashed_once_is_tried_once_more() -> None:
    crashes = iter([EngineCrashed(), 5])
    with make(Starter()).lease(A, 1) as lease:
        assert lease.run([lambda process, batch: next(crashes)]) == [{"item": 5}]


def test_a_plain_failure_is_not_tried_again_alone() -> None:
    starter = Starter()
    results = use(make(starter), A, EngineError())
    assert isinstance(results[0], EngineError)
    assert len(starter.started[0].batches) == 1


def test_an_item_that_hangs_twice_gets_that_error() -> None:
    assert isinstance(use(make(Starter()), A, EngineHung())[0], EngineHung)


def test_a_crash_while_loading_is_tried_once_more() -> None:
    crashes = iter([EngineCrashed()])

    def refuse(spec: ModelSpec, place: Place) -> None:
        for error in crashes:
            raise error

    assert use(make(Starter(refuse)), A) == [{"item": 1}]


def test_a_model_that_cannot_be_loaded_ends_the_run() -> None:
    def refuse(spec: ModelSpec, place: Place) -> None:
        raise EngineError("weights_damaged")

    with pytest.raises(EngineError, match="weights_damaged"):
        use(make(Starter(refuse)), A)


def test_a_gpu_that_cannot_load_the_model_gives_way_to_the_cpu() -> None:
    def refuse(spec: ModelSpec, place: Place) -> None:
        if place.device != "cpu":
            raise EngineError(reason="RuntimeError")

    with make(Starter(refuse), machine=WITH_GPU).lease(ON_GPU) as lease:
        assert lease.run([1]) == [{"item": 1}]
        assert (lease.steps, lease.place.device) == (["cpu"], "cpu")


def test_models_are_loaded_one_at_a_time() -> None:
    loading: list[str] = []
    most = 0
    both = threading.Barrier(2, timeout=10)

    def refuse(spec: ModelSpec, place: Place) -> None:
        nonlocal most
        loading.append(spec.name)
        most = max(most, len(loading))
        threading.Event().wait(0.05)
        loading.remove(spec.name)

    residency = make(Starter(refuse))

    def run(spec: ModelSpec) -> None:
        with residency.lease(spec) as lease:
            both.wait()
            lease.run([1])

    threads = [threading.Thread(target=run, args=(spec,)) for spec in (A, B)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert most == 1


def test_unloading_from_a_gpu_waits_until_its_memory_is_back() -> None:
    starter, clock = Starter(), Clock()
    looked: list[int] = []

    def free(device: str) -> int:
        gone = bool(starter.started) and not starter.started[0].alive
        looked.append(500 + 40 * sum(1 for mib in looked if mib > 500) + 1 if gone else 500)
        return looked[-1]

    residency = Residency(AllWeights(), WITH_GPU, None, 60.0, clock, starter, limits=Limits(tick_s=None), free_mib=free)
    use(residency, ON_GPU)
    residency.clear()
    assert looked[-1] >= 600 and len(looked) > 3


def test_a_stop_ends_the_run() -> None:
    with make(Starter()).lease(A) as lease, pytest.raises(Stopped):
        lease.run([1], should_stop=lambda: True)


def test_closing_ends_every_process_and_refuses_new_leases() -> None:
    starter = Starter()
    residency = make(starter)
    use(residency, A)
    residency.close()
    assert not starter.started[0].alive
    with pytest.raises(Stopped), residency.lease(A):
        pass
