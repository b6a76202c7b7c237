from __future__ import annotations

from media.transcript import Segment, Word
from media.turns import Floor, given, share_out
from media.voices import Turn


def line(*words: tuple[float, float, str], text: str | None = None) -> Segment:
    told = tuple(Word(start, end, word, 0.9) for start, end, word in words)
    return Segment(
        told[0].start, told[-1].end, text if text is not None else "".join(w.text for w in told).strip(), told
    )


def test_a_line_is_cut_where_the_speaker_changes() -> None:
    asked = line(
        (0.0, 0.5, " Are"), (0.5, 1.0, " you"), (1.0, 1.4, " there?"), (2.0, 2.6, " Yes,"), (2.6, 3.2, " here.")
    )
    parts = share_out([asked], [Turn(0.0, 1.6, 0), Turn(1.9, 3.3, 1)])
    assert [(part.segment.text, part.speaker) for part in parts] == [("Are you there?", 0), ("Yes, here.", 1)]
    assert [(part.segment.start, part.segment.end) for part in parts] == [(0.0, 1.4), (2.0, 3.2)]
    assert all(part.index == 0 for part in parts)


def test_a_line_that_somebody_edited_stays_whole_and_goes_to_whom_most_of_it_belongs() -> None:
    edited = line((0.0, 0.5, " Are"), (0.5, 3.0, " you"), text="Are you there? Yes.")
    parts = share_out([edited], [Turn(0.0, 0.6, 0), Turn(0.6, 3.0, 1)])
    assert [(part.segment.text, part.speaker) for part in parts] == [("Are you there? Yes.", 1)]


def test_one_short_word_between_words_of_one_speaker_is_no_remark() -> None:
    said = line((0.0, 1.0, " one"), (1.0, 1.2, " two"), (1.2, 2.0, " three"))
    parts = share_out([said], [Turn(0.0, 1.0, 0), Turn(1.0, 1.2, 1), Turn(1.2, 2.0, 0)])
    assert [(part.segment.text, part.speaker) for part in parts] == [("one two three", 0)]


def test_words_outside_of_all_turns_go_to_the_nearest_one_or_to_nobody() -> None:
    floor = Floor([Turn(10.0, 12.0, 3)])
    assert floor.speaker(12.5, 12.9) == 3
    assert floor.speaker(20.0, 21.0) is None


def test_a_line_that_is_spoken_over_is_marked() -> None:
    said = line((0.0, 1.0, " all"), (1.0, 2.0, " at"), (2.0, 3.0, " once"))
    marked = share_out([said], [Turn(0.0, 3.0, 0), Turn(1.0, 3.0, 1)])
    assert {flag for part in marked for flag in part.segment.flags} == {"overlap"}
    clear = share_out([said], [Turn(0.0, 3.0, 0)])
    assert clear[0].segment.flags == ()


def test_no_turns_leave_every_line_as_it_is() -> None:
    said = line((0.0, 1.0, " all"))
    assert share_out([said], []) == share_out([said], [])
    assert share_out([said], [])[0].segment == said


def test_what_is_heard_in_a_line_that_is_given_away_is_heard_of_the_other_one() -> None:
    turns = [(0.0, 10.0, "1"), (4.0, 6.0, "2"), (10.0, 12.0, "2")]
    assert given(turns, [(3.0, 5.0, "1")], "3") == [
        (0.0, 3.0, "1"), (3.0, 5.0, "3"), (4.0, 6.0, "2"), (5.0, 10.0, "1"), (10.0, 12.0, "2"),
    ]  # fmt: skip


def test_a_line_in_which_its_speaker_was_not_heard_is_wholly_the_new_ones() -> None:
    assert given([(5.0, 6.0, "1")], [(1.0, 2.0, None), (5.0, 6.0, "1")], "2") == [(1.0, 2.0, "2"), (5.0, 6.0, "2")]
