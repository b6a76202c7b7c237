"""Texts become playing sound, an MP3, the sound of a video; a recording becomes a voice, in a real Chromium."""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened, Server, chromium
from tests.browser.seeding import CHINESE, MEETING, seed
from tests.media.test_dubbing import video
from tests.weights.speaking_weights import HIBARI, speaking_weights

pytestmark = [pytest.mark.browser, pytest.mark.weights]
TEXT = "Good morning, everyone. We meet in the small room at three. Please bring your reports."
HEARD = """() => { window.heard = []; const play = HTMLMediaElement.prototype.play;
  HTMLMediaElement.prototype.play = function () {
    this.addEventListener("playing", () => window.heard.push(this.src)); return play.call(this); } }"""


@pytest.fixture(scope="module")
def address(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    chromium()
    speaking_weights(HIBARI)
    folder = tmp_path_factory.mktemp("aloud")
    seed(folder / "data", root / "history.db-schema", (CHINESE, MEETING), spoken_minute())
    server = Server(root, folder, models_folder)
    server.start()
    yield server.address
    server.stop()


def spoken_minute() -> bytes:
    """A WAV file with a tone in it that pauses like somebody who speaks."""
    seconds = np.arange(60 * 16_000) / 16_000
    sound = np.where(seconds % 1.0 < 0.7, 6_000 * np.sin(seconds * 2 * np.pi * 180), 0).astype("<i2")
    held = io.BytesIO()
    with wave.open(held, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(sound.tobytes())
    return held.getvalue()


def test_a_text_is_heard_while_it_is_made_and_kept_as_mp3(opened: Opened, tmp_path: Path) -> None:
    page = opened("/", language="en")
    page.get_by_role("tab", name="Read aloud", exact=True).click()
    page.evaluate(HEARD)
    page.get_by_role("radiogroup", name="Voice").get_by_text("Heart mini").click()
    page.fill("#rt-aloud-text", TEXT)
    page.click("#rt-aloud-start")
    page.wait_for_function("window.heard.some((source) => source.includes('/sentences/0'))", timeout=90_000)
    expect(page.locator(".rt-aloud-card.succeeded")).to_be_visible(timeout=90_000)
    page.wait_for_function("window.heard.some((source) => source.includes('/sentences/1'))", timeout=60_000)
    page.locator(".rt-aloud-card").get_by_role("button", name="Download").click()
    with page.expect_download() as arriving:
        page.get_by_role("menuitem", name="MP3").click()
    arriving.value.save_as(tmp_path / "said.mp3")
    assert (tmp_path / "said.mp3").stat().st_size > 20_000
    page.locator(".rt-aloud-card").get_by_role("button", name="Open").click()
    expect(page.locator(".rt-sentence")).to_have_count(3)


def test_subtitles_become_the_sound_of_a_video_at_their_times(opened: Opened, tmp_path: Path) -> None:
    page = opened("/", language="zh", width=390)
    page.get_by_role("tab", name="朗读", exact=True).click()
    page.locator(".rt-reader-group", has_text="Heart mini").locator("summary").click()
    page.get_by_role("radiogroup").get_by_text("Heart mini").click()
    subtitles = b"1\n00:00:00,200 --> 00:00:01,000\nHello.\n\n2\n00:00:01,500 --> 00:00:02,000\nGood bye.\n"
    page.set_input_files("#rt-aloud-picker", {"name": "letter.srt", "mimeType": "", "buffer": subtitles})
    page.get_by_text("按字幕时间朗读", exact=True).click()
    page.click("#rt-aloud-start")
    card = page.locator(".rt-aloud-card.succeeded").filter(has=page.get_by_text("letter", exact=True))
    expect(card).to_be_visible(timeout=90_000)
    card.get_by_role("button", name="打开").click()
    page.click("#rt-aloud-video")
    with page.expect_file_chooser() as choosing:
        page.click("#rt-dub-choose")
    choosing.value.set_files(video(tmp_path / "silent.mp4", "mp4", False))
    expect(page.locator("#rt-dub-save")).to_be_visible(timeout=60_000)
    with page.expect_download() as arriving:
        page.click("#rt-dub-save")
    arriving.value.save_as(tmp_path / "dubbed.mp4")
    with av.open(str(tmp_path / "dubbed.mp4")) as told:
        assert {stream.type for stream in told.streams} == {"video", "audio"}


def test_a_voice_is_made_of_a_recording_with_consent_and_forgotten_again(opened: Opened) -> None:
    page = opened("/", language="en")
    page.get_by_role("tab", name="Read aloud", exact=True).click()
    lent = page.locator("#rt-readers-own")
    lent.locator("summary").first.click()
    page.locator("#rt-readers-index > summary").click()
    expect(page.locator("#rt-readers-index")).to_contain_text("bilibili's licence has conditions")
    page.fill("#rt-terms-indextts-who", "Anna Berg")
    expect(page.locator("#rt-terms-indextts-accept")).to_be_disabled()
    page.check("#rt-terms-indextts-read")
    page.click("#rt-terms-indextts-accept")
    expect(page.locator("#rt-readers-index")).to_contain_text("accepted by Anna Berg")
    page.click("#rt-own-add")
    page.get_by_role("button", name="Board meeting").click()
    page.click("#rt-own-save")
    expect(page.locator("#rt-own-name:invalid")).to_be_focused()
    page.fill("#rt-own-name", "Anna")
    page.fill("#rt-own-by", "Anna Berg")
    page.fill("#rt-own-consent", "Texts of our office may be read with my voice.")
    page.click("#rt-own-save")
    voice = lent.get_by_text("Anna", exact=True)
    expect(voice).to_be_visible()
    more = lent.get_by_role("button", name="More about Anna")
    more.click()
    page.get_by_role("menuitem").nth(1).click()
    expect(page.get_by_role("dialog")).to_contain_text("Texts of our office may be read with my voice.")
    page.keyboard.press("Escape")
    more.click()
    page.get_by_role("menuitem").nth(2).click()
    page.click("#rt-own-forget")
    expect(voice).to_have_count(0)
