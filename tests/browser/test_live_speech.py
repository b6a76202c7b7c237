"""Real speech through Chromium's microphone, the real server and real weights: are the words those that were said?"""

from __future__ import annotations

import re
import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import jiwer
import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from engines import catalog
from engines.errors import WeightsMissing
from engines.store.store import Store
from tests.browser.cable import Cable
from tests.browser.conftest import Server, chromium
from tests.browser.live_fake import until
from tests.browser.live_pages import context_of, live_tab, with_microphone

pytestmark = [pytest.mark.weights, pytest.mark.timeout(600)]

PATIENCE_MS = 120_000
PAUSE_S = 1.2
SAID = {
    "spk1_snt1.wav": "the child almost hurt the small dog",
    "librispeech-1995-1837-0001.wav": "it was the first great sorrow of his life it was not so much the loss of the "
    "cotton itself but the fantasy the hopes the dreams built around it",
    "spk1_snt5.wav": "sunday is the best part of the week",
    "spk1_snt3.wav": "at that high level the air is pure",
}
TRUTH = " ".join(SAID.values())
Listens = Callable[[Path], Page]


@pytest.fixture(scope="module")
def server(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The program with real weights and nothing in its history."""
    chromium()
    try:
        Store(models_folder).fetch(catalog.by_name("base"))
    except WeightsMissing as error:
        pytest.skip(f"no weights in reach: {error}")
    made = Server(root, tmp_path_factory.mktemp("speech"), models_folder)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def cable(server: Server) -> Iterator[Cable]:
    made = Cable(server.port)
    yield made
    made.close()


@pytest.fixture
def listens(browser: Browser, cable: Cable) -> Iterator[Listens]:
    """Opens the Live screen, behind a cable, in a browser whose microphone hears a recording; it has begun."""
    started = []

    def begin(recording: Path) -> Page:
        talker = with_microphone(browser, recording)
        started.append(talker)
        page = live_tab(context_of(talker).new_page(), cable.address)
        page.click("#rt-live-start")
        return page

    yield begin
    for talker in started:
        talker.close()


@pytest.fixture
def recording(media_folder: Path, tmp_path: Path) -> Path:
    """The sentences with pauses between them, at the 48 kHz that Chromium's microphone plays."""
    return spoken(media_folder / "asr", list(SAID), tmp_path / "spoken.wav")


def spoken(folder: Path, names: list[str], target: Path) -> Path:
    pause = np.zeros(int(PAUSE_S * 48_000), np.int16)
    parts = [pause]
    for name in names:
        with wave.open(str(folder / name), "rb") as source:
            assert source.getframerate() == 16_000 and source.getnchannels() == 1
            sound = np.frombuffer(source.readframes(source.getnframes()), np.int16)
        places = np.arange(len(sound) * 3) / 3
        parts += [np.interp(places, np.arange(len(sound)), sound).astype(np.int16), pause]
    with wave.open(str(target), "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(48_000)
        made.writeframes(np.concatenate(parts).tobytes())
    return target


def length_s(recording: Path) -> float:
    with wave.open(str(recording), "rb") as file:
        return file.getnframes() / file.getframerate()


def taken_s(page: Page) -> int:
    """Whole seconds of sound that the page has taken."""
    minutes, seconds = page.locator(".rt-live-clock").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def errors(told: str, truth: str) -> float:
    """The word error rate; only letters count."""
    plain = [re.sub(r"[^a-z' ]+", " ", text.lower()) for text in (truth, told)]
    return jiwer.wer(*(" ".join(text.split()) for text in plain))


def ended(page: Page) -> str:
    """Ends the session and returns the text of its working place."""
    page.click("#rt-live-stop")
    page.wait_for_selector(".rt-work .rt-line", timeout=PATIENCE_MS)
    return " ".join(page.locator(".rt-lines .rt-line-text").all_inner_texts())


def test_what_is_said_is_read_along_and_is_in_the_history_in_the_end(listens, recording, browser, cable) -> None:
    page = listens(recording)
    page.click("#rt-live-share")
    word = page.locator("#rt-live-link").input_value().rpartition("/")[2]
    page.keyboard.press("Escape")
    other = browser.new_context(locale="en-US")
    reader = other.new_page()
    reader.goto(f"{cable.address}/live/{word}")
    whole = round(length_s(recording))
    for second in (*range(0, whole, 10), whole + 2):
        until(page, lambda second=second: taken_s(page) >= second)
    last = page.locator(".rt-live-line.final", has_text="pure")
    expect(last).to_be_visible(timeout=PATIENCE_MS)
    shown = " ".join(page.locator(".rt-live-words").all_inner_texts())
    assert errors(shown, TRUTH) < 0.2
    expect(reader.locator(".rt-live-line.final", has_text="pure")).to_be_visible()
    assert " ".join(reader.locator(".rt-live-words").all_inner_texts()) == shown
    assert errors(ended(page), TRUTH) < 0.2
    expect(reader.locator(".rt-live-state")).to_have_text("The session has ended")
    expect(page.locator("#rt-best")).to_be_visible()
    other.close()


def test_twenty_seconds_without_a_network_lose_no_word(listens, recording, cable) -> None:
    page = listens(recording)
    until(page, lambda: taken_s(page) >= 3)
    cable.pull()
    expect(page.locator(".rt-live-state")).to_contain_text("No connection", timeout=20_000)
    for second in range(4, 23, 6):
        until(page, lambda second=second: taken_s(page) >= second)
    cable.plug()
    until(page, lambda: taken_s(page) >= length_s(recording) + 2)
    expect(page.locator(".rt-live-state")).not_to_contain_text("No connection", timeout=30_000)
    assert errors(ended(page), TRUTH) < 0.2


def test_a_reload_without_a_network_loses_no_word(listens, media_folder, tmp_path, cable) -> None:
    name = "librispeech-1995-1837-0001.wav"
    page = listens(spoken(media_folder / "asr", [name], tmp_path / "one.wav"))
    until(page, lambda: taken_s(page) >= 2)
    context = page.context
    cable.pull()
    until(page, lambda: taken_s(page) >= length_s(tmp_path / "one.wav") + 1)
    # The tab is closed while the network is gone; another finds what it kept.
    page.close(run_before_unload=False)
    cable.plug()
    again = live_tab(context.new_page(), cable.address)
    expect(again.locator("#rt-live-go")).to_be_visible()
    assert errors(ended(again), SAID[name]) < 0.2


def test_a_server_that_is_killed_and_started_again_loses_no_word(listens, recording, server) -> None:
    page = listens(recording)
    until(page, lambda: taken_s(page) >= 6)
    server.kill()
    expect(page.locator(".rt-live-state")).to_contain_text("No connection")
    server.start()
    until(page, lambda: taken_s(page) >= length_s(recording) + 2)
    expect(page.locator(".rt-live-state")).not_to_contain_text("No connection", timeout=30_000)
    assert errors(ended(page), TRUTH) < 0.2
