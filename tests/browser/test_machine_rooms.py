"""The rooms of the System tab: the doctor's findings, the planner's answer and its page to print."""

from __future__ import annotations

import pytest

ANSWER_MS = 180_000


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_doctor_says_what_it_found_and_has_a_file_to_send(opened, language: str) -> None:
    page = opened("/?place=doctor", language=language, width=390 if language == "zh" else 800)
    page.click("#rt-tab-system-button")
    page.wait_for_selector("rt-doctor details")
    assert page.is_hidden("rt-system") and page.is_hidden("rt-planner")
    page.click("rt-doctor summary")
    told = page.inner_text("rt-doctor")
    assert "doctor." not in told and "{" not in told
    with page.expect_download() as saved:
        page.click("#rt-doctor-archive")
    assert saved.value.suggested_filename == "roomtone-diagnosis.zip"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("language", "width"), [("zh", 390), ("en", 1280)])
def test_the_planner_answers_in_a_sentence_and_prints_without_the_rest_of_the_page(opened, language, width) -> None:
    page = opened("/?place=planner", language=language, width=width)
    page.click("#rt-tab-system-button")
    page.fill("#rt-plan-people", "3")
    page.fill("#rt-plan-hours_a_day", "1")
    page.fill("#rt-plan-length_min", "5")
    page.click("#rt-plan-ask")
    page.wait_for_selector("#rt-plan-answer", timeout=ANSWER_MS)
    assert page.inner_text("#rt-plan-answer h2").strip()
    told = page.inner_text("rt-planner")
    assert "planner." not in told.replace("planner.md", "") and not any(
        word in told for word in ("{", "NaN", "[object")
    )
    assert page.is_visible(".rt-plan-good") and page.locator(".rt-plan-kind.measured").count() >= 5
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.emulate_media(media="print")
    assert page.is_hidden("rt-header") and page.is_hidden(".rt-plan-ask") and page.is_visible("#rt-plan-answer")
