"""Keys of programs on the System screen: made, shown once, used, and revoked."""

from __future__ import annotations

import httpx
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened


@pytest.mark.parametrize(("language", "width"), [("en", 1280), ("zh", 390)])
def test_a_key_is_made_used_and_taken_back(opened: Opened, address: str, language: str, width: int) -> None:
    page = opened("/?place=system", language=language, width=width)
    page.locator("#rt-tab-system-button").click()
    name = f"subtitles {language}"
    page.locator("#rt-keys-make").click()
    page.fill("#rt-key-name", name)
    page.fill("#rt-key-requests_a_minute", "2")
    page.locator(".rt-dialog button[type=submit]").click()
    secret = page.locator("#rt-key-secret").input_value()
    page.locator(".rt-dialog footer .primary").click()
    row = page.locator("#rt-keys-panel li", has_text=name)
    expect(row).to_contain_text(secret[-4:])
    assert secret not in page.content()

    def ask() -> int:
        return httpx.get(f"{address}/v1/models/whisper-1", headers={"authorization": f"Bearer {secret}"}).status_code

    assert [ask(), ask(), ask()] == [200, 200, 429]
    row.locator("button").click()
    page.locator(".rt-dialog footer .primary").click()
    expect(row).to_have_count(0)
    assert ask() == 401


@pytest.mark.parametrize(("language", "width", "words"), [("en", 1280, "makes a key"), ("zh", 390, "创建密钥")])
def test_the_page_of_all_addresses_is_found_searched_and_opened(
    opened: Opened, address: str, language: str, width: int, words: str
) -> None:
    page = opened("/?place=system", language=language, width=width)
    page.locator("#rt-tab-system-button").click()
    assert page.locator("#rt-keys-docs").get_attribute("href") == "docs"
    page.goto(f"{address}/docs")
    page.fill("#rt-reference-find", words)
    row = page.locator(".rt-call:visible")
    expect(row).to_have_count(1)
    row.locator("summary").click()
    expect(row.locator("pre")).to_contain_text("/api/keys")
    assert page.evaluate("document.documentElement.scrollWidth") == width
