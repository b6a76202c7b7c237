"""Known voices on the screen: remembered from a transcript, compared, taken back; in both languages, also narrow."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from media.turns import Part
from tests.browser.conftest import Opened, Server, chromium
from tests.browser.seeding import Recording, line, seed
from workbench.history.history import History
from workbench.history.speakers import SpeakerRow, TurnRow, write_speakers

TALK = tuple(line(2.0 * n, f"Remark number {n}.") for n in range(12))
NAMES = ("first", "second", "third")


@pytest.fixture(scope="module")
def address(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    chromium()
    folder = tmp_path_factory.mktemp("known")
    seed(folder / "data", root / "history.db-schema", [Recording(name, f"Talk {name}", TALK) for name in NAMES])
    history = History(folder / "data" / "history.db", root / "history.db-schema")
    for number, name in enumerate(NAMES):
        told_apart(history, name, number)
    history.close()
    server = Server(root, folder, models_folder)
    server.start()
    yield server.address
    server.stop()


def told_apart(history: History, job: str, number: int) -> None:
    """Two people take turns: one who is in all recordings, and one who is in this alone."""
    rows = history.segments(job, limit=-1)
    parts = [Part(n, TALK[n], n % 2) for n in range(len(rows))]
    turns = [TurnRow(row.start, row.end, str(n % 2 + 1)) for n, row in enumerate(rows)]
    voices = np.eye(2 + len(NAMES), 192, dtype=np.float32)
    people = [SpeakerRow("1", None, 12.0, voices[0]), SpeakerRow("2", None, 12.0, voices[1 + number])]
    write_speakers(history, job, people, turns, list(zip(rows, parts, strict=True)))
    history.set_tags(job, [])


def asked(address: str, path: str) -> Any:
    with urllib.request.urlopen(f"{address}/api/{path}", timeout=20) as answer:
        return json.load(answer)


def at_voices(opened: Opened, **how: object) -> Page:
    page = opened("/", **how)
    page.get_by_role("tab", name="声纹" if how.get("language") == "zh" else "Voices", exact=True).click()
    page.wait_for_selector(".rt-vlist li")
    return page


def remember(opened: Opened, job: str, key: int, name: str) -> Page:
    page = opened(f"/?job={job}")
    page.locator(".rt-speaker").nth(key).get_by_role("button").last.click()
    page.get_by_text("Remember this voice").click()
    page.fill("#rt-voice-name", name)
    page.fill("#rt-voice-by", name)
    page.fill("#rt-voice-consent", "My name may stand in our transcripts.")
    page.click("#rt-voice-save")
    return page


def forget(listed: Page) -> None:
    listed.locator(".rt-vlist .rt-button").last.click()
    listed.locator(".rt-menu .bad").click()
    listed.click("#rt-voice-forget")
    expect(listed.locator(".rt-vnone")).to_be_visible()


def test_a_speaker_is_remembered_named_listed_and_taken_back(opened: Opened, address: str) -> None:
    page = remember(opened, "first", 0, "Anna Weber")
    expect(page.locator(".rt-speaker .rt-who").first).to_have_text("Anna Weber")
    expect(page.locator(".rt-speaker .rt-who").nth(1)).to_have_text("Speaker 2")
    listed = at_voices(opened)
    expect(listed.locator(".rt-vlist strong")).to_have_text("Anna Weber")
    expect(listed.locator(".rt-vlog")).to_contain_text("added")
    listed.locator(".rt-vlist .rt-button").last.click()
    with listed.expect_download() as saved:
        listed.locator(".rt-menu a").click()
    assert json.loads(saved.value.path().read_text(encoding="utf-8"))["consent"]["agreed_by"] == "Anna Weber"
    forget(listed)
    expect(page.locator(".rt-speaker .rt-who").first).to_have_text("Speaker 1")
    assert asked(address, "voices")["voices"] == []


def test_earlier_transcripts_are_named_when_a_voice_becomes_known(opened: Opened) -> None:
    page = remember(opened, "first", 0, "Cem Ay")
    page.locator(".rt-toast button", has_text="Look in earlier transcripts").click()
    expect(page.locator(".rt-toast").last).to_contain_text("2 speakers now have their names")
    other = opened("/?job=third")
    expect(other.locator(".rt-speaker .rt-who").first).to_have_text("Cem Ay")
    other.locator(".rt-speaker [aria-haspopup=menu]").nth(1).click()
    other.locator(".rt-menu button", has_text="Look for known voices").click()
    expect(other.locator(".rt-toast")).to_contain_text("No known voice")
    forget(at_voices(opened))
    expect(other.locator(".rt-speaker .rt-who").first).to_have_text("Speaker 1")


def test_a_voice_that_is_known_already_is_refused_with_the_name(opened: Opened) -> None:
    remember(opened, "first", 0, "Bo Li").wait_for_selector(".rt-venrol", state="detached")
    page = remember(opened, "second", 0, "Somebody")
    expect(page.locator(".rt-venrol [role=alert]")).to_contain_text("Bo Li")


def test_another_recording_is_added_to_a_known_voice(opened: Opened, address: str) -> None:
    (before,) = asked(address, "voices")["voices"]
    page = at_voices(opened)
    page.locator(".rt-vlist .rt-button").last.click()
    page.locator(".rt-menu button", has_text="Add a recording").click()
    source = page.locator("dialog .rt-vsource")
    source.get_by_text("From a transcript").click()
    page.locator(".rt-vjobs button", has_text="Talk third").click()
    source.locator("select").select_option("1")
    page.locator("dialog .rt-button.primary").click()
    expect(page.locator(".rt-toast")).to_be_visible()
    expect(source).to_be_hidden()
    (grown,) = asked(address, "voices")["voices"]
    assert grown["speech_s"] > before["speech_s"]


def test_two_speakers_of_transcripts_are_compared_with_a_picture(opened: Opened) -> None:
    page = at_voices(opened)
    for side, (talk, key) in enumerate((("Talk second", "1"), ("Talk third", "2"))):
        source = page.locator(".rt-vtwo .rt-vsource").nth(side)
        source.get_by_text("From a transcript").click()
        page.locator(".rt-vjobs button", has_text=talk).click()
        source.locator("select").select_option(key)
    page.click("#rt-voice-compare")
    expect(page.locator(".rt-vverdict")).to_have_class("rt-vverdict different")
    expect(page.locator(".rt-vpicture .rt-vscore")).to_have_count(1)
    expect(page.locator(".rt-vanswer")).to_contain_text("1 in 1,000")
    page.click("#rt-voice-many")
    expect(page.locator(".rt-vtwo .rt-vsource")).to_have_count(3)
    expect(page.locator(".rt-vtwo .rt-vsource-name").first).to_have_text("Talk second")
    page.click("#rt-voice-compare")
    expect(page.locator(".rt-vrank li").first).to_be_visible()


def test_a_form_that_is_half_written_stays_when_the_page_beside_it_is_pressed(opened: Opened) -> None:
    page = at_voices(opened)
    page.click("#rt-voice-add")
    page.fill("#rt-voice-name", "Anna")
    page.mouse.click(4, 4)
    expect(page.locator("#rt-voice-name")).to_have_value("Anna")
    page.keyboard.press("Escape")
    expect(page.locator(".rt-venrol")).to_have_count(0)


@pytest.mark.parametrize("width", [1280, 390])
def test_the_screen_is_chinese_and_fits(opened: Opened, width: int) -> None:
    page = at_voices(opened, language="zh", width=width)
    page.click("#rt-voice-add")
    page.wait_for_selector(".rt-venrol")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    told = page.locator("rt-voices").inner_text() + page.locator(".rt-dialog").inner_text()
    assert "voices." not in told and not [word for word in ("Known", "Voice", "Speaker") if word in told]
