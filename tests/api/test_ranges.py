from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.ranges import NotSatisfiable, Part, range_holds, still_fresh, wanted_part


@pytest.mark.parametrize(
    ("header", "part"),
    [
        (None, None),
        ("bytes=0-", Part(0, 100)),
        ("bytes=0-0", Part(0, 1)),
        ("bytes=10-19", Part(10, 20)),
        ("bytes=90-500", Part(90, 100)),
        ("bytes=-10", Part(90, 100)),
        ("bytes=-500", Part(0, 100)),
        ("BYTES = 1-2", Part(1, 3)),
        ("bytes=-", None),
        ("bytes=5-1", None),
        ("bytes=0-1,5-6", None),
        ("seconds=0-1", None),
        ("bytes=a-b", None),
        ("bytes=--1", None),
        ("bytes=" + "1" * 200 + "-", None),
    ],
)
def test_a_range_header_names_a_part_or_is_ignored(header: str | None, part: Part | None) -> None:
    assert wanted_part(header, 100) == part


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=-0"])
def test_a_range_behind_the_end_cannot_be_satisfied(header: str) -> None:
    with pytest.raises(NotSatisfiable):
        wanted_part(header, 100)


@given(st.text(max_size=30), st.integers(0, 1000))
def test_no_header_gives_a_part_outside_the_body(text: str, size: int) -> None:
    try:
        part = wanted_part("bytes=" + text, size)
    except NotSatisfiable:
        return
    assert part is None or 0 <= part.start < part.stop <= size


def test_a_copy_is_fresh_only_under_its_own_tag() -> None:
    assert still_fresh('"a"', '"a"') and still_fresh('W/"a", "b"', '"a"') and still_fresh("*", '"a"')
    assert not still_fresh('"b"', '"a"') and not still_fresh(None, '"a"')


def test_a_range_of_another_version_gets_the_whole() -> None:
    assert range_holds(None, '"a"') and range_holds('"a"', '"a"')
    assert not range_holds('"b"', '"a"') and not range_holds('W/"a"', '"a"')
