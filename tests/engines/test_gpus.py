"""What the driver says of graphics cards, told by a stand-in for its library."""

from __future__ import annotations

from engines.device import Driver, Gpu, Machine, look, options, places
from engines.gpus import GpuProgram
from engines.places import Choice
from tests.engines.fake_nvml import FakeNvml
from tests.engines.toy_engine import Memory, toy_spec

CARD = {"name": "Card", "total": 12_000, "used": 3_000, "capability": (8, 6), "use": 40}
ALL = {p: Memory(100, 0, 1) for p in ("int8", "int8_float16", "float16", "bfloat16", "float32")}


def test_a_card_is_described_in_mib_and_shares() -> None:
    nvml = FakeNvml({**CARD, "name": b"Card"})
    assert Driver(lambda: nvml).gpus() == (Gpu(0, "Card", 12_000, 9_000, 8.6, 0.4),)
    assert nvml.n_open == 0


def test_a_card_that_does_not_tell_its_use_is_still_a_card() -> None:
    assert Driver(lambda: FakeNvml({**CARD, "use": None})).gpus()[0].use is None


def test_without_library_driver_or_cards_there_are_none() -> None:
    for nvml in (None, FakeNvml(broken=True), FakeNvml()):
        assert Driver(lambda found=nvml: found).gpus() == ()
        assert Driver(lambda found=nvml: found).programs() == ()


def test_a_card_that_was_lost_leaves_the_driver_closed() -> None:
    nvml = FakeNvml({**CARD, "fallen_off_the_bus": True})
    assert look(Driver(lambda: nvml)).gpus == ()
    assert nvml.n_open == 0


def test_every_program_on_a_card_is_named_once_with_what_it_holds() -> None:
    nvml = FakeNvml({**CARD, "compute": [(10, 500), (11, None)], "graphics": [(10, 500), (12, 80)]}, CARD)
    driver = Driver(lambda: nvml)
    assert driver.programs() == (GpuProgram(0, 10, 500), GpuProgram(0, 11, None), GpuProgram(0, 12, 80))
    assert (driver.used_mib("cuda:0", 12), driver.used_mib("cuda:1", 12), driver.used_mib("cuda", 11)) == (
        80,
        None,
        None,
    )


def test_a_model_is_offered_only_what_the_machine_computes() -> None:
    machine = Machine(4, 8000, 6000, (Gpu(0, "New", 1, 1, 8.9), Gpu(1, "Older", 1, 1, 7.5), Gpu(2, "Old", 1, 1, 6.1)))
    assert options(toy_spec(**ALL), machine) == {
        "cuda:0": ("float16", "bfloat16", "int8_float16", "float32"),
        "cuda:1": ("float16", "int8_float16", "float32"),
        "cuda:2": ("int8_float16", "float32"),
        "cpu": ("int8", "float32"),
    }


def test_what_the_administrator_chose_goes_first_and_less_memory_after_it() -> None:
    machine = Machine(4, 8000, 6000, (Gpu(0, "Card", 1, 1, 8.9),))

    def chosen(choice: Choice) -> list[tuple[str, str]]:
        return [(place.device, place.precision) for place in places(toy_spec(**ALL), machine, 4, choice)]

    assert chosen(Choice(precision="bfloat16")) == [("cuda:0", "bfloat16"), ("cuda:0", "int8_float16"), ("cpu", "int8")]
    assert chosen(Choice("cpu", "float32")) == [("cpu", "float32"), ("cpu", "int8")]
    assert chosen(Choice("cpu", "float16")) == [("cpu", "int8")]


def test_a_choice_that_this_machine_cannot_have_is_passed_over() -> None:
    there = places(toy_spec(**ALL), Machine(4, 8000, 6000), 4, Choice("cuda:0", "float16"))
    assert [(place.device, place.precision) for place in there] == [("cpu", "int8")]
