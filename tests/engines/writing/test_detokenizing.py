"""Text comes out whole, however many tokens a character needs."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from engines.writing.detokenizing import Detokenizing


def decode(tokens: Sequence[int]) -> str:
    """Each token is a byte of UTF-8."""
    return bytes(tokens).decode("utf-8", "replace")


def run(text: str) -> list[str]:
    one = Detokenizing(decode)
    return [*(one.feed(byte) for byte in text.encode()), one.close()]


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\ufffd"), max_size=40))
def test_the_pieces_are_the_text(text: str) -> None:
    assert "".join(run(text)) == text


def test_no_piece_is_half_a_character() -> None:
    assert [piece for piece in run("会议😀") if piece] == ["会", "议", "😀"]


def test_half_a_character_at_the_end_is_lost() -> None:
    one = Detokenizing(decode)
    assert [one.feed(byte) for byte in "会".encode()[:2]] + [one.close()] == ["", "", ""]
