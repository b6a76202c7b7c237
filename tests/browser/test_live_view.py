"""What is seen of a live session: text that stays calm, captions, the link for others, both languages and widths."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.live_fake import FakeLive, until
from tests.browser.live_pages import context_of, live_tab, with_microphone
from tests.browser.seeding import EVIL
from tests.browser.test_screens import ALLOWED_WORDS, VISIBLE_WORDS

LOOKS = [("en", "light", 1280), ("zh", "dark", 360)]
NAMELESS = """() => [...document.querySelectorAll("rt-live *, .rt-caption *, .rt-dialog *, .rt-live-page *")]
  .filter((e) => e.matches("button, a, input, select, textarea, [role=slider]") && e.checkVisibility())
  .filter((e) => !(e.ariaLabel || e.title || e.textContent.trim() || e.labels?.[0]?.textContent.trim()))
  .map((e) => e.outerHTML)"""


@pytest.fixture(scope="module")
def talker(browser: Browser) -> Iterator[Browser]:
    started = with_microphone(browser)
    yield started
    started.close()


@pytest.fixture
def live(talker: Browser, address: str, request: pytest.FixtureRequest) -> Iterator[tuple[Page, FakeLive]]:
    """A session that has begun, in the look that the test is given."""
    context = context_of(talker, *getattr(request, "param", LOOKS[0]))
    page, server = context.new_page(), FakeLive()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    server.attend(page)
    live_tab(page, address)
    page.click("#rt-live-start")
    until(page, lambda: server.seconds > 0.3)
    yield page, server
    context.close()
    assert troubles == []


def words(page: Page) -> list[str]:
    return page.locator(".rt-live-words").all_inner_texts()


def test_firm_words_are_told_from_those_that_may_change_and_the_final_text_takes_their_place(live) -> None:
    page, server = live
    server.speak(0, " is fox", final=False, firm="the quick brown")
    line = page.locator(".rt-live-line")
    expect(line.locator(".rt-live-words")).to_have_text("the quick brown is fox")
    firm, loose = (
        page.locator(place).evaluate("(e) => getComputedStyle(e).color") for place in (".rt-live-words", ".provisional")
    )
    assert firm != loose
    server.speak(0, "The quick brown fox.")
    expect(line.locator(".rt-live-words")).to_have_text("The quick brown fox.")
    expect(page.locator(".provisional")).to_have_count(0)
    server.speak(1, "Um", final=False)
    expect(line).to_have_count(2)
    server.speak(1, "")
    expect(line).to_have_count(1)


def test_only_final_text_is_read_out(live) -> None:
    page, server = live
    server.speak(0, "not yet", final=False)
    server.speak(1, "This is certain.")
    expect(page.locator(".rt-live-voice")).to_have_text("This is certain.")
    assert page.locator(".rt-live-voice").get_attribute("aria-live") == "polite"


def test_the_text_follows_what_is_said_until_somebody_scrolls_back(live) -> None:
    page, server = live
    for n in range(30):
        server.speak(n, f"This is remark number {n}.")
    expect(page.get_by_text("remark number 29.").first).to_be_in_viewport()
    page.locator(".rt-live-scroll").hover()
    page.mouse.wheel(0, -600)
    expect(page.locator("#rt-live-newest")).to_be_visible()
    top = page.locator(".rt-live-scroll").evaluate("(e) => e.scrollTop")
    for n in range(30, 34):
        server.speak(n, f"This is remark number {n}.")
    expect(page.locator(".rt-live-line")).to_have_count(34)
    assert page.locator(".rt-live-scroll").evaluate("(e) => e.scrollTop") == top
    page.click("#rt-live-newest")
    expect(page.locator(".rt-live-lines").get_by_text("remark number 33.")).to_be_in_viewport()
    expect(page.locator("#rt-live-newest")).to_be_hidden()


def test_a_final_line_is_edited_in_place_even_without_a_network(live) -> None:
    page, server = live
    server.speak(0, "We meat on Tuesday.")
    server.speak(1, "Nobody touches this.")
    page.locator(".rt-live-words").first.dblclick()
    page.keyboard.press("Control+A")
    page.keyboard.type("We meet on Tuesday.")
    server.cut()
    page.keyboard.press("Enter")
    assert words(page) == ["We meet on Tuesday.", "Nobody touches this."]
    server.reachable = True
    until(page, lambda: {"type": "edit", "line": 0, "text": "We meet on Tuesday."} in server.heard)


def test_escape_leaves_a_line_as_it_was(live) -> None:
    page, server = live
    server.speak(0, "As it was.")
    page.locator(".rt-live-line").hover()
    page.locator(".rt-live-line button").click()
    page.keyboard.type("Something else")
    page.keyboard.press("Escape")
    assert words(page) == ["As it was."]
    assert not [one for one in server.heard if one["type"] == "edit"]


def test_other_settings_reach_the_running_session(live) -> None:
    page, server = live
    page.click("#rt-live-settings")
    page.select_option("#rt-live-now-output", "english")
    page.fill("#rt-live-now-hotwords", "Okafor")
    page.locator(".rt-dialog summary").click()
    page.select_option("#rt-live-now-gap", "1.5")
    page.click("#rt-live-settings-save")
    until(page, lambda: any(one["type"] == "settings" for one in server.heard))
    [told] = [one["settings"] for one in server.heard if one["type"] == "settings"]
    assert (told["translate"], told["hotwords"], told["pause_s"]) == (True, "Okafor", 1.5)


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ({"speaking": True}, "Hearing speech"),
        ({"speaking": False}, "Listening"),
        ({"behind_s": 20.0}, "The text comes 20 seconds later"),
        ({"partials": "thin"}, "words appear less often"),
        ({"partials": "off"}, "too busy to show words while they are spoken"),
        ({"waiting": "fetching_model"}, "Fetching the speech model"),
        ({"waiting": "loading_model"}, "Loading the speech model"),
    ],
)
def test_how_it_goes_is_said_in_plain_words(live, state, told) -> None:
    page, server = live
    usual = {"speaking": False, "behind_s": 0.2, "partials": "on", "heard_s": 3.0, "waiting": None}
    server.say(type="state", **{**usual, **state})
    expect(page.locator(".rt-live-state")).to_contain_text(told)


def test_captions_are_large_follow_the_speech_and_close_with_escape(live) -> None:
    page, server = live
    server.speak(0, "Welcome to everybody.")
    page.click("#rt-live-captions")
    caption = page.locator(".rt-caption")
    expect(caption.get_by_text("Welcome to everybody.")).to_be_visible()
    size = "(e) => parseFloat(getComputedStyle(e).fontSize)"
    before = page.locator(".rt-caption-frame").evaluate(size)
    assert before > 48
    page.get_by_role("button", name="Larger").click()
    assert page.locator(".rt-caption-frame").evaluate(size) > before
    server.speak(1, " office", final=False, firm="Now the new")
    expect(caption.locator("p").last).to_have_text("Now the new office")
    page.keyboard.press("Escape")
    expect(caption).to_have_count(0)


def test_the_link_for_others_can_be_copied(live) -> None:
    page, _ = live
    page.click("#rt-live-share")
    assert re.search(r"/live/w{32}$", page.locator("#rt-live-link").input_value())
    expect(page.locator(".rt-dialog")).to_contain_text("works on this computer only")


def test_a_session_goes_on_behind_other_tabs_and_a_press_leads_back(live) -> None:
    page, server = live
    page.click("#rt-tab-history-button")
    before = server.seconds
    until(page, lambda: server.seconds > before + 1)
    page.click(".rt-live-pill")
    expect(page.locator(".rt-live-room")).to_be_visible()
    expect(page.locator(".rt-live-pill")).to_be_hidden()


@pytest.mark.parametrize("live", [("zh", "light", 1280)], indirect=True)
def test_a_chinese_session_has_no_english_word(live) -> None:
    page, server = live
    server.speak(0, "大家早上好。")
    server.say(type="state", speaking=True, behind_s=12.0, partials="off", heard_s=3.0, waiting=None)
    told = page.evaluate(VISIBLE_WORDS)
    server.cut()
    expect(page.locator(".rt-live-state")).to_contain_text("连接断开")
    told += page.evaluate(VISIBLE_WORDS)
    page.click("#rt-live-captions")
    told += page.evaluate(VISIBLE_WORDS)
    found = {word for word in re.findall(r"[A-Za-z][A-Za-z-]+", told) if word not in ALLOWED_WORDS}
    assert not {word for word in found if not set(word.split("-")) <= ALLOWED_WORDS | {"A"}}


@pytest.mark.parametrize("live", [("en", "light", 360), ("zh", "dark", 360)], indirect=True)
def test_a_telephone_never_scrolls_sideways_and_everything_has_a_name(live) -> None:
    page, server = live
    server.speak(0, "Averyveryverylongwordthatnobodyevercouldbreakintopieces " * 3)
    for place in (None, "#rt-live-share", "#rt-live-settings", "#rt-live-captions"):
        if place:
            page.click(place)
            page.wait_for_selector(".rt-caption" if place.endswith("captions") else ".rt-dialog[open]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.evaluate(NAMELESS) == []
        page.keyboard.press("Escape")
    server.cut()
    expect(page.locator(".rt-live-bar[data-kind=bad]")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def told(event: str, content: object) -> str:
    return f"event: {event}\ndata: {json.dumps(content)}\n\n"


def reading(opened_page: Page, address: str, body: str, status: int = 200) -> Page:
    """Opens the page for reading along before a stream that says ``body``."""
    opened_page.set_default_timeout(20_000)
    opened_page.route(
        "**/api/live/watch/*", lambda route: route.fulfill(status=status, content_type="text/event-stream", body=body)
    )
    opened_page.goto(f"{address}/live/{'w' * 32}")
    return opened_page


@pytest.mark.parametrize("look", LOOKS)
def test_others_read_along_and_can_change_nothing(browser, address, look) -> None:
    language, theme, width = look
    context = browser.new_context(
        locale={"en": "en-US", "zh": "zh-CN"}[language], color_scheme=theme, viewport={"width": width, "height": 700}
    )
    final = {"line": 0, "state": "final", "start": 0.0, "end": 2.0, "text": EVIL, "language": "en", "edited": False}
    spoken = {"line": 1, "state": "open", "start": 3.0, "end": 4.0, "firm": "and so", "provisional": " on"}
    body = told("lines", {"title": "Weekly meeting", "ended": False, "lines": [final]}) + told("line", spoken)
    page = reading(context.new_page(), address, body + told("ended", {"job": "x"}))
    expect(page.locator("h1")).to_have_text("Weekly meeting")
    expect(page.locator(".rt-live-words")).to_have_text([EVIL, "and so on"])
    expect(page.locator(".rt-live-state")).to_have_text("The session has ended" if language == "en" else "已结束")
    assert page.locator(".rt-live-line button, input, textarea, [contenteditable]").count() == 0
    assert page.evaluate(NAMELESS) == [] and page.title() != "taken"
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.click("#rt-live-captions")
    expect(page.locator(".rt-caption")).to_contain_text("and so on")
    context.close()


def test_a_link_that_leads_nowhere_says_so(browser, address) -> None:
    context = browser.new_context(locale="en-US")
    page = reading(context.new_page(), address, "{}", status=404)
    expect(page.locator("h2")).to_have_text("Nothing is to be read here any more")
    context.close()
