"""Two texts beside each other hold all their words, and what differs is marked."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from media.differing import AT_ONCE, Differing, Line, differing


def told(found: Differing) -> list[tuple[float, str, str]]:
    def shown(runs: object) -> str:
        return "".join(run.text if run.same else f"[{run.text.strip()}]" for run in runs)  # type: ignore[attr-defined]

    return [(row.start, shown(row.one), shown(row.other)) for row in found.rows]


def test_one_word_that_differs_is_marked_in_both() -> None:
    found = differing([Line(1.0, "Send it on Friday, please.")], [Line(1.2, "send it on Thursday please")])
    assert told(found) == [(1.0, "Send it on [Friday,]please.", "send it on [Thursday]please")]
    assert (found.n_words, found.n_different) == (5, 1)


def test_chinese_is_compared_by_its_signs() -> None:
    found = differing([Line(0.0, "广州市房地产。")], [Line(0.0, "广州是房地产")])
    assert told(found) == [(0.0, "广州[市]房地产。", "广州[是]房地产")]


def test_lines_may_be_cut_elsewhere() -> None:
    found = differing([Line(0, "a b c"), Line(5, "d e f")], [Line(0, "a b"), Line(2, "c d e"), Line(6, "f")])
    assert [(row.start, len(row.one), len(row.other)) for row in found.rows] == [(0, 1, 1), (5, 1, 1)]
    assert found.n_different == 0


def test_what_only_one_of_them_heard_has_a_row_of_its_own() -> None:
    found = differing(
        [Line(0, "one two"), Line(100, "eight")], [Line(0, "one two"), Line(50, "four five"), Line(100, "eight")]
    )
    assert [row.start for row in found.rows] == [0, 50, 100]
    assert not found.rows[1].one and found.n_different == 2


def test_a_text_may_be_empty() -> None:
    assert differing([], []).rows == ()
    assert told(differing([], [Line(3, "hello")])) == [(3, "", "[hello]")]
    assert told(differing([Line(3, "hello")], [])) == [(3, "[hello]", "")]


def test_a_text_longer_than_a_comparison_is_followed_through_a_gap() -> None:
    words = [f"w{n % 97}x{n}" for n in range(AT_ONCE * 4)]
    cut = words[: AT_ONCE + 10] + words[AT_ONCE + 60 :]
    found = differing([Line(n, word) for n, word in enumerate(words)], [Line(0, " ".join(cut))])
    assert found.n_different == 50


@given(st.lists(st.text("ab c。好", max_size=12), max_size=8), st.lists(st.text("ab c。好", max_size=12), max_size=8))
def test_no_word_is_lost(one: list[str], other: list[str]) -> None:
    found = differing([Line(n, text) for n, text in enumerate(one)], [Line(n, text) for n, text in enumerate(other)])
    for name, texts in (("one", one), ("other", other)):
        kept = "".join(run.text for row in found.rows for run in getattr(row, name))
        assert sorted(kept.replace(" ", "")) == sorted("".join(texts).replace(" ", ""))
