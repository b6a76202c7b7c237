"""From what a session says to what a program is told, without either."""

from __future__ import annotations

from itertools import count
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from api.openai.realtime.conversation import Conversation, Event, Seen

DELTA = "conversation.item.input_audio_transcription.delta"
COMPLETED = "conversation.item.input_audio_transcription.completed"


def conversation(detecting: bool = True) -> Conversation:
    ids = count()
    made = Conversation("s", lambda: f"e{next(ids)}")
    made.detecting = detecting
    return made


def being_said(number: int, firm: str, start: float = 0.0, end: float = 1.0) -> dict[str, Any]:
    return {"line": number, "state": "open", "start": start, "end": end, "firm": firm, "provisional": "x"}


def final(number: int, text: str, start: float = 0.0, end: float = 1.0) -> dict[str, Any]:
    return {"line": number, "state": "final", "start": start, "end": end, "text": text}


def kinds(events: list[Event]) -> list[str]:
    return [event["type"].rpartition(".")[2] for event in events]


def deltas(events: list[Event]) -> str:
    return "".join(event["delta"] for event in events if event["type"] == DELTA)


def test_an_utterance_is_told_in_the_order_of_openai() -> None:
    talk = conversation()
    events = talk.look(Seen(3, 0, 0.2, [being_said(0, "the child", 0.2)]))
    assert kinds(events) == ["speech_started", "delta"] and events[0]["audio_start_ms"] == 200
    events += talk.look(Seen(9, 1, None, [being_said(0, "the child", 0.2, 1.5)]))
    events += talk.look(Seen(9, 1, None, [final(0, "The child, hurt.", 0.2, 1.5)]))
    assert kinds(events)[2:] == ["speech_stopped", "committed", "added", "done", "delta", "completed"]
    assert deltas(events) == "the child hurt." and events[-1]["transcript"] == "The child, hurt."
    assert events[-1]["usage"] == {"type": "duration", "seconds": 1.3}
    assert len({event.get("item_id", "item_s_0") for event in events}) == 1
    assert talk.next_line == 1 and talk.look(Seen(9, 1, None, [])) == []


def test_items_name_the_one_before_them() -> None:
    talk = conversation()
    events = talk.look(Seen(9, 2, None, [final(0, "one"), final(1, "two", 1, 2)]))
    assert [event["previous_item_id"] for event in events if "committed" in event["type"]] == [None, "item_s_0"]


def test_one_stretch_may_hold_many_utterances_and_is_complete_with_the_last() -> None:
    talk = conversation(detecting=False)
    events = talk.look(Seen(5, 1, None, [final(0, "one two.", 0, 1), being_said(1, "three", 1.5, 2)]))
    assert kinds(events) == ["delta", "delta"] and deltas(events) == "one two. three"
    events = talk.commit(3.0, 40)
    assert kinds(events) == ["committed", "added", "done"]
    assert talk.look(Seen(40, 2, None, [being_said(1, "three", 1.5, 2.5)])) == []
    assert talk.look(Seen(41, 2, None, [being_said(1, "three", 1.5, 2.5)])) == []
    events = talk.look(Seen(41, 2, None, [final(1, "three four", 1.5, 2.5)]))
    assert kinds(events) == ["delta", "completed"] and events[-1]["transcript"] == "one two. three four"


def test_what_is_said_behind_a_commit_belongs_to_the_next_item() -> None:
    talk = conversation(detecting=False)
    first = talk.commit(1.0, 10)[0]["item_id"]
    events = talk.look(Seen(30, 2, None, [final(0, "one", 0, 0.9), final(1, "two", 0.8, 2)]))
    assert [(event["item_id"] == first, event.get("delta")) for event in events if event["type"] == DELTA] == [
        (True, "one"), (False, "two"),
    ]  # fmt: skip
    assert kinds(talk.commit(3.0, 50)) == ["committed", "added", "done"]
    assert talk.look(Seen(51, 2, None, []))[-1]["transcript"] == "two"


def test_a_commit_of_silence_is_an_item_without_text() -> None:
    for detecting in (True, False):
        talk = conversation(detecting)
        events = talk.commit(1.0, 10) + talk.look(Seen(11, 0, None, []))
        assert kinds(events) == ["committed", "added", "done", "completed"] and events[-1]["transcript"] == ""


def test_a_commit_while_somebody_speaks_makes_one_item_and_not_two() -> None:
    talk = conversation()
    events = talk.look(Seen(3, 0, 0.2, [])) + talk.commit(1.0, 10)
    events += talk.look(Seen(11, 1, None, [final(0, "one", 0.2, 1.0)]))
    assert kinds(events).count("committed") == 1 and kinds(events)[0] == "speech_started"


def test_what_is_cleared_is_never_told() -> None:
    for detecting in (True, False):
        talk = conversation(detecting)
        talk.look(Seen(3, 0, 0.2, [being_said(0, "secret", 0.2)]))
        assert kinds(talk.clear(1.0, 10)) == ["cleared"]
        assert talk.look(Seen(11, 1, None, [final(0, "secret words", 0.2, 1.0)])) == []
        events = talk.look(Seen(30, 2, None, [final(1, "open", 1.5, 2.0)])) + talk.commit(3.0, 40)
        events += talk.look(Seen(41, 2, None, []))
        assert [event["transcript"] for event in events if event["type"] == COMPLETED][0] == "open"


def test_a_line_that_ended_while_it_was_looked_is_taken_as_ended() -> None:
    talk = conversation()
    assert kinds(talk.look(Seen(9, 0, None, [final(0, "one")])))[-1] == "completed" and talk.next_line == 1


def test_a_stretch_that_failed_is_told_as_failed() -> None:
    talk = conversation()
    line = {"line": 0, "state": "failed", "start": 0.0, "end": 1.0, "text": ""}
    assert kinds(talk.look(Seen(9, 1, None, [line])))[-1] == "failed"


def test_turning_detection_off_in_the_middle_commits_what_is_there() -> None:
    talk = conversation()
    talk.look(Seen(3, 0, 0.2, []))
    talk.commit(1.0, 10)
    talk.detecting = False
    assert "committed" in kinds(talk.look(Seen(11, 1, None, [final(0, "one", 0.2, 1.0)])))


@given(firm=st.lists(st.sampled_from(["one", " two", " three", "四", "五"]), max_size=5), text=st.text(max_size=20))
def test_deltas_only_ever_add(firm: list[str], text: str) -> None:
    talk, told = conversation(), ""
    for n_words in range(len(firm) + 1):
        told += deltas(talk.look(Seen(3, 0, 0.0, [being_said(0, "".join(firm[:n_words]).lstrip())])))
        assert told == "".join(firm[:n_words]).lstrip()
    events = talk.look(Seen(9, 1, None, [final(0, text)]))
    assert events[-1]["transcript"] == text.strip()
    if not firm:
        assert told + deltas(events) == text.strip()
