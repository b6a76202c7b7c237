"""Addresses that are told when jobs end, on the System screen: added, tried, removed."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)])
def test_an_address_is_added_tried_and_removed(opened: Opened, language: str, width: int) -> None:
    page = opened("/?place=system", language=language, width=width)
    page.locator("#rt-tab-system-button").click()
    url = f"http://127.0.0.1:9/{language}"
    page.locator("#rt-hooks-add").click()
    page.fill("#rt-hook-url", url)
    page.locator(".rt-dialog button[type=submit]").click()
    secret = page.locator("#rt-hook-secret").input_value()
    assert secret.startswith("whsec_")
    page.locator(".rt-dialog footer .primary").click()
    row = page.locator("#rt-hooks-panel li", has_text=url)
    quiet = row.locator(".rt-hint").inner_text()
    assert secret not in page.content()
    row.locator("button").first.click()
    expect(row.locator(".rt-hint")).not_to_have_text(quiet)
    row.locator("button").last.click()
    page.locator(".rt-dialog footer .primary").click()
    expect(row).to_have_count(0)
