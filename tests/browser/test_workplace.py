"""The working place: hearing, correcting, finding, taking away."""

from __future__ import annotations

import json
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened

NOW = "document.querySelector('.rt-player audio').currentTime"


@pytest.fixture
def meeting(opened: Opened) -> Page:
    page = opened("/?job=meeting")
    page.wait_for_selector(".rt-line[data-i='0']")
    return page


def lines_of(address: str, job: str) -> list[dict]:
    with urllib.request.urlopen(f"{address}/api/jobs/{job}/segments", timeout=20) as answer:
        return json.load(answer)["segments"]


def text_of(page: Page, i: int):
    return page.locator(f".rt-line[data-i='{i}'] .rt-line-text")


def test_a_click_on_a_line_plays_it_and_marks_line_and_word(meeting) -> None:
    meeting.wait_for_function("document.querySelector('.rt-player audio').readyState > 0")
    text_of(meeting, 4).locator("span", has_text="again").click()
    meeting.wait_for_function(f"{NOW} > 9.8")
    expect(meeting.locator(".rt-line[data-i='4']")).to_have_class("rt-line heard")
    expect(meeting.locator(".rt-line-text .now")).to_have_count(1)
    expect(meeting.locator("#rt-play")).to_have_attribute("aria-label", "Pause")
    meeting.wait_for_selector(".rt-line[data-i='5'].heard")


def test_keys_play_jump_and_change_the_speed(meeting) -> None:
    meeting.wait_for_function("document.querySelector('.rt-player audio').readyState > 0")
    meeting.keyboard.press("ArrowDown")
    meeting.keyboard.press("ArrowDown")
    expect(meeting.locator(".rt-line[data-i='1']")).to_have_class("rt-line heard")
    meeting.keyboard.press(">")
    expect(meeting.locator("#rt-speed")).to_have_text("1.25×")
    meeting.keyboard.press("n")
    expect(meeting.locator(".rt-line[data-i='2']")).to_have_class("rt-line heard")
    meeting.keyboard.press("Space")
    meeting.wait_for_function(f"{NOW} > 4.2")
    meeting.keyboard.press("Space")
    meeting.keyboard.press("?")
    expect(meeting.locator(".rt-keys dd").first).to_be_visible()


def test_doubtful_words_are_marked_and_the_marks_can_be_put_away(meeting) -> None:
    word = text_of(meeting, 2).locator("span").nth(1)
    assert "underline" in word.evaluate("(e) => getComputedStyle(e).textDecorationLine")
    assert "30" in (word.get_attribute("title") or "")
    meeting.uncheck("#rt-doubts")
    assert "underline" not in word.evaluate("(e) => getComputedStyle(e).textDecorationLine")


def test_a_stretch_that_failed_says_so_with_its_times(meeting) -> None:
    expect(text_of(meeting, 3)).to_contain_text("0:06")
    expect(text_of(meeting, 3)).to_contain_text("0:09")


def test_an_edit_is_saved_by_itself_and_the_original_can_be_had_back(meeting, address) -> None:
    text_of(meeting, 0).dblclick()
    meeting.keyboard.press("Control+A")
    meeting.keyboard.type("Good evening and welcome.")
    expect(meeting.locator(".rt-saved")).to_contain_text("Saved")
    assert lines_of(address, "meeting")[0]["text"] == "Good evening and welcome."
    meeting.keyboard.press("Enter")
    meeting.reload()
    expect(text_of(meeting, 0)).to_have_text("Good evening and welcome.")
    expect(meeting.locator(".rt-line[data-i='0']")).to_have_class("rt-line changed")
    meeting.locator(".rt-line[data-i='0']").hover()
    meeting.locator(".rt-line[data-i='0'] .rt-line-tools button").first.click()
    expect(text_of(meeting, 0)).to_have_text("Good morning and welcome to the meeting.")
    meeting.wait_for_function("document.querySelector('.rt-saved').textContent.includes('Saved')")
    assert lines_of(address, "meeting")[0]["original_text"] is None


def test_a_reload_right_after_the_last_key_loses_nothing(meeting) -> None:
    before = text_of(meeting, 5).inner_text()
    text_of(meeting, 5).dblclick()
    meeting.keyboard.type(" Yes")
    meeting.reload()
    expect(text_of(meeting, 5)).to_have_text(f"{before} Yes")
    meeting.locator(".rt-line[data-i='5']").hover()
    meeting.locator(".rt-line[data-i='5'] .rt-line-tools button").first.click()
    expect(meeting.locator(".rt-saved")).to_contain_text("Saved")


def test_escape_leaves_a_line_as_it_was(meeting, address) -> None:
    text_of(meeting, 4).dblclick()
    meeting.keyboard.type(" never mind")
    meeting.keyboard.press("Escape")
    expect(text_of(meeting, 4)).to_have_text("We meet again on Tuesday.")
    expect(meeting.locator(".rt-line[data-i='4']")).to_be_focused()
    assert lines_of(address, "meeting")[4]["text"] == "We meet again on Tuesday."


def test_find_and_replace_then_undo_then_restore(meeting, address) -> None:
    meeting.keyboard.press("Control+f")
    meeting.fill("#rt-find", "COLOUR")
    expect(meeting.locator(".rt-find-count")).to_have_text("1 of 2")
    meeting.fill("#rt-replace", "color")
    meeting.click("#rt-replace-all")
    expect(text_of(meeting, 1)).to_have_text("The color of the new color chart is fine.")
    meeting.locator(".rt-toast button", has_text="Undo").click()
    expect(text_of(meeting, 1)).to_have_text("The colour of the new colour chart is fine.")
    expect(meeting.locator(".rt-find-count")).to_have_text("1 of 2")
    meeting.fill("#rt-find", "colour")
    meeting.click("#rt-replace-all")
    expect(text_of(meeting, 1)).to_have_text("The color of the new color chart is fine.")
    meeting.keyboard.press("Escape")
    meeting.click("#rt-work-more")
    meeting.locator(".rt-menu button", has_text="Restore the original text").click()
    expect(text_of(meeting, 1)).to_have_text("The colour of the new colour chart is fine.")
    assert lines_of(address, "meeting")[1]["original_text"] is None


def test_a_replacement_that_holds_the_word_again_is_passed_over(meeting) -> None:
    before = text_of(meeting, 1).inner_text()
    meeting.keyboard.press("Control+f")
    meeting.fill("#rt-find", "colour")
    meeting.fill("#rt-replace", "colours")
    for _ in range(2):
        meeting.get_by_role("button", name="Replace", exact=True).click()
    expect(text_of(meeting, 1)).to_have_text("The colours of the new colours chart is fine.")
    meeting.keyboard.press("Escape")
    meeting.locator(".rt-line[data-i='1']").hover()
    meeting.locator(".rt-line[data-i='1'] .rt-line-tools button").first.click()
    expect(text_of(meeting, 1)).to_have_text(before)
    expect(meeting.locator(".rt-saved")).to_contain_text("Saved")


@pytest.mark.parametrize(
    ("kind", "begins"), [("srt", b"1\r\n00:00:00"), ("txt", b"Good"), ("vtt", b"WEBVTT"), ("docx", b"PK")]
)
def test_the_text_is_downloaded_as_a_file(meeting, kind, begins) -> None:
    meeting.click("#rt-download")
    with meeting.expect_download() as waiting:
        meeting.locator(f".rt-menu a[href*='format={kind}']").click()
    assert waiting.value.suggested_filename == f"Board meeting.{kind}"
    content = waiting.value.path().read_bytes().removeprefix(b"\xef\xbb\xbf")
    assert content.replace(b"\r\n", b"\n").startswith(begins.replace(b"\r\n", b"\n"))


def test_a_new_name_shows_at_once_and_stays(opened, address) -> None:
    page = opened("/?job=chinese", language="zh")
    page.locator(".rt-work-title button").click()
    page.fill("dialog input", "预算例会")
    page.locator("dialog button[type=submit]").click()
    expect(page.locator(".rt-work-title h1")).to_have_text("预算例会")
    page.reload()
    expect(page.locator(".rt-work-title h1")).to_have_text("预算例会")


def test_ten_thousand_lines_open_at_a_second_and_hold_few_in_the_page(opened) -> None:
    page = opened("/?job=long&t=15001")
    expect(text_of(page, 7500)).to_be_in_viewport()
    expect(text_of(page, 7500)).to_have_text("Line 7500 of a long day")
    page.wait_for_function("document.querySelector('rt-workplace').lines.all.length === 10000")
    assert page.locator(".rt-line").count() < 600
    page.keyboard.press("Control+f")
    page.fill("#rt-find", "Line 9876 of")
    expect(page.locator(".rt-find-count")).to_have_text("1 of 1")
    expect(text_of(page, 9876)).to_be_in_viewport()
    assert page.locator(".rt-line").count() < 600


def test_the_first_word_of_a_line_is_marked_for_strong_doubt_only(meeting) -> None:
    expect(text_of(meeting, 2).locator(".doubt")).to_have_text(["was", "mumbled", "here."])


def test_run_again_takes_several_languages_and_all_that_the_form_knows(meeting) -> None:
    meeting.click("#rt-work-more")
    meeting.locator(".rt-menu button", has_text="Run again").click()
    expect(meeting.locator("#rt-again-quality")).to_be_focused()
    meeting.select_option("#rt-again-language", "en")
    meeting.select_option("#rt-again-language", "zh")
    meeting.locator(".rt-again summary").click()
    meeting.get_by_label("Search width").fill("3")
    meeting.get_by_label("Speech threshold").fill("0.4")
    with meeting.expect_request(lambda request: request.url.endswith("/again")) as sent:
        meeting.route("**/again", lambda route: route.abort())
        meeting.click("#rt-again-run")
    asked = sent.value.post_data_json["request"]
    assert asked["languages"] == ["en", "zh"] and asked["language"] is None
    assert asked["beam_size"] == 3 and asked["vad"]["threshold"] == 0.4 and asked["quality"] == "balanced"


@pytest.fixture
def two(opened: Opened) -> tuple[Page, Page]:
    """Two people who have the same recording open."""
    pages = opened("/?job=shared"), opened("/?job=shared")
    for page in pages:
        page.wait_for_selector(".rt-line[data-i='0']")
    return pages


def write(page: Page, i: int, words: str) -> None:
    text_of(page, i).dblclick()
    page.keyboard.press("Control+A")
    page.keyboard.type(words)


def test_what_one_person_writes_the_other_sees(two) -> None:
    mine, theirs = two
    write(mine, 1, "Written by me.")
    mine.keyboard.press("Enter")
    expect(text_of(theirs, 1)).to_have_text("Written by me.")
    expect(theirs.locator(".rt-line[data-i='1']")).to_have_class("rt-line changed")


@pytest.mark.parametrize(("choice", "stays"), [("Take mine", "Mine of 0."), ("Keep theirs", "Theirs of 1.")])
def test_of_two_texts_of_one_line_none_is_lost_until_somebody_chooses(two, address, choice, stays) -> None:
    mine, theirs = two
    i = int(stays[-2]) + 2
    text_of(mine, i).dblclick()
    write(theirs, i, f"Theirs of {i - 2}.")
    theirs.keyboard.press("Enter")
    expect(theirs.locator(".rt-saved")).to_contain_text("Saved")
    mine.keyboard.press("Control+A")
    mine.keyboard.type(f"Mine of {i - 2}.")
    clash = mine.locator(f".rt-line[data-i='{i}'] .rt-clash")
    expect(clash).to_contain_text("Somebody changed this line")
    assert lines_of(address, "shared")[i]["text"] == f"Theirs of {i - 2}."
    mine.reload()
    expect(text_of(mine, i)).to_have_text(f"Theirs of {i - 2}.")
    expect(clash).to_contain_text(f"Mine of {i - 2}.")
    clash.locator("button", has_text=choice).click()
    expect(clash).to_have_count(0)
    for page in two:
        expect(text_of(page, i)).to_have_text(stays)
    assert lines_of(address, "shared")[i]["text"] == stays


def test_an_address_of_no_recording_says_so_and_leads_on(opened) -> None:
    page = opened("/?job=unknown")
    expect(page.locator("rt-workplace h2")).to_have_text("There is no such recording")
    expect(page.locator(".rt-player")).to_be_hidden()
    page.get_by_role("button", name="Look in the history").click()
    expect(page.locator("#rt-search")).to_be_visible()
    page.goto(page.url.split("?")[0] + "?job=meeting")
    expect(page.locator(".rt-player")).to_be_visible()
