"""The System screen: models, memory and figures, driven as an administrator does."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.weights
BASE = '#rt-models [data-model="base"]'


def system(opened, place: str = "system", **how: object) -> Page:
    page = opened(f"/?place={place}", **how)
    page.click("#rt-tab-system-button")
    return page


def test_a_model_is_loaded_and_ended_and_its_memory_is_told(opened) -> None:
    page = system(opened)
    base = page.locator(BASE)
    expect(base.locator(".rt-chip").last).to_have_text(re.compile("first guess|measured here"))
    base.get_by_role("button", name="Load Whisper base").click()
    expect(base.locator(".rt-model-state")).to_contain_text("ready", timeout=60_000)
    expect(base.locator(".rt-model-state")).to_contain_text("MB")
    expect(page.locator("#rt-memory .rt-plain")).to_contain_text("Whisper base")
    base.get_by_role("button", name="Unload Whisper base").click()
    expect(base.get_by_role("button", name="Load Whisper base")).to_be_visible()
    expect(page.locator("#rt-memory .rt-plain").first).to_contain_text("None")


def test_clearing_says_what_was_freed_and_who_else_holds_memory(opened) -> None:
    page = system(opened, language="zh")
    base = page.locator(BASE)
    base.get_by_role("button", name="载入 Whisper base").click()
    expect(base.locator(".rt-model-state")).to_contain_text("待命", timeout=60_000)
    page.click("#rt-clear")
    result = page.locator(".rt-cleared")
    expect(result).to_contain_text(re.compile(r"释放了 \d+ MB"))
    expect(result).to_contain_text("清理前")
    expect(result).to_contain_text("其他程序")
    result.get_by_role("button", name="收起").click()
    expect(result).to_be_hidden()


def test_what_is_set_for_a_model_is_there_after_a_reload(opened) -> None:
    page = system(opened)
    page.locator(BASE).get_by_role("button", name="More for Whisper base").click()
    page.get_by_role("menuitem", name="Settings…").click()
    page.get_by_label("Precision").select_option("float32")
    page.get_by_label("Unused, it stays in memory for").select_option("3600")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".rt-toast")).to_contain_text("Saved")
    page.reload()
    page.click("#rt-tab-system-button")
    page.locator(BASE).get_by_role("button", name="More for Whisper base").click()
    page.get_by_role("menuitem", name="Settings…").click()
    expect(page.get_by_label("Precision")).to_have_value("float32")
    expect(page.get_by_label("Unused, it stays in memory for")).to_have_value("3600")
    page.get_by_label("Precision").select_option("")
    page.get_by_label("Unused, it stays in memory for").select_option("")
    page.get_by_role("button", name="Save").click()
    expect(page.locator(".rt-toast")).to_contain_text("Saved")


def test_the_numbers_of_a_model_say_where_they_come_from(opened) -> None:
    page = system(opened)
    page.locator(BASE).locator("[data-act=figures]").click()
    dialog = page.get_by_role("dialog", name="Figures of Whisper base")
    expect(dialog).to_contain_text("Memory while loaded")
    expect(dialog.get_by_role("button", name="Measure")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_model_in_a_folder_that_is_only_read_cannot_be_deleted_from_here(opened) -> None:
    page = system(opened)
    page.locator(BASE).get_by_role("button", name="More for Whisper base").click()
    expect(page.get_by_role("menuitem", name="Check files")).to_be_visible()
    expect(page.get_by_role("menuitem", name="Delete…")).to_have_count(0)
    page.get_by_role("menuitem", name="Check files").click()
    expect(page.locator(BASE)).to_contain_text("Files checked", timeout=60_000)


def test_figures_are_drawn_and_can_be_read_without_seeing_them(opened) -> None:
    page = system(opened, "figures")
    chart = page.get_by_role("figure", name="In use", exact=True)
    expect(chart).to_be_visible()
    page.click("#rt-span-hour")
    # A server of some seconds has one point, and a quiet one a level line: neither has a height to be seen by.
    expect(chart.locator("path.rt-chart-line").first).to_have_attribute("d", re.compile(r"^M\d"))
    chart.focus()
    page.keyboard.press("ArrowLeft")
    expect(chart.locator(".rt-chart-tip")).to_contain_text("%")
    chart.get_by_text("Show as a table").click()
    expect(chart.get_by_role("row").nth(59)).to_be_visible()
    expect(page.locator(".rt-tile").first).to_contain_text("Processor")
