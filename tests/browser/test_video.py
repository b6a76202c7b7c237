"""A video is dropped, one second of it is looked at, the whole is made, compared and taken away."""

from __future__ import annotations

import re
import shutil
from importlib.util import find_spec
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from engines.store.folder import STAMP
from tests.browser.conftest import Server
from tests.media.video_made import Odd, made

pytestmark = [pytest.mark.browser, pytest.mark.timeout(600)]
WORK_MS = 180_000
SAYS = {
    "en": ("Video", "one second at 0:00", "Before", "frames a second"),
    "zh": ("视频", "0:00 处的一秒", "处理前", "每秒"),
}


def at_videos(page: Page, language: str) -> None:
    page.get_by_role("tab", name=SAYS[language][0], exact=True).click()
    page.wait_for_selector("#rt-video-choose")
    page.check("input[name=rt-video-source][value=quick]")


@pytest.mark.parametrize(("language", "theme", "width"), [("en", "light", 1280), ("zh", "dark", 390)])
def test_a_second_is_looked_at_before_the_whole_is_made(
    opened, tmp_path: Path, language: str, theme: str, width: int
) -> None:
    page = opened("/", language, theme, width)
    at_videos(page, language)
    video = made(tmp_path / f"walk-{language}.mp4", Odd(size=(96, 64), n_frames=60, cuts=(30,)))
    page.set_input_files("#rt-video-picker", str(video))
    stage = page.locator(".rt-video-stage").filter(has_text=video.name)
    expect(stage.locator(".rt-video-still")).to_have_js_property("complete", True)
    expect(stage.locator(".rt-video-facts")).to_contain_text("96 × 64 → 384 × 256")
    until, start = stage.locator("#rt-video-to"), stage.locator("#rt-video-start")
    until.fill("0:00")
    until.press("Tab")
    expect(start).to_be_disabled()
    expect(until).to_have_attribute("aria-invalid", "true")
    until.fill("")
    until.press("Tab")
    expect(start).to_be_enabled()
    stage.locator("#rt-video-trial").click()
    tried = page.locator(".rt-video-card", has_text=SAYS[language][1]).filter(has_text=f"walk-{language}").first
    tried.locator(".rt-video-compare").wait_for(timeout=WORK_MS)
    expect(tried.locator(".rt-video-tag.left")).to_have_text(SAYS[language][2])
    expect(tried.locator(".rt-video-expected")).to_contain_text(SAYS[language][3])
    slider = tried.locator(".rt-video-compare input")
    slider.focus()
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    at = tried.locator(".rt-video-compare").evaluate("it => it.style.getPropertyValue('--at')")
    assert at == "55%"
    sizes = tried.locator(".rt-video-compare img").evaluate_all("all => all.map((one) => one.naturalWidth)")
    assert sizes == [96, 384]
    tried.locator("#rt-video-whole").click()
    done = (
        page.locator(".rt-video-card.succeeded")
        .filter(has=page.locator("a[download]"))
        .filter(has_text=f"walk-{language}")
    )
    done.first.wait_for(timeout=WORK_MS)
    done.first.locator("button.strong").click()
    expect(page.locator(".rt-video-done .rt-video-compare")).to_be_visible()
    with page.expect_download() as waiting:
        page.click("#rt-video-download")
    assert waiting.value.suggested_filename == f"walk-{language}.mp4"
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0


def test_a_file_that_is_no_video_is_told_at_once(opened, tmp_path: Path) -> None:
    page = opened("/")
    at_videos(page, "en")
    path = tmp_path / "letter.mp4"
    path.write_text("Dear all, this is not a video.\n" * 30)
    page.set_input_files("#rt-video-picker", str(path))
    stage = page.locator(".rt-video-stage").filter(has_text="letter.mp4")
    expect(stage.locator(".rt-card-error")).to_be_visible()
    expect(stage.locator("#rt-video-start")).to_be_disabled()


@pytest.mark.skipif(find_spec("basicsr") is None, reason="the pack video is not installed")
@pytest.mark.parametrize(("language", "fetch", "again"), [("en", "Fetch now", "Try again"), ("zh", "现在下载", "重试")])
def test_weights_that_cannot_be_had_are_told_why_and_may_be_asked_for_again(
    opened, language: str, fetch: str, again: str
) -> None:
    page = opened("/", language)
    at_videos(page, language)
    page.check("input[name=rt-video-source][value=compressed]")
    press, notice = page.locator("#rt-video-fetch"), page.locator("rt-video .rt-sound-weights")
    expect(press).to_contain_text(re.compile(f"{fetch}|{again}"))
    for _ in range(2):
        press.click()
        expect(notice.locator(".rt-weights-coming, .rt-card-error")).to_be_visible()
        expect(notice.locator(".rt-card-error strong")).to_contain_text("BasicVSR (Vimeo, BI)")
        expect(press).to_contain_text(again)


@pytest.mark.skipif(find_spec("basicsr") is None, reason="the pack video is not installed")
def test_files_that_an_administrator_put_there_are_checked_and_not_fetched(
    root: Path, models_folder: Path, browser: Browser, tmp_path: Path
) -> None:
    if not (models_folder / "basicvsr-clean").is_dir():
        pytest.skip("no weights of BasicVSR")
    by_hand = shutil.ignore_patterns(STAMP)
    shutil.copytree(models_folder / "basicvsr-clean", tmp_path / "models" / "basicvsr-clean", ignore=by_hand)
    server = Server(root, tmp_path, tmp_path / "models")
    server.start()
    try:
        checked_by_hand(browser.new_context(locale="en-US").new_page(), server.address)
    finally:
        server.stop()


def checked_by_hand(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_selector(".rt-alive rt-header .rt-brand")
    at_videos(page, "en")
    page.check("input[name=rt-video-source][value=clean]")
    notice = page.locator("rt-video .rt-sound-weights")
    expect(notice).to_contain_text("are on this computer")
    page.click("#rt-video-fetch")
    expect(notice).to_be_hidden()
    page.reload()
    page.wait_for_selector(".rt-alive rt-header .rt-brand")
    at_videos(page, "en")
    page.check("input[name=rt-video-source][value=clean]")
    expect(notice).to_be_hidden()
