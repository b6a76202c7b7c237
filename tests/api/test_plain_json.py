"""JSON that is written piece by piece."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.plain_json import PlainJson

plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=60) | st.dictionaries(st.text(), inner, max_size=5),
    max_leaves=80,
)


@given(plain)
def test_pieces_say_what_one_piece_would_say(content: Any) -> None:
    whole = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    assert PlainJson(content).body.decode() == whole


@pytest.mark.parametrize("n_items", [0, 1, 24, 25, 26, 50, 51])
def test_a_list_of_any_length_keeps_its_commas(n_items: int) -> None:
    content = {"lines": [{"text": "嗯,"}] * n_items, "next": None}
    assert json.loads(PlainJson(content).body) == content


def test_keys_that_are_no_text_become_text() -> None:
    assert PlainJson({1: "a", None: "b"}).body == b'{"1":"a","null":"b"}'


def test_what_json_cannot_say_is_refused() -> None:
    with pytest.raises(ValueError):
        PlainJson({"rate": [float("nan")]})
