from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.running.lanes import (
    AGEING_S,
    SAME_MODEL_RUNS,
    Batch,
    Claim,
    Engines,
    Rules,
    Waiting,
    decayed,
    lane_for,
    next_batch,
    next_intake,
)

NOW = 1000.0


def claim(job_id: str, n: int = 10, **changes: object) -> Claim:
    chunks = tuple(Waiting(number, 28.0) for number in range(n))
    base = Claim(job_id, owner=job_id, lane="interactive", model="base", since=NOW, served=NOW, chunks=chunks)
    return replace(base, **changes)  # type: ignore[arg-type]


def choose(
    *claims: Claim, service: dict[str, float] | None = None, engines: Engines | None = None, size: int = 4
) -> Batch:
    batch = next_batch(claims, service or {}, engines or Engines(), Rules(size, 1000.0), NOW)
    assert batch is not None
    return batch


def jobs_of(batch: Batch) -> list[str]:
    return [job_id for job_id, _ in batch.items]


def test_nothing_runs_when_nothing_waits() -> None:
    assert next_batch([], {}, Engines(), Rules(), NOW) is None
    assert next_batch([claim("a", n=0)], {}, Engines(), Rules(), NOW) is None


def test_live_work_overtakes_everything() -> None:
    old = claim("old", since=0, served=0)
    assert jobs_of(choose(old, claim("mic", n=1, lane="live"), service={"mic": 900.0}))[0] == "mic"


def test_interactive_work_overtakes_batch_work() -> None:
    assert jobs_of(choose(claim("many", lane="batch", since=0), claim("one"))) == ["one"] * 4


def test_batch_work_that_waited_long_enough_is_served_like_interactive_work() -> None:
    aged = claim("many", lane="batch", since=0, served=NOW - AGEING_S)
    busy = claim("one")
    assert "many" in jobs_of(choose(aged, busy))
    assert "many" not in jobs_of(choose(replace(aged, served=NOW - AGEING_S + 1), busy))


def test_places_of_a_batch_are_dealt_out_fairly() -> None:
    batch = choose(claim("a"), claim("b"), size=4)
    assert sorted(jobs_of(batch)) == ["a", "a", "b", "b"]


def test_who_used_the_machine_most_goes_last() -> None:
    assert jobs_of(choose(claim("a", n=3), claim("b", n=3), service={"a": 500.0})) == ["b", "b", "b", "a"]


def test_jobs_of_one_person_are_served_in_the_order_they_came() -> None:
    first, second = claim("x2", owner="p", since=1), claim("x1", owner="p", since=2)
    assert jobs_of(choose(second, first))[0] == "x2"


def test_a_batch_holds_chunks_of_one_model_only() -> None:
    batch = choose(claim("a", n=1, since=1), claim("b", model="small"))
    assert batch.model == "base" and jobs_of(batch) == ["a"]


def test_the_loaded_model_goes_first_but_not_for_ever() -> None:
    small, base = claim("a", model="small", since=1), claim("b", since=2)
    assert choose(small, base, engines=Engines({"base"}, "base", 1)).model == "base"
    assert choose(small, base, engines=Engines({"base"}, "base", SAME_MODEL_RUNS)).model == "small"


def test_a_loaded_model_does_not_make_batch_work_overtake_interactive_work() -> None:
    assert choose(claim("a", model="small"), claim("b", lane="batch"), engines=Engines({"base"})).model == "small"


def test_a_model_that_is_running_is_left_alone() -> None:
    assert choose(claim("a", since=1), claim("b", model="small"), engines=Engines(busy={"base"})).model == "small"


def test_a_job_of_unknown_language_gives_one_chunk_and_then_waits_for_it() -> None:
    open_job = claim("a", undecided=True)
    assert choose(open_job).items == (("a", 0),)
    assert next_batch([replace(open_job, n_running=1)], {}, Engines(), Rules(), NOW) is None


def test_a_chunk_that_failed_runs_alone_and_after_the_clean_ones() -> None:
    chunks = (Waiting(0, 28.0, attempts=1), Waiting(1, 28.0), Waiting(2, 28.0))
    assert choose(claim("a", chunks=chunks)).items == (("a", 1), ("a", 2))
    assert choose(claim("a", chunks=chunks[:1]), claim("b", since=NOW + 1, n=2), service={"b": 1.0}).items == (
        ("a", 0),
    )


def test_a_failed_chunk_does_not_join_a_batch_of_clean_ones() -> None:
    failed = claim("b", since=NOW + 1, chunks=(Waiting(7, 28.0, attempts=2),))
    assert choose(claim("a", n=2), failed).items == (("a", 0), ("a", 1))


def test_the_first_chunk_of_a_long_job_runs_alone_on_a_slow_machine() -> None:
    long_job = claim("a", quick=True)
    assert choose(long_job).items == (("a", 0),)
    batch = next_batch([long_job], {}, Engines(), Rules(4, 1000.0, quick_alone=False), NOW)
    assert batch is not None and len(batch.items) == 4


def test_a_batch_holds_many_short_chunks_or_few_long_ones() -> None:
    short = tuple(Waiting(number, 3.0) for number in range(20))
    for chunks, n_taken in ((short, 8), (claim("a").chunks, 4)):
        batch = next_batch([claim("a", chunks=chunks)], {}, Engines(), Rules(), NOW)
        assert batch is not None and len(batch.items) == n_taken


def test_use_fades_with_time_and_is_forgotten() -> None:
    assert decayed({"a": 100.0}, 600.0) == {"a": 50.0}
    assert decayed({"a": 1.0}, 60_000.0) == {}
    assert decayed({"a": 1.0}, -5.0) == {"a": 1.0}


def test_many_files_at_once_go_to_the_batch_lane() -> None:
    assert lane_for(1, 0) == lane_for(3, 0) == "interactive"
    assert lane_for(4, 0) == "batch"
    assert lane_for(1, 50) == "batch"


@pytest.mark.parametrize(("running", "expected"), [((), "mine"), (("mine",), "other"), (("x", "y"), None)])
def test_one_persons_recordings_leave_a_reader_for_others(running: tuple[str, ...], expected: str | None) -> None:
    waiting = [claim("mine", since=1), claim("other", since=2)]
    chosen = next_intake(waiting, running, 2, {}, NOW)
    assert (chosen and chosen.job_id) == expected


def test_a_single_reader_takes_whatever_is_first() -> None:
    chosen = next_intake([claim("mine", since=1)], (), 1, {}, NOW)
    assert chosen is not None and chosen.job_id == "mine"


lanes_strategy = st.sampled_from(["live", "interactive", "batch"])
claims_strategy = st.lists(
    st.builds(
        lambda number, owner, lane, model, age, attempts, undecided, quick, n_running: Claim(
            f"job{number}", owner, lane, model, NOW - age, NOW - age,
            tuple(Waiting(n, 20.0, failed) for n, failed in enumerate(attempts)), n_running, undecided, quick,
        ),
        st.integers(0, 10_000), st.sampled_from("pqr"), lanes_strategy, st.sampled_from(["base", "small"]),
        st.floats(0, 2000),
        st.lists(st.integers(0, 2), max_size=6), st.booleans(), st.booleans(), st.integers(0, 1),
    ),
    max_size=8, unique_by=lambda claim: claim.job_id,
)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(claims_strategy, st.integers(1, 16), st.booleans())
def test_every_batch_is_legal(claims: list[Claim], size: int, alone: bool) -> None:
    batch = next_batch(claims, {}, Engines(), Rules(size, 100.0, alone), NOW)
    able = [claim for claim in claims if claim.chunks and not (claim.undecided and claim.n_running)]
    assert (batch is None) == (not able)
    if batch is None:
        return
    by_id = {claim.job_id: claim for claim in claims}
    assert 1 <= len(batch.items) <= size and len(set(batch.items)) == len(batch.items)
    for job_id, number in batch.items:
        owner = by_id[job_id]
        chunk = next(chunk for chunk in owner.chunks if chunk.number == number)
        assert owner.model == batch.model
        assert chunk.attempts == 0 or len(batch.items) == 1
        assert not owner.undecided or [job for job, _ in batch.items].count(job_id) == 1


def test_a_model_that_runs_fewer_together_gets_less_sound() -> None:
    job = claim("a", chunks=tuple(Waiting(number, 60.0) for number in range(6)))
    few, many = Engines(sizes={job.model: 8}), Engines(sizes={job.model: 16})
    batches = [next_batch([job], {}, engines, Rules(16, 224.0), NOW) for engines in (few, many)]
    assert [len(batch.items) for batch in batches if batch is not None] == [1, 3]
