"""The bin on the screen: what is deleted for good is gone, and nothing offers it back."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened, Server, chromium
from tests.browser.seeding import Recording, line, seed

NAMES = ("kept", "gone", "last")


@pytest.fixture(scope="module")
def address(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    chromium()
    folder = tmp_path_factory.mktemp("bin")
    talks = [Recording(name, f"Talk {name}", (line(0.0, f"Said in {name}."),)) for name in NAMES]
    seed(folder / "data", root / "history.db-schema", talks)
    server = Server(root, folder, models_folder)
    server.start()
    yield server.address
    server.stop()


def test_what_is_deleted_for_good_is_gone_and_nothing_offers_it_back(opened: Opened, address: str) -> None:
    page = opened("/")
    page.click("#rt-tab-history-button")
    for name in ("gone", "last"):
        page.locator(f"#rt-record-{name} button[aria-haspopup=menu]").click()
        page.locator(".rt-menu .bad").click()
        expect(page.locator(f"#rt-record-{name}")).to_be_hidden()
    expect(page.locator(".rt-toast")).to_have_count(2)

    page.select_option("#rt-filter-status", "bin")
    page.locator("#rt-record-gone button[aria-haspopup=menu]").click()
    page.locator(".rt-menu .bad").click()
    page.click("#rt-bin-sure")
    expect(page.locator("#rt-record-gone")).to_be_hidden()
    expect(page.locator(".rt-toast", has_text="Talk gone")).to_be_hidden()
    expect(page.locator(".rt-toast", has_text="Talk last")).to_be_visible()

    page.click("#rt-bin-empty")
    page.click("#rt-bin-sure")
    expect(page.locator(".rt-empty h2")).to_have_text("The bin is empty")
    expect(page.locator(".rt-toast button", has_text="Undo")).to_have_count(0)
    for name in ("gone", "last"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{address}/api/jobs/{name}", timeout=20)
    page.select_option("#rt-filter-status", "")
    expect(page.locator("#rt-record-kept")).to_be_visible()
