"""The address of another server on the System screen: entered, tried, kept without its key, and removed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened
from tests.engines.writing.server import WritingServer


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)])
def test_an_address_is_entered_tried_kept_and_removed(opened: Opened, language: str, width: int) -> None:
    page = opened("/?place=system", language=language, width=width)
    page.locator("#rt-tab-system-button").click()
    # The list of models comes later and moves what is below it.
    page.wait_for_selector("#rt-models [data-model]")
    page.locator("#rt-server-panel").scroll_into_view_if_needed()
    page.locator("#rt-server-change").click()
    with WritingServer("good", "401") as server:
        page.fill("#rt-server-base_url", server.url)
        page.fill("#rt-server-model", "qwen3:8b")
        page.fill("#rt-server-key", "sk-secret")
        page.locator("#rt-server-test").click()
        expect(page.locator("#rt-server-outcome")).to_contain_text("0.1")
        page.locator("#rt-server-test").click()
        expect(page.locator("#rt-server-outcome")).to_contain_text({"en": "key", "zh": "密钥"}[language])
        page.locator("#rt-server-save").click()
    expect(page.locator("#rt-server-panel")).to_contain_text("qwen3:8b")
    assert "sk-secret" not in page.content()
    page.locator("#rt-server-change").click()
    expect(page.locator("#rt-server-key")).to_have_value("")
    page.keyboard.press("Escape")
    page.locator("#rt-server-forget").click()
    page.locator(".rt-dialog footer .primary").click()
    expect(page.locator("#rt-server-panel")).not_to_contain_text("qwen3:8b")
