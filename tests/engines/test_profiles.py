"""What cards of each size carry."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines import catalog
from engines.base import Memory, ModelSpec
from engines.device import Gpu, Machine, memory_of
from engines.profiles import CARDS_GB, SHARE, fit, precisions, profile
from engines.residency.residency import Residency
from engines.residency.rooms import Limits
from tests.engines.fake_process import AllWeights, Clock, Starter
from tests.engines.toy_engine import toy_spec

ON_GPU = precisions("cuda:0")


def guess(spec: ModelSpec, precision: str) -> Memory:
    return memory_of(spec, precision)


def budget(gb: int) -> int:
    return int(gb * 1024 * SHARE)


def of_task(spec: ModelSpec, task: str) -> ModelSpec:
    other: Any = task
    return replace(spec, task=other)


@pytest.mark.parametrize("gb", CARDS_GB)
def test_every_card_carries_a_good_model_and_what_stays_together_fits(gb: int) -> None:
    found = profile(catalog.MODELS, budget(gb), guess, ON_GPU)
    assert "large-v3" in {one.name for one in found.fits}
    assert found.together and found.together_mib <= budget(gb)
    assert all(one.whole_mib <= budget(gb) for one in found.fits)


def test_a_small_card_gets_less_precision_and_a_larger_one_larger_batches() -> None:
    large = catalog.by_name("large-v3")
    chosen = [fit(large, budget(gb), guess, ON_GPU) for gb in CARDS_GB]
    assert [(one.precision, one.batch) for one in chosen if one] == [
        ("int8_float16", 2), ("float16", 4), ("float16", 8), ("float16", 16), ("float16", 16),
    ]  # fmt: skip


def test_what_does_not_fit_is_left_out() -> None:
    assert fit(catalog.by_name("large-v3"), 1000, guess, ON_GPU) is None
    assert profile(catalog.MODELS, 10, guess, ON_GPU).together == ()


def test_each_task_has_a_place_before_any_has_its_best_model() -> None:
    def model(name: str, task: str, rank: int, mib: int) -> ModelSpec:
        return of_task(replace(toy_spec(name, float16=Memory(mib, 50, 10)), rank=rank), task)

    models = [
        model("hears", "hear", 10, 500), model("hears-well", "hear", 20, 3000),
        model("writes", "write", 10, 800), model("writes-well", "write", 20, 3500),
    ]  # fmt: skip
    together = lambda mib: {one.name for one in profile(models, mib, guess, ON_GPU).together}  # noqa: E731
    assert together(4000) == {"hears-well", "writes"}
    assert together(1600) == {"hears", "writes"}
    assert together(8200) == {"hears", "hears-well", "writes", "writes-well"}


@given(st.lists(st.tuples(st.integers(50, 9000), st.integers(0, 500), st.integers(1, 300), st.sampled_from("abc"))),
       st.integers(100, 30_000))  # fmt: skip
def test_what_stays_together_always_fits(sizes: list[tuple[int, int, int, str]], budget_mib: int) -> None:
    models = [
        of_task(replace(toy_spec(f"m{at}", float16=Memory(held, base, item)), rank=at), task)
        for at, (held, base, item, task) in enumerate(sizes)
    ]
    found = profile(models, budget_mib, guess, ON_GPU)
    assert found.together_mib <= budget_mib
    assert len({one.name for one in found.together}) == len(found.together)
    tasks = {models[int(one.name[1:])].task for one in found.fits}
    if len(tasks) == 1:
        assert found.together


def test_the_program_itself_loads_a_model_as_the_profile_says() -> None:
    for gb, precision in ((4, "int8_float16"), (24, "float16")):
        machine = Machine(8, 32_000, 30_000, (Gpu(0, "Card", gb * 1024, gb * 1024, 8.6),))
        residency = Residency(
            AllWeights(), machine, 8000, 60.0, Clock(), Starter(), limits=Limits(tick_s=None), free_mib=lambda _: None
        )
        places = residency.places(catalog.by_name("large-v3"))
        assert (places[0].device, places[0].precision) == ("cuda:0", precision)
        assert places[-1].device == "cpu"
        assert residency.places(catalog.by_name("base"))[0].precision == "float16"
