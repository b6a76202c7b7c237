"""Memory decisions are values in and values out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from engines.base import Place
from engines.residency.memory import Answer, Held, Ladder, Need, Rules, Step, decide, evict, expired, fits, next_step

RULES = Rules(turn_s=30.0, pause_s=1.0)
SMALL = Need("small", "cpu", 500, 100)
BIG = Need("big", "cpu", 1500, 200)


def held(
    name: str, mib: int = 500, *, leases: int = 0, loaded: float = 0.0, used: float = 0.0, device: str = "cpu"
) -> Held:
    return Held(name, device, mib, 0, leases, loaded, used)


def test_resident_and_working_memory_must_both_fit() -> None:
    assert fits([], SMALL, 600)
    assert not fits([], SMALL, 599)


def test_a_loaded_model_needs_only_its_working_memory() -> None:
    assert fits([held("small")], SMALL, 600)


def test_memory_on_another_device_does_not_count() -> None:
    assert fits([held("other", 5000, device="cuda:0")], SMALL, 600)


def test_the_least_recently_used_idle_model_goes_first() -> None:
    models = [held("new", used=9.0), held("old", used=1.0)]
    assert evict(models, SMALL, 1200) == ("old",)


def test_a_model_in_use_is_never_evicted() -> None:
    assert evict([held("busy", leases=1)], SMALL, 900) is None


def test_no_more_is_evicted_than_needed() -> None:
    models = [held("tiny", 50, used=1.0), held("huge", 2000, used=2.0)]
    assert evict(models, BIG, 2300) == ("huge",)


def test_nothing_is_evicted_where_even_everything_would_not_do() -> None:
    assert evict([held("old")], BIG, 1000) is None


@given(
    st.lists(st.tuples(st.integers(1, 900), st.integers(0, 1), st.floats(0, 100)), max_size=6),
    st.integers(1, 1500),
    st.integers(0, 300),
    st.integers(500, 3000),
)
def test_after_an_eviction_the_need_fits(
    models: list[tuple[int, int, float]], mib: int, work: int, budget: int
) -> None:
    table = [held(f"m{n}", size, leases=leases, used=used) for n, (size, leases, used) in enumerate(models)]
    need = Need("asked", "cpu", mib, work)
    names = evict(table, need, budget)
    if names is not None:
        assert fits([model for model in table if model.name not in names], need, budget)
        assert all(model.leases == 0 for model in table if model.name in names)


def test_a_request_that_fits_is_granted_at_once() -> None:
    assert decide([], SMALL, [], 1000, 0.0, RULES).answer is Answer.GRANT


def test_a_request_waits_for_a_model_in_use() -> None:
    assert decide([held("busy", leases=1)], BIG, [], 1800, 99.0, RULES).answer is Answer.WAIT


def test_what_never_fits_is_too_big() -> None:
    assert decide([], BIG, [], 1000, 0.0, RULES).answer is Answer.TOO_BIG


def test_a_loaded_model_serves_past_older_requests_within_its_turn() -> None:
    table = [held("small", loaded=100.0, leases=1)]
    assert decide(table, SMALL, [BIG], 1800, 129.0, RULES).answer is Answer.GRANT


def test_after_its_turn_a_model_waits_behind_older_requests() -> None:
    table = [held("small", loaded=100.0, leases=1)]
    assert decide(table, SMALL, [BIG], 1800, 130.0, RULES).answer is Answer.WAIT


def test_a_model_that_pauses_for_a_moment_within_its_turn_is_kept() -> None:
    table = [held("small", loaded=100.0, used=109.5)]
    assert decide(table, BIG, [], 1800, 110.0, RULES).answer is Answer.WAIT
    assert decide(table, BIG, [], 1800, 111.0, RULES).answer is Answer.EVICT


def test_models_that_do_not_fit_together_take_turns() -> None:
    """A day of two jobs with a chunk a second each loads each model about every half minute, not with every chunk."""
    loaded, loaded_at, loads, served = "", -99.0, 0, {"a": 0, "b": 0}
    waiting = ["a", "b"]
    for second in range(600):
        for name in list(waiting):
            table = [held(loaded, 900, loaded=loaded_at, used=second - 0.5)] if loaded else []
            ahead = [Need(other, "cpu", 900, 10) for other in waiting[: waiting.index(name)]]
            decision = decide(table, Need(name, "cpu", 900, 10), ahead, 1000, float(second), RULES)
            if decision.answer is Answer.WAIT:
                continue
            if name != loaded:
                loaded, loaded_at, loads = name, float(second), loads + 1
            served[name] += 1
            waiting.remove(name)
            waiting.append(name)
            break
    assert 15 <= loads <= 25
    assert min(served.values()) > 0.8 * max(served.values())


def test_only_idle_models_expire() -> None:
    models = [held("idle", used=0.0), held("busy", used=0.0, leases=1), held("fresh", used=50.0)]
    assert expired(models, 60.0, 60.0) == ("idle",)


def test_the_ladder_is_walked_in_its_order_and_ends() -> None:
    gpu, low, cpu = Place("cuda:0", "float16", 4), Place("cuda:0", "int8_float16", 4), Place("cpu", "int8", 4)
    ladder = Ladder(4, gpu, (low, cpu), others_idle=True)
    steps = []
    while not steps or steps[-1] is not Step.GIVE_UP:
        step, ladder = next_step(ladder)
        steps.append(step)
    assert steps == [
        Step.FREE_CACHE,
        Step.HALVE_BATCH,
        Step.HALVE_BATCH,
        Step.EVICT_IDLE,
        Step.LOWER_PRECISION,
        Step.CPU,
        Step.GIVE_UP,
    ]
