"""The history: finding what was said, and doing things to what is listed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Opened


@pytest.fixture
def history(opened: Opened) -> Page:
    page = opened("/")
    page.click("#rt-tab-history-button")
    page.wait_for_selector(".rt-record")
    return page


def test_a_hit_opens_the_recording_at_its_second(history) -> None:
    history.fill("#rt-search", "tuesday")
    hit = history.locator(".rt-hit").first
    expect(hit.locator("mark")).to_have_text("Tuesday")
    hit.click()
    expect(history.locator(".rt-line[data-i='4']")).to_have_class("rt-line heard found")
    assert history.url.endswith("?job=meeting&t=9")
    history.wait_for_function("document.querySelector('.rt-player audio').currentTime === 9")
    history.go_back()
    expect(history.locator("#rt-search")).to_have_value("tuesday")


def test_two_chinese_characters_are_found_in_their_line(history) -> None:
    history.fill("#rt-search", "预算")
    expect(history.locator(".rt-hit mark").first).to_have_text("预算")
    expect(history.locator(".rt-hit").first).to_contain_text("今天讨论预算和进度")


def test_what_is_nowhere_gets_a_plain_answer(history) -> None:
    history.fill("#rt-search", "xylophonist")
    expect(history.locator(".rt-empty h2")).to_have_text("Nothing found")


def test_filters_narrow_the_list(history) -> None:
    history.select_option("#rt-filter-status", "cancelled")
    expect(history.locator(".rt-empty")).to_be_visible()
    history.select_option("#rt-filter-status", "succeeded")
    expect(history.locator("#rt-record-meeting")).to_be_visible()
    history.locator("#rt-record-meeting .rt-tag").click()
    expect(history.locator(".rt-record")).to_have_count(1)
    history.locator(".rt-filters .rt-tag").click()
    expect(history.locator("#rt-record-long")).to_be_visible()


def test_a_span_of_days_of_ones_own_narrows_list_and_search(history) -> None:
    history.select_option("#rt-filter-date", "days")
    history.fill("#rt-filter-to", "2020-01-31")
    expect(history.locator(".rt-empty")).to_be_visible()
    history.fill("#rt-filter-to", "")
    history.fill("#rt-filter-from", "2020-01-01")
    expect(history.locator("#rt-record-meeting")).to_be_visible()
    history.fill("#rt-search", "tuesday")
    expect(history.locator(".rt-hit").first).to_be_visible()
    history.fill("#rt-filter-to", "2020-01-31")
    expect(history.locator(".rt-empty")).to_be_visible()


def test_what_is_deleted_comes_back_with_undo(history) -> None:
    history.locator("#rt-record-chinese button[aria-haspopup]").click()
    history.locator(".rt-menu button", has_text="Delete").click()
    expect(history.locator("#rt-record-chinese")).to_have_count(0)
    history.locator(".rt-toast button", has_text="Undo").click()
    expect(history.locator("#rt-record-chinese")).to_be_visible()


def test_tags_can_be_given_in_the_list(history) -> None:
    history.locator("#rt-record-long button[aria-haspopup]").click()
    history.locator(".rt-menu button", has_text="Tags").click()
    history.fill("dialog input", "archive， 2026")
    history.locator("dialog button[type=submit]").click()
    expect(history.locator("#rt-record-long .rt-tag")).to_have_text(["2026", "archive"])


def test_several_are_downloaded_as_one_zip(history) -> None:
    history.check("#rt-record-meeting input")
    history.check("#rt-record-chinese input")
    history.click("#rt-zip")
    with history.expect_download() as waiting:
        history.locator(".rt-menu a", has_text="Plain text").click()
    assert waiting.value.path().read_bytes().startswith(b"PK")


def test_all_recordings_of_a_name_can_be_reached(opened) -> None:
    page = opened("/")
    page.click("#rt-tab-history-button")
    page.wait_for_selector("#rt-record-meeting")
    page.fill("#rt-search", "weekly")
    expect(page.locator(".rt-record")).to_have_count(5)
    page.get_by_role("button", name="Show more names").click()
    expect(page.locator(".rt-record")).to_have_count(7)
    expect(page.get_by_role("button", name="Show more names")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "gone", "answer"), [("en", "Delete for good", "The bin is empty"), ("zh", "彻底删除", "回收站是空的")]
)
def test_what_was_deleted_is_in_the_bin_and_comes_back(opened: Opened, language: str, gone: str, answer: str) -> None:
    page = opened("/", language)
    page.click("#rt-tab-history-button")
    record = page.locator("#rt-record-meeting")
    menu = page.locator(".rt-menu")
    record.locator("button[aria-haspopup=menu]").click()
    menu.locator(".bad").click()
    expect(record).to_be_hidden()
    page.select_option("#rt-filter-status", "bin")
    expect(page.locator("#rt-bin-empty")).to_be_visible()
    record.locator("button[aria-haspopup=menu]").click()
    expect(menu.locator(".bad")).to_have_text(gone)
    menu.locator(":nth-child(2)").click()
    expect(page.locator(".rt-empty h2")).to_have_text(answer)
    page.select_option("#rt-filter-status", "")
    expect(record).to_be_visible()
