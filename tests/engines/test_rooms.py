"""Entries of the table of models, as values."""

from __future__ import annotations

import pytest

from engines.base import Place
from engines.errors import Stopped
from engines.residency.rooms import Ask, Room, Table
from tests.engines.toy_engine import toy_spec

GPU, LOWER, CPU = Place("cuda:0", "float16", 2), Place("cuda:0", "int8_float16", 2), Place("cpu", "int8", 2)


def test_an_ask_shrinks_to_one_item_and_then_goes_down_its_places() -> None:
    ask = Ask(toy_spec("a"), 5, [GPU, LOWER, CPU])
    assert [ask.halve(), ask.halve(), ask.halve()] == [True, True, False]
    assert [ask.go_on(), ask.go_on(), ask.go_on()] == [True, True, False]
    assert (ask.batch, ask.places) == (1, [CPU])
    assert [step.value for step in ask.steps] == ["halve_batch", "halve_batch", "lower_precision", "cpu"]


def test_only_unused_rooms_on_the_same_device_can_give_way() -> None:
    table = Table()
    mine, other, used, elsewhere, going = (
        Room(toy_spec(name), place)
        for name, place in (("a", CPU), ("b", CPU), ("c", CPU), ("d", GPU), ("e", CPU))
    )  # fmt: skip
    table.rooms = {room.spec.name: room for room in (mine, other, used, elsewhere, going)}
    used.leases = 1
    table.retire([going])
    assert table.idle_beside(mine) == [other]


def test_a_closed_table_stops_whoever_asks() -> None:
    table = Table()
    table.check(lambda: False)
    with pytest.raises(Stopped):
        table.check(lambda: True)
    table.closed.set()
    with pytest.raises(Stopped):
        table.check(lambda: False)
