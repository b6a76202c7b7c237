"""Search through all transcripts: order, pages, filters."""

from __future__ import annotations

import random
from typing import Any

import pytest

from media.transcript import Segment
from workbench.errors import JobError
from workbench.history.history import History, HistoryFilter


def test_a_hit_says_where_it_is_and_what_to_mark(history: History, desk: Any, clock: Any) -> None:
    desk.finish("j", ["nothing here", "The budget is fine"], "Board")
    hits, following = history.search("budg")
    assert following is None
    hit = hits[0]
    assert (hit.job_id, hit.title, hit.number, hit.start, hit.end) == ("j", "Board", 1, 1.0, 2.0)
    assert (hit.text, hit.ranges, hit.created_at) == ("The budget is fine", ((4, 10),), clock.now)


def test_all_words_must_occur_in_one_line(history: History, desk: Any) -> None:
    desk.finish("j", ["red fish", "blue fish", "red 鱼 and blue 鱼"])
    assert desk.found("fish red") == [("j", 0)]
    assert desk.found("red 鱼") == [("j", 2)]
    assert desk.found("red fish blue") == []


def test_the_newest_line_comes_first(history: History, desk: Any) -> None:
    for n in range(3):
        desk.finish(f"j{n}", ["same", "same"])
    assert desk.found("same") == [("j2", 1), ("j2", 0), ("j1", 1), ("j1", 0), ("j0", 1), ("j0", 0)]


def test_pages_have_no_gap_and_no_double_while_new_transcripts_arrive(history: History, desk: Any) -> None:
    desk.finish("j", ["word"] * 700)
    numbers: list[int] = []
    before: str | None = None
    for n in range(1000):
        hits, before = history.search("word", None, before, 33)
        numbers.extend(hit.number for hit in hits)
        desk.finish(f"late{n}", ["word"])
        if before is None:
            break
    assert numbers == list(reversed(range(700)))


@pytest.mark.parametrize(
    "text",
    ['"', '""', "*", "^a", "a AND", "NEAR(a b)", "col:a", "{a b}:c", "-a", "a + b", "%", "_", "' OR 1=1", "<script>",
     "😀", "\x00", "\ud800", "a\x00b", "(" * 300, "[]", "\\", "～", "“", "「」"],
)  # fmt: skip
def test_signs_of_other_languages_are_never_an_error(history: History, desk: Any, text: str) -> None:
    desk.finish("j", ["a plain line"])
    history.search(text)


@pytest.mark.parametrize(
    ("line", "asked"),
    [("the <b>bold</b> claim", "<b>"), ("it rose 50% today", "50%"), ("we 😀 laughed", "😀"), ("use C++ here", "C++"),
     ("AND is a word", "AND"), ("a NOT b", "not"), ('she said "yes sir" twice', '"yes sir"'), ("don't stop", "don't")],
)  # fmt: skip
def test_signs_are_taken_literally(history: History, desk: Any, line: str, asked: str) -> None:
    desk.finish("j", [line, "another line"])
    assert desk.found(asked) == [("j", 0)]


def test_the_filters_of_jobs_hold_for_their_lines(history: History, desk: Any, clock: Any) -> None:
    for n in range(6):
        clock.now = 1000.0 * (n + 1)
        tags = ("even",) if n % 2 == 0 else ()
        desk.finish(f"j{n}", ["same line"], task="diarization" if n == 5 else "asr", tags=tags)
    assert desk.found("same", since=2000.0, until=4000.0) == [("j2", 0), ("j1", 0)]
    assert desk.found("same", tag="even") == [("j4", 0), ("j2", 0), ("j0", 0)]
    assert desk.found("same", task="diarization") == [("j5", 0)]
    assert desk.found("same", status="failed") == []
    assert desk.found("same", tag="even", since=2500.0, task="asr", status="succeeded") == [("j4", 0), ("j2", 0)]


def test_a_filter_finds_what_a_walk_through_everything_finds(history: History, desk: Any, clock: Any) -> None:
    rng = random.Random(3)
    expected: dict[tuple[str, str | None, bool], list[tuple[str, int]]] = {}
    for n in range(120):
        lines = [" ".join(rng.choices(["rare", *["often"] * 20, "字"], k=3)) for _ in range(rng.randint(0, 9))]
        tag = rng.choice([None, "a", "b"])
        clock.now += rng.choice([-50, 100])
        desk.finish(f"j{n}", lines, tags=(tag,) if tag else ())
        gone = rng.random() < 0.2
        if gone:
            history.delete([f"j{n}"])
        for number, line in enumerate(lines):
            for word in set(line.split()):
                for asked in {None, tag}:
                    expected.setdefault((word, asked, gone), []).append((f"j{n}", number))
    for (word, tag, gone), places in expected.items():
        found: list[tuple[str, int]] = []
        before: str | None = None
        while True:
            hits, before = history.search(f"{word} ", HistoryFilter(tag=tag, deleted=gone), before, 7)
            found.extend((hit.job_id, hit.number) for hit in hits)
            if before is None:
                break
        assert found == places[::-1]


def test_words_of_the_index_that_no_line_has_are_not_shown(history: History, desk: Any) -> None:
    desk.finish("j", ["true line"])
    with history.transaction() as db:
        db.execute("INSERT INTO segments_search (rowid, tokens) VALUES (1, 'stray'), (99, 'stray')")
    assert desk.found("stray") == []


@pytest.mark.parametrize("key", ["", "x", "1.5", "[1]"])
def test_a_key_that_no_page_gave_is_refused(history: History, key: str) -> None:
    with pytest.raises(JobError, match="page_unknown"):
        history.search("word", None, key)


def test_ten_thousand_lines_of_one_recording_are_written_and_found(history: History, desk: Any) -> None:
    desk.accept("long")
    history.finish_cut("long", 36_000.0)
    lines = [Segment(n * 3.6, n * 3.6 + 3, f"line {n} 第{n}行") for n in range(10_000)]
    assert history.finish_job("long", lines)
    assert desk.found("第9999") == [("long", 9999)]
    assert history.jobs(["long"])[0].n_segments == 10_000
