"""A text becomes playing sound and an MP3, in a real Chromium with the quick voice."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened, Server, chromium
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
    server = Server(root, tmp_path_factory.mktemp("aloud"), models_folder)
    server.start()
    yield server.address
    server.stop()


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
