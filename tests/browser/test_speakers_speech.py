"""From a dropped recording of two people to files that carry their names, with the real pack and real weights."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

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
def interview(media_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people who speak in turn, three times each."""
    from faster_whisper import decode_audio

    people = [sorted((media_folder / "speakers" / name).glob("*.flac"))[:3] for name in ("1688", "1998")]
    target = tmp_path_factory.mktemp("interview") / "interview.wav"
    with wave.open(str(target), "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(RATE)
        for clip in (clip for pair in zip(*people, strict=True) for clip in pair):
            sound = np.asarray(decode_audio(str(clip)), np.float32)[: CLIP_S * RATE]
            made.writeframes((np.clip(sound, -1, 1) * 32767).astype("<i2").tobytes() + bytes(2 * REST_S * RATE))
    return target


def test_two_people_are_told_apart_named_and_exported(browser, server, interview) -> None:
    context = browser.new_context(locale="en-US", accept_downloads=True, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.set_default_timeout(30_000)
    page.goto(server.address)
    page.wait_for_selector("#rt-quality input")
    page.check("#rt-speakers-switch input")
    page.wait_for_selector("#rt-speakers-count:not(.rt-away)")
    page.set_input_files("#rt-picker", str(interview))
    page.wait_for_selector(".rt-file.arrived")
    page.click("#rt-start")
    page.wait_for_selector(".rt-card.succeeded", timeout=MODEL_S)
    page.locator(".rt-card button", has_text="Open").click()
    expect(page.locator(".rt-speaker")).to_have_count(2, timeout=MODEL_S)
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
    context.close()
