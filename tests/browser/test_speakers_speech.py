"""From a dropped recording to names in files and a voice that is known, with the real pack and real weights."""

from __future__ import annotations

import wave
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from engines import catalog
from engines.errors import WeightsMissing
from engines.store.store import Store
from tests.browser.conftest import Server, chromium
from tests.weights.speakers_weights import speakers_weights

pytestmark = [pytest.mark.weights, pytest.mark.timeout(900)]
MODEL_S = 300_000
CLIP_S, REST_S, RATE = 8, 1, 16_000


@pytest.fixture(scope="module")
def server(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    chromium()
    speakers_weights()
    try:
        Store(models_folder).fetch(catalog.by_name("base"))
    except WeightsMissing as error:
        pytest.skip(f"no weights in reach: {error}")
    made = Server(root, tmp_path_factory.mktemp("voices"), models_folder)
    made.start()
    yield made
    made.stop()


@pytest.fixture(scope="module")
def joined(media_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes recordings of two people who speak in turn, three times each; ``first`` is the number of the first clip."""
    from faster_whisper import decode_audio

    folder = tmp_path_factory.mktemp("joined")

    def join(name: str, people: tuple[str, str], first: int) -> Path:
        clips = [sorted((media_folder / "speakers" / one).glob("*.flac"))[first : first + 3] for one in people]
        with wave.open(str(folder / name), "wb") as made:
            made.setnchannels(1)
            made.setsampwidth(2)
            made.setframerate(RATE)
            for clip in (clip for pair in zip(*clips, strict=True) for clip in pair):
                sound = np.asarray(decode_audio(str(clip)), np.float32)[: CLIP_S * RATE]
                made.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes() + bytes(2 * REST_S * RATE))
        return folder / name

    return join


@pytest.fixture
def page(browser, server) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", accept_downloads=True, viewport={"width": 1280, "height": 800})
    made = context.new_page()
    made.set_default_timeout(30_000)
    yield made
    context.close()


def drop(page: Page, server: Server, recording: Path) -> None:
    """Drops a recording with the switch on, and opens it when its speakers are told apart."""
    page.goto(server.address)
    page.wait_for_selector("#rt-quality input")
    page.check("#rt-speakers-switch input")
    page.wait_for_selector("#rt-speakers-count:not(.rt-away)")
    page.set_input_files("#rt-picker", str(recording))
    page.wait_for_selector(".rt-file.arrived")
    page.click("#rt-start")
    card = page.locator(".rt-card", has_text=recording.stem)
    card.locator("button", has_text="Open").click(timeout=MODEL_S)
    expect(page.locator(".rt-speaker")).to_have_count(2, timeout=MODEL_S)


def test_two_people_are_named_exported_and_one_is_known_in_the_next_recording(page, server, joined) -> None:
    drop(page, server, joined("interview.wav", ("1688", "1998"), 0))
    for n, name in enumerate(("Anna Weber", "王伟")):
        page.locator(".rt-speaker .rt-who").nth(n).click()
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        expect(page.locator(".rt-speaker .rt-who").nth(n)).to_have_text(name)
    said = page.locator(".rt-line .rt-who").all_text_contents()
    assert set(said) == {"Anna Weber", "王伟"} and said[0] != said[-1]
    for kind, told in (("txt", "王伟: "), ("srt", "王伟: "), ("rttm", "Anna_Weber")):
        page.click("#rt-download")
        with page.expect_download() as waiting:
            page.locator(f".rt-menu a[href*='format={kind}']").click()
        assert told in waiting.value.path().read_text(encoding="utf-8-sig")
    page.locator(".rt-speaker [aria-haspopup=menu]").first.click()
    page.locator(".rt-menu button", has_text="Remember this voice").click()
    expect(page.locator("#rt-voice-name")).to_have_value("Anna Weber")
    page.fill("#rt-voice-by", "Anna Weber")
    page.fill("#rt-voice-consent", "My name may stand in our transcripts.")
    page.click("#rt-voice-save")
    page.wait_for_selector(".rt-venrol", state="detached")
    drop(page, server, joined("next week.wav", ("2033", "1688"), 4))
    expect(page.locator(".rt-speaker .rt-who").nth(1)).to_have_text("Anna Weber")
    expect(page.locator(".rt-speaker .rt-who").first).to_have_text("Speaker 1")
    said = page.locator(".rt-line .rt-who").all_text_contents()
    assert set(said) == {"Speaker 1", "Anna Weber"} and said[0] == "Speaker 1" and said[-1] == "Anna Weber"
