"""Pages of a browser with a microphone that beeps, or that plays a recording."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import ARGUMENTS, chromium

DEVICE = "--use-fake-device-for-media-stream"
ALLOWED = "--use-fake-ui-for-media-stream"


def with_microphone(browser: Browser, recording: Path | None = None) -> Browser:
    """Starts a Chromium whose microphone beeps once a second, or plays a 48 kHz WAV file once; the caller closes it."""
    plays = [f"--use-file-for-fake-audio-capture={recording}%noloop"] if recording else []
    return browser.browser_type.launch(executable_path=chromium(), args=[*ARGUMENTS, DEVICE, ALLOWED, *plays])


def context_of(browser: Browser, language: str = "en", theme: str = "light", width: int = 1280) -> BrowserContext:
    """Returns a context that may use the microphone."""
    return browser.new_context(
        locale={"en": "en-US", "zh": "zh-CN"}[language],
        color_scheme=theme,
        viewport={"width": width, "height": 800},
        permissions=["microphone"],
    )


def live_tab(page: Page, address: str) -> Page:
    """Opens the Live screen."""
    page.set_default_timeout(20_000)
    page.goto(address)
    page.wait_for_selector(".rt-alive rt-header .rt-brand")
    page.click("#rt-tab-live-button")
    return page
