"""From the start page with real recordings to the subtitles of what was said."""

from __future__ import annotations

import wave
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from engines import catalog
from engines.errors import WeightsMissing
from engines.store.store import Store
from tests.browser.conftest import ARGUMENTS, Server, chromium

pytestmark = [pytest.mark.weights, pytest.mark.timeout(900)]
MODEL_S = 120_000


@pytest.fixture(scope="module")
def server(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory):
    """The program with real weights and nothing in its history."""
    chromium()
    try:
        Store(models_folder).fetch(catalog.by_name("base"))
    except WeightsMissing as error:
        pytest.skip(f"no weights in reach: {error}")
    made = Server(root, tmp_path_factory.mktemp("whole"), models_folder)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def page(browser, server):
    context = browser.new_context(locale="en-US", accept_downloads=True, viewport={"width": 1280, "height": 800})
    made = context.new_page()
    made.set_default_timeout(20_000)
    made.goto(server.address)
    made.wait_for_selector("#rt-picker", state="attached")
    made.wait_for_selector("#rt-quality input")
    yield made
    context.close()


def start(page: Page, *files: Path) -> None:
    page.set_input_files("#rt-picker", [str(file) for file in files])
    expect(page.locator(".rt-file.arrived")).to_have_count(len(files))
    page.click("#rt-start")


def test_a_recording_becomes_downloaded_subtitles(page, media_folder) -> None:
    start(page, media_folder / "asr" / "jfk.flac")
    page.wait_for_selector(".rt-card.succeeded", timeout=MODEL_S)
    expect(page.locator(".rt-card-live")).to_contain_text("your country")
    page.locator(".rt-card button", has_text="Open").click()
    expect(page.locator(".rt-lines")).to_contain_text("ask not what your country can do for you")
    page.click("#rt-download")
    with page.expect_download() as waiting:
        page.locator(".rt-menu a[href*='format=srt']").click()
    text = waiting.value.path().read_text(encoding="utf-8-sig")
    assert waiting.value.suggested_filename == "jfk.srt"
    assert "-->" in text and "your country" in text.replace("\n", " ")


def test_the_same_recording_is_answered_from_the_history_and_can_be_made_anew(page, media_folder) -> None:
    start(page, media_folder / "asr" / "jfk.flac")
    page.wait_for_selector(".rt-card.succeeded", timeout=MODEL_S)
    page.locator(".rt-card button[title='Put away']").first.click()
    start(page, media_folder / "asr" / "jfk.flac")
    expect(page.locator(".rt-card .rt-note")).to_contain_text("the stored result was used")
    page.locator(".rt-card .rt-note button").click()
    expect(page.locator(".rt-toast")).to_contain_text("new text")
    expect(page.locator(".rt-lines")).to_contain_text("your country", timeout=MODEL_S)
    expect(page.locator(".rt-work-notes")).to_be_empty()


def test_many_files_start_with_one_button_and_the_settings_reach_the_jobs(page, media_folder) -> None:
    page.fill("#rt-hotwords textarea", "Brion, Marguerite")
    page.locator("#rt-quality label", has_text="Fast").click()
    files = sorted((media_folder / "asr").glob("spk1_*.wav"))[:3]
    start(page, *files)
    expect(page.locator(".rt-card")).to_have_count(3)
    expect(page.locator(".rt-card h3")).to_have_text([file.stem for file in files])
    expect(page.locator(".rt-card.succeeded")).to_have_count(3, timeout=MODEL_S)
    page.click("#rt-jobs-zip")
    with page.expect_download() as archive:
        page.locator(".rt-menu a[href*='format=txt']").click()
    assert zipfile.ZipFile(archive.value.path()).namelist() == [f"{file.stem}.txt" for file in files]
    page.locator(".rt-card h3 a").first.click()
    page.wait_for_selector(".rt-line")
    asked = page.evaluate("fetch('api/jobs?limit=3').then((r) => r.json())")["jobs"]
    assert {job["request"]["hotwords"] for job in asked} == {"Brion, Marguerite"}
    assert {job["request"]["quality"] for job in asked} == {"fast"}


def test_a_reload_in_the_middle_loses_nothing(page, media_folder, tmp_path) -> None:
    long = tmp_path / "long day.wav"
    join(sorted((media_folder / "asr").glob("spk1_*.wav")) * 12, long)
    start(page, long)
    page.wait_for_selector(".rt-card.running")
    page.reload()
    page.wait_for_selector(".rt-card:has-text('long day')")
    page.wait_for_selector(".rt-card:has-text('long day').succeeded", timeout=MODEL_S)
    address = page.evaluate("fetch('api/jobs?limit=1').then((r) => r.json())")["jobs"][0]["id"]
    page.goto(page.url.split("?")[0] + f"?job={address}")
    expect(page.locator(".rt-work-title h1")).to_have_text("long day")
    page.wait_for_selector(".rt-line")


def test_a_killed_server_goes_on_under_the_open_page(page, server, media_folder, tmp_path) -> None:
    long = tmp_path / "cut short.wav"
    join(sorted((media_folder / "asr").glob("spk1_*.wav")) * 10, long)
    start(page, long)
    page.wait_for_selector(".rt-card:has-text('cut short').running")
    server.kill()
    expect(page.locator(".rt-lost-note")).to_be_visible()
    server.start()
    page.wait_for_selector(".rt-card:has-text('cut short').succeeded", timeout=MODEL_S)
    expect(page.locator(".rt-lost-note")).to_be_hidden()


def test_the_microphone_becomes_a_file_and_the_file_text(browser, server, media_folder, tmp_path) -> None:
    spoken = tmp_path / "spoken.wav"
    join([media_folder / "asr" / "spk1_snt1.wav"], spoken)
    fake = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    kept = [*ARGUMENTS, *fake, f"--use-file-for-fake-audio-capture={spoken}%noloop"]
    started = browser.browser_type.launch(executable_path=chromium(), args=kept)
    try:
        context = started.new_context(locale="zh-CN", permissions=["microphone"])
        page = context.new_page()
        page.goto(server.address)
        page.click("#rt-record")
        expect(page.locator("[role=timer]")).to_have_text("0:04", timeout=20_000)
        page.keyboard.press("Escape")
        page.wait_for_selector(".rt-file.arrived")
        expect(page.locator(".rt-file-name")).to_contain_text("录音")
        page.click("#rt-start")
        page.wait_for_selector(".rt-card.succeeded", timeout=MODEL_S)
        expect(page.locator(".rt-card-live")).to_contain_text("dog")
    finally:
        started.close()


def join(parts: list[Path], target: Path) -> None:
    with wave.open(str(target), "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(16000)
        for part in parts:
            with wave.open(str(part), "rb") as source:
                assert source.getframerate() == 16000 and source.getnchannels() == 1
                made.writeframes(source.readframes(source.getnframes()) + bytes(32000))
