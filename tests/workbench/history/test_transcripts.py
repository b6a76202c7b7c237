"""Lines: edits, find and replace, the way back, and the search index that follows."""

from __future__ import annotations

from typing import Any

import pytest

from media.transcript import Segment, Word
from workbench.errors import JobError, NotFound
from workbench.history.history import History


def test_a_line_reads_back_with_all_it_has(history: History, desk: Any) -> None:
    desk.accept("j")
    history.finish_cut("j", 5.0)
    words = (Word(1.0, 1.5, "你好", 0.9), Word(1.5, 2.5, " there", 0.4))
    line = Segment(1.0, 2.5, "你好 there", words, "zh", "A", -0.3, flags=("doubtful",))
    history.finish_job("j", [line])
    row = history.segments("j")[0]
    assert (row.number, row.start, row.end, row.text, row.original_text) == (0, 1.0, 2.5, "你好 there", None)
    assert row.words == ((1.0, 1.5, "你好", 0.9), (1.5, 2.5, " there", 0.4))
    assert (row.language, row.speaker, row.avg_logprob, row.flags) == ("zh", "A", -0.3, ("doubtful",))


def test_lines_are_read_in_pages_by_number(history: History, desk: Any) -> None:
    desk.finish("j", [f"line {n}" for n in range(25)])
    numbers, after = [], -1
    while page := history.segments("j", after, 10):
        numbers.append([row.number for row in page])
        after = page[-1].number
    assert numbers == [list(range(10)), list(range(10, 20)), list(range(20, 25))]


def test_the_first_text_is_kept_through_several_edits(history: History, desk: Any) -> None:
    desk.finish("j", ["one", "two"])
    assert history.edit("j", {0: "first edit"}) == 1
    assert history.edit("j", {0: "second\n edit "}) == 1
    row = history.segments("j")[0]
    assert (row.text, row.original_text, row.edited) == ("second edit", "one", True)
    assert not history.segments("j")[1].edited


def test_an_edit_back_to_the_first_text_is_no_edit_any_more(history: History, desk: Any) -> None:
    desk.finish("j", ["one"])
    history.edit("j", {0: "other"})
    assert history.edit("j", {0: "one"}) == 1
    assert not history.segments("j")[0].edited
    assert history.edit("j", {0: "one"}) == 0


def test_restoring_brings_back_some_lines_or_all(history: History, desk: Any) -> None:
    desk.finish("j", ["one", "two", "three"])
    history.edit("j", {0: "a", 1: "b", 2: "c"})
    assert history.restore("j", [1]) == 1
    assert [row.text for row in history.segments("j")] == ["a", "two", "c"]
    assert history.restore("j") == 2
    assert [row.text for row in history.segments("j")] == ["one", "two", "three"]
    assert history.restore("j") == 0


def test_search_follows_every_change(history: History, desk: Any) -> None:
    desk.finish("j", ["the quarterly figures", "会议室在三楼"])
    history.edit("j", {0: "the yearly figures", 1: "会议厅在三楼"})
    assert desk.found("quarterly") == desk.found("议室") == []
    assert desk.found("yearly") == [("j", 0)]
    assert desk.found("议厅") == [("j", 1)]
    history.replace("j", "三楼", "五楼")
    assert desk.found("三楼") == []
    assert desk.found("五楼") == [("j", 1)]
    history.restore("j")
    assert desk.found("yearly") == desk.found("五楼") == []
    assert desk.found("quarterly") == [("j", 0)]


def test_replacing_counts_every_place_and_takes_the_text_literally(history: History, desk: Any) -> None:
    desk.finish("j", ["a.b a.b axb", "A.B", "nothing"])
    assert history.replace("j", "a.b", r"\1<&>") == 2
    assert [row.text for row in history.segments("j")] == [r"\1<&> \1<&> axb", "A.B", "nothing"]
    assert history.replace("j", "a.B", "c", match_case=False) == 1
    assert history.replace("j", "", "x") == 0
    assert history.replace("j", "not there", "x") == 0


def test_editing_an_unknown_line_changes_nothing(history: History, desk: Any) -> None:
    desk.finish("j", ["one"])
    with pytest.raises(NotFound, match="line_unknown"):
        history.edit("j", {0: "other", 7: "no such line"})
    assert history.segments("j")[0].text == "one"


def test_only_a_finished_transcript_can_be_edited(history: History, desk: Any) -> None:
    desk.accept("j")
    for ask in (
        lambda: history.edit("j", {0: "x"}),
        lambda: history.replace("j", "a", "b"),
        lambda: history.restore("j"),
    ):
        with pytest.raises(JobError, match="job_not_finished"):
            ask()
    with pytest.raises(NotFound, match="job_unknown"):
        history.edit("nobody", {0: "x"})


def test_a_failure_in_the_middle_leaves_neither_lines_nor_words_nor_status(history: History, desk: Any) -> None:
    desk.accept("j")
    history.finish_cut("j", 2.0)
    with pytest.raises(RuntimeError), history.transaction():
        assert history.finish_job("j", [Segment(0.0, 1.0, "ghost")])
        raise RuntimeError
    assert history.segments("j") == []
    assert desk.found("ghost") == []
    assert history.finish_job("j", [Segment(0.0, 1.0, "real")])
    assert desk.found("real") == [("j", 0)]


def test_the_index_can_be_written_anew(history: History, desk: Any) -> None:
    desk.finish("j", ["alpha", "贝塔"])
    history.rebuild_search()
    assert desk.found("alpha") == [("j", 0)]
    assert desk.found("贝") == [("j", 1)]


def test_an_edit_of_a_line_that_somebody_changed_meanwhile_changes_nothing(history: History, desk: Any) -> None:
    desk.finish("j", ["one", "two"])
    seen = {line.number: line.text for line in history.segments("j")}
    assert history.edit("j", {0: "theirs"}, seen) == 1
    with pytest.raises(JobError) as refused:
        history.edit("j", {1: "mine too", 0: "mine"}, seen)
    assert (refused.value.code, refused.value.values) == ("line_changed", {"number": 0})
    assert [line.text for line in history.segments("j")][:2] == ["theirs", seen[1]]
    assert history.edit("j", {0: "theirs"}, seen) == 0
    assert history.edit("j", {0: "mine"}, {0: "theirs"}) == 1
