"""Where a model may be loaded follows from the machine and the model."""

from __future__ import annotations

from engines.base import Memory
from engines.device import Gpu, Machine, bounded, budgets, look, memory_of, places, usable_cpus
from tests.engines.toy_engine import toy_spec

SIZES = {"int8": Memory(100, 0, 1), "int8_float16": Memory(120, 0, 1), "float16": Memory(200, 0, 1)}
GPU = Gpu(1, "Card", 8000, 7000, 8.6)


def test_without_a_gpu_a_model_goes_to_the_cpu_in_int8() -> None:
    found = places(toy_spec(**SIZES), Machine(4, 8000, 6000))
    assert [(place.device, place.precision, place.threads) for place in found] == [("cpu", "int8", 4)]


def test_a_gpu_is_tried_at_falling_precision_and_then_the_cpu() -> None:
    found = places(toy_spec(**SIZES), Machine(4, 8000, 6000, (GPU,)))
    assert [(place.device, place.precision) for place in found] == [
        ("cuda:1", "float16"),
        ("cuda:1", "int8_float16"),
        ("cpu", "int8"),
    ]


def test_an_old_gpu_is_not_asked_for_float16() -> None:
    found = places(toy_spec(**SIZES), Machine(4, 8000, 6000, (Gpu(0, "Old", 4000, 4000, 6.1),)))
    assert found[0].precision == "int8_float16"


def test_the_administrators_limit_is_the_budget_of_the_main_memory() -> None:
    assert budgets(Machine(4, 8000, 6000, (GPU,)), 1234) == {"cpu": 1234, "cuda:1": 7360}
    assert budgets(Machine(4, 8000, 6000)) == {"cpu": 6000}


def test_an_unmeasured_precision_takes_the_numbers_of_a_known_one() -> None:
    assert memory_of(toy_spec(int8=Memory(70, 0, 1)), "int8_float16").resident_mib == 70
    assert memory_of(toy_spec(int8=Memory(70, 0, 1)), "float32").resident_mib == 70


def test_looking_at_this_machine_finds_processors_and_memory() -> None:
    machine = look()
    assert machine.cpu_count == usable_cpus() >= 1
    assert 0 < machine.ram_free_mib <= machine.ram_mib


def test_an_administrators_limit_bounds_the_machine_that_models_are_chosen_for() -> None:
    machine = Machine(4, 16_000, 12_000)
    assert bounded(machine, 4_000).ram_mib == 4_000
    assert bounded(machine, None) == machine
    assert bounded(machine, 64_000).ram_mib == 16_000
