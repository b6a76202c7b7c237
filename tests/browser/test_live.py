"""A live session as the browser holds it: nothing that was spoken is lost, whatever happens on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.live_fake import FakeLive, until
from tests.browser.live_pages import context_of, live_tab, with_microphone

Talks = Callable[..., tuple[Page, FakeLive]]


@pytest.fixture(scope="module")
def talker(browser: Browser) -> Iterator[Browser]:
    started = with_microphone(browser)
    yield started
    started.close()


@pytest.fixture
def talks(talker: Browser, address: str) -> Iterator[Talks]:
    """Opens the Live screen before a server that a test controls; afterwards no script may have failed."""
    contexts, troubles = [], []

    def open_page(begun: bool = True, script: str = "", **how: object) -> tuple[Page, FakeLive]:
        context = context_of(talker, **how)
        contexts.append(context)
        page, server = context.new_page(), FakeLive()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        server.attend(page)
        if script:
            page.add_init_script(script)
        live_tab(page, address)
        page.wait_for_selector("#rt-live-start", state="attached")
        if begun:
            page.click("#rt-live-start")
            until(page, lambda: server.seconds > 0.5)
        return page, server

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def whole(server: FakeLive) -> bool:
    return sorted(server.packets) == list(range(len(server.packets)))


def spoken(page: Page) -> float:
    """Seconds of sound that the page has taken, from its clock."""
    minutes, seconds = page.locator(".rt-live-clock").inner_text().split(":")
    return int(minutes) * 60 + int(seconds)


def test_sound_arrives_in_numbered_packets_of_100_ms(talks) -> None:
    page, server = talks()
    until(page, lambda: server.seconds > 2.5)
    assert whole(server) and {len(packet) for packet in server.packets.values()} == {3200}
    loudest = max(
        abs(int.from_bytes(p[i : i + 2], "little", signed=True))
        for p in server.packets.values()
        for i in range(0, 3200, 2)
    )
    assert loudest > 1000
    assert server.starts[0]["settings"]["pause_s"] == 0.6


def test_what_is_spoken_while_the_network_is_gone_is_sent_when_it_is_back(talks) -> None:
    page, server = talks()
    server.cut()
    state = page.locator(".rt-live-state")
    expect(state).to_contain_text("No connection")
    expect(state).to_contain_text("seconds of sound kept here")
    before = len(server.packets)
    until(page, lambda: spoken(page) >= 4)
    assert len(server.packets) == before
    server.reachable = True
    until(page, lambda: server.seconds > 4)
    expect(state).to_contain_text("Listening")
    assert whole(server) and len({one["key"] for one in server.starts}) == 1


def test_a_connection_that_hangs_is_given_up_and_another_one_made(talks) -> None:
    page, server = talks()
    server.acknowledges = False
    until(page, lambda: len(server.starts) > 1)
    server.acknowledges = True
    until(page, lambda: server.seconds > 6)
    assert whole(server)


def test_a_reload_keeps_the_sound_and_the_session_goes_on_with_the_next_number(talks) -> None:
    page, server = talks()
    server.cut()
    until(page, lambda: spoken(page) >= 3)
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#rt-live-go")).to_be_visible()
    server.reachable = True
    until(page, lambda: server.seconds >= 2.9)
    kept = len(server.packets)
    page.click("#rt-live-go")
    until(page, lambda: len(server.packets) > kept + 10)
    assert whole(server) and len(server.sessions) == 1


def test_a_session_ended_without_a_network_ends_after_a_reload_with_all_of_its_sound(talks) -> None:
    page, server = talks()
    server.cut()
    until(page, lambda: spoken(page) >= 3)
    page.click("#rt-live-stop")
    expect(page.locator(".rt-live-state")).to_contain_text("still have to be sent")
    page.reload()
    expect(page.locator(".rt-live-state")).to_contain_text("still have to be sent")
    server.reachable = True
    until(page, lambda: any(one["type"] == "stop" for one in server.heard))
    [stop] = [one for one in server.heard if one["type"] == "stop"]
    assert stop["n_packets"] == len(server.packets) and server.seconds >= 2.9
    page.wait_for_url("**/?job=job1")


def test_what_the_server_no_longer_takes_up_becomes_a_session_of_its_own(talks) -> None:
    page, server = talks()
    server.cut()
    until(page, lambda: spoken(page) >= 3)
    server.ended_keys.add(server.starts[0]["key"])
    server.reachable = True
    until(page, lambda: len(server.sessions) == 2 and server.seconds > 3)
    assert whole(server)
    expect(page.locator(".rt-toast")).to_contain_text("goes on as a new session")


def test_a_pause_is_told_once_everything_before_it_was_sent_and_nothing_is_sent_during_it(talks) -> None:
    page, server = talks()
    page.click("#rt-live-pause")
    until(page, lambda: {"type": "pause"} in server.heard)
    before = len(server.packets)
    page.wait_for_timeout(700)
    assert len(server.packets) == before
    page.click("#rt-live-go")
    until(page, lambda: len(server.packets) > before + 5)


def test_a_second_tab_says_that_the_first_is_live_and_can_take_over(talks, address) -> None:
    page, server = talks()
    second, other = page.context.new_page(), FakeLive()
    other.attend(second)
    live_tab(second, address)
    expect(second.locator(".rt-live-elsewhere h2")).to_have_text("Another tab of this browser is live")
    other.sessions.update(server.sessions)
    second.click("#rt-live-takeover")
    expect(page.locator(".rt-live-elsewhere h2")).to_have_text("This session goes on in another window")
    second.click("#rt-live-go")
    until(second, lambda: other.starts != [] and len(other.packets) > 20)
    assert other.starts[0]["key"] == server.starts[0]["key"] and whole(other)


def test_a_session_that_was_taken_up_elsewhere_stops_listening_here(talks) -> None:
    page, server = talks()
    server.take_away()
    expect(page.locator(".rt-live-elsewhere h2")).to_have_text("This session goes on in another window")
    expect(page.locator("#rt-live-takeover")).to_be_visible()


def test_a_machine_that_is_full_says_so_and_keeps_nothing(talks) -> None:
    page, server = talks(begun=False)
    server.refuses = {"code": "live_full", "message": "Too many people are live.", "hint": "Wait a little."}
    page.click("#rt-live-start")
    expect(page.locator(".rt-live-trouble")).to_contain_text("Too many people are live.")
    server.refuses = None
    page.click("#rt-live-start")
    until(page, lambda: server.seconds > 0.5)
    assert whole(server) and len({one["key"] for one in server.starts}) == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("NotAllowedError", "does not let this page use the microphone"),
        ("NotFoundError", "No microphone"),
        ("NotReadableError", "cannot be opened"),
    ],
)
def test_why_there_is_no_microphone_is_told_and_starting_can_be_tried_again(talks, name, told) -> None:
    refusing = f"""const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (how) => {{
      if (!window.better) throw new DOMException("no", "{name}");
      return ask(how); }};"""
    page, server = talks(begun=False, script=refusing)
    for start in ("#rt-live-try", "#rt-live-start"):
        page.click(start)
        expect(page.locator(".rt-live-trouble")).to_contain_text(told)
    assert server.starts == []
    page.evaluate("() => { window.better = true; }")
    page.click("#rt-live-start")
    until(page, lambda: server.seconds > 0.5)


HELD = """const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (how) => (window.held = await ask(how));"""


def test_an_unplugged_microphone_leaves_the_session_open_until_another_is_chosen(talks) -> None:
    page, server = talks(script=HELD)
    page.evaluate("held.getAudioTracks()[0].dispatchEvent(new Event('ended'))")
    expect(page.locator(".rt-live-trouble")).to_contain_text("unplugged")
    expect(page.locator(".rt-live-state")).to_contain_text("The microphone is gone")
    until(page, lambda: {"type": "pause"} in server.heard)
    before = len(server.packets)
    page.click("#rt-live-again")
    until(page, lambda: len(server.packets) > before + 5)
    expect(page.locator(".rt-live-trouble")).to_have_count(0)
    assert whole(server)


def test_an_address_without_a_microphone_leads_to_the_page_that_helps(talks) -> None:
    page, _ = talks(begun=False, script="Object.defineProperty(window, 'isSecureContext', { get: () => false })")
    expect(page.locator(".rt-live-trouble")).to_contain_text("gives this address no microphone")
    assert page.locator(".rt-live-trouble a").get_attribute("href") == "connect"
    expect(page.locator("#rt-live-start")).to_be_hidden()


def test_the_test_line_shows_that_something_is_heard(talks) -> None:
    page, server = talks(begun=False)
    page.click("#rt-live-try")
    page.wait_for_function("Number(document.querySelector('.rt-level').ariaValueNow) > 10")
    expect(page.locator(".rt-level-words")).not_to_have_text("Say something.")
    assert server.starts == []


SECOND_OF_SOUND = """navigator.mediaDevices.getUserMedia = async () => {
  const context = new AudioContext(), target = context.createMediaStreamDestination();
  const tone = context.createOscillator();
  tone.connect(target);
  tone.start(context.currentTime + 0.7);
  tone.stop(context.currentTime + 1.7);
  return target.stream;
};"""


def test_a_sentence_shows_what_is_understood_of_it_before_anything_begins(talks) -> None:
    page, server = talks(begun=False, script=SECOND_OF_SOUND)
    asked = []

    def answer(route: Route) -> None:
        asked.append((route.request.url, route.request.post_data_buffer))
        route.fulfill(json={"text": "one two three", "language": "en", "waiting": None})

    page.route("**/api/live/trial?*", answer)
    page.locator("#rt-live-gap").evaluate("(field) => { field.value = '0.3' }")
    page.click("#rt-live-try")
    expect(page.locator(".rt-trial-words")).to_have_text("one two three", timeout=20_000)
    address, sound = asked[0]
    assert "%22pause_s%22%3A0.3" in address and 1.5 < len(sound) / 32_000 <= 12
    page.click("#rt-live-hear")
    assert server.starts == []


TONE = """async ([rate, hz]) => {
  const { Resampler } = await import("/screens/live_resample.js"), made = [], one = new Resampler(rate);
  const sound = Float32Array.from({ length: rate }, (_, i) => Math.sin(2 * Math.PI * hz * i / rate));
  for (let i = 0; i < rate; i += 128) one.take(sound.subarray(i, i + 128), (x) => made.push(x));
  one.end((x) => made.push(x));
  const middle = made.slice(2000, -2000);
  return { n: made.length, level: Math.sqrt(2 * middle.reduce((sum, x) => sum + x * x, 0) / middle.length) };
}"""


@pytest.mark.parametrize("rate", [44_100, 48_000, 96_000, 8_000])
def test_other_rates_become_16_khz_without_what_lies_above_8(talks, rate) -> None:
    page, _ = talks(begun=False)
    for hz in (300, 1000, 3000):
        told = page.evaluate(TONE, [rate, hz])
        assert abs(told["n"] - 16_000) <= 1 and abs(told["level"] - 1) < 0.01
    if rate > 16_000:
        for hz in (8_600, 12_000, 15_000, 21_000):
            assert page.evaluate(TONE, [rate, hz])["level"] < 0.001


def test_a_microphone_that_the_browser_cannot_resample_goes_through_our_own_filter(talks) -> None:
    stubborn = """const usual = AudioContext.prototype.createMediaStreamSource;
    AudioContext.prototype.createMediaStreamSource = function (stream) {
      if (this.sampleRate === 16000) throw new DOMException("other rate", "NotSupportedError");
      return usual.call(this, stream); };"""
    page, server = talks(script=stubborn)
    until(page, lambda: server.seconds > 2)
    assert whole(server) and {len(packet) for packet in server.packets.values()} == {3200}
