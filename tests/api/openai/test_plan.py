"""The addresses of the office's own plan."""

from __future__ import annotations

from tests.api.test_whole_path import Room

FILE = {"file": ("talk.wav", b"sound")}


def test_a_form_with_a_recording_is_answered_with_its_text(room: Room) -> None:
    told = room.ask("POST", "/transcribe_only", files=FILE, data={"language": "auto", "mode": "formal"}, headers={})
    assert told.status_code == 200
    assert told.json()["raw_text"].startswith("meeting 会议纪要") and told.json()["language"] == "en"
    assert (told.json()["duration"], told.json()["mode"]) == (100.0, "formal")


def test_a_text_that_is_missing_and_a_strange_mode_are_refused(room: Room) -> None:
    missing = room.ask("POST", "/optimize_only", data={"mode": "formal"}, headers={})
    assert missing.json()["error"]["values"]["param"] == "text"
    strange = room.ask("POST", "/optimize_only", json={"text": "hello", "mode": "loud"}, headers={})
    assert strange.json()["error"]["values"]["param"] == "mode"
    broken = room.ask("POST", "/optimize_only", content=b"{", headers={"content-type": "application/json"})
    assert broken.status_code == 400


def test_a_form_without_a_recording_or_with_a_strange_mode_is_refused(room: Room) -> None:
    assert room.ask("POST", "/transcribe_only", data={"mode": "formal"}, headers={}).status_code == 400
    strange = room.ask("POST", "/transcribe_only", files=FILE, data={"mode": "loud"}, headers={})
    assert strange.json()["error"]["values"]["param"] == "mode"
    broken = room.ask("POST", "/transcribe_only", files={"file": ("x", b"bad")}, headers={})
    assert (broken.status_code, broken.json()["error"]["code"]) == (400, "media_unreadable")
