"""Where the sound of a live session comes from besides a microphone: another tab, the screen, both together."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import ARGUMENTS, chromium
from tests.browser.live_fake import FakeLive, until
from tests.browser.live_pages import context_of, live_tab, with_microphone

TITLE = "Tone"
TONE_HZ = 440
PLAYS = f"""() => {{
  document.title = "{TITLE}";
  window.context = new AudioContext();
  const tone = new OscillatorNode(context, {{ frequency: {TONE_HZ} }}), low = new GainNode(context, {{ gain: 0.3 }});
  tone.connect(low).connect(context.destination);
  tone.start();
}}"""


@pytest.fixture(scope="module")
def sharing(browser: Browser) -> Iterator[Browser]:
    """A Chromium that shares the tab of this title without asking; tabs are heard only where they are not muted."""
    words = [*ARGUMENTS, f"--auto-select-tab-capture-source-by-title={TITLE}"]
    started = browser.browser_type.launch(executable_path=chromium(), args=words, ignore_default_args=["--mute-audio"])
    yield started
    started.close()


@pytest.fixture(scope="module")
def talker(browser: Browser) -> Iterator[Browser]:
    started = with_microphone(browser)
    yield started
    started.close()


def begun(context: BrowserContext, address: str, source: str, script: str = "") -> tuple[Page, FakeLive]:
    """Starts a session with the sound of ``source``."""
    page, server = context.new_page(), FakeLive()
    server.attend(page)
    page.add_init_script(script)
    live_tab(page, address)
    page.locator(f".rt-live-source:has(input[value={source}])").click()
    page.click("#rt-live-start")
    return page, server


def test_the_sound_of_another_tab_arrives_as_it_is(sharing, address) -> None:
    context = context_of(sharing)
    tone = context.new_page()
    tone.goto(address + "/health")
    tone.evaluate(PLAYS)
    page, server = begun(context, address, "screen")
    until(page, lambda: server.seconds > 3)
    sound = np.frombuffer(b"".join(server.packets[n] for n in sorted(server.packets)), np.int16)[16_000:32_000]
    strength = np.abs(np.fft.rfft(sound * np.hanning(len(sound))))
    others = np.delete(strength, slice(TONE_HZ - 3, TONE_HZ + 4))
    assert strength.argmax() == TONE_HZ and others.max() < strength.max() / 1000
    expect(page.locator(".rt-live-state")).to_contain_text("Listening")
    context.close()


@pytest.mark.parametrize("source", ["screen", "both"])
def test_the_screen_alone_or_with_the_microphone_makes_one_sound(talker, address, source) -> None:
    context = context_of(talker)
    page, server = begun(context, address, source)
    until(page, lambda: server.seconds > 1.5)
    assert sorted(server.packets) == list(range(len(server.packets)))
    context.close()


SHARES = "navigator.mediaDevices.getDisplayMedia = async () => { %s };"


@pytest.mark.parametrize(
    ("does", "told"),
    [
        ("throw new DOMException('no', 'NotAllowedError')", "Nothing was shared"),
        ("return new MediaStream()", "What was shared has no sound"),
    ],
)
def test_what_went_wrong_with_sharing_is_told(talker, address, does, told) -> None:
    context = context_of(talker)
    page, server = begun(context, address, "screen", SHARES % does)
    expect(page.locator(".rt-live-trouble")).to_contain_text(told)
    expect(page.locator("#rt-live-start")).to_be_enabled()
    assert server.starts == []
    context.close()


def test_when_sharing_ends_the_session_stays_open(talker, address) -> None:
    keeps = """const ask = navigator.mediaDevices.getDisplayMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getDisplayMedia = async (how) => (window.held = await ask(how));"""
    context = context_of(talker)
    page, server = begun(context, address, "screen", keeps)
    until(page, lambda: server.seconds > 0.5)
    page.evaluate("held.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator(".rt-live-trouble")).to_contain_text("no longer shared")
    before = len(server.packets)
    page.click("#rt-live-again")
    until(page, lambda: len(server.packets) > before + 5)
    context.close()
