"""The real program on a free port, and a real Chromium that looks at it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests.browser.seeding import seed

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
]  # fmt: skip
PATIENCE_S = 60.0
Opened = Callable[..., Page]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


def chromium() -> str:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found is None:
        pytest.skip("no Chromium on this machine: the screens are not driven")
    return found


@contextmanager
def running(root: Path, data: Path, models: Path, log: Path) -> Iterator[str]:
    """The program with its own data folder; gives its address and ends it at the end."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("ROOMTONE_")}
    environment = {**kept, "ROOMTONE_SETUP": "no", "ROOMTONE_MODELS": str(models), "PYTHONUNBUFFERED": "1"}
    words = [sys.executable, str(root / "launch.py"), "--data", str(data), "--port", "0", "--offline", "--no-browser"]
    with (
        log.open("w", encoding="utf-8") as errors,
        subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            address = next(word for word in process.stdout.readline().split() if word.startswith("http://"))
            until = time.monotonic() + PATIENCE_S
            while status(address) != "ok":
                assert time.monotonic() < until and process.poll() is None, log.read_text(encoding="utf-8")
                time.sleep(0.2)
            yield address
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()


def status(address: str) -> str:
    with urllib.request.urlopen(address + "/health", timeout=PATIENCE_S) as answer:
        return str(json.load(answer)["status"])


@pytest.fixture(scope="session")
def address(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The program with the recordings of ``seeding.py``."""
    chromium()
    data = tmp_path_factory.mktemp("browser") / "data"
    seed(data, root / "history.db-schema")
    with running(root, data, models_folder, data.parent / "errors.log") as found:
        yield found


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as play:
        started = play.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def opened(browser: Browser, address: str) -> Iterator[Opened]:
    """Opens pages; afterwards none may have had a script error or asked any other server for anything."""
    contexts, troubles = [], []

    def open_page(path: str = "/", language: str = "en", theme: str = "light", width: int = 1280) -> Page:
        context = browser.new_context(
            locale={"en": "en-US", "zh": "zh-CN"}[language],
            color_scheme=theme,
            viewport={"width": width, "height": 800},
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: troubles.append(f"script error: {error}"))
        page.on("request", lambda request: troubles.append(request.url) if leaves(request.url, address) else None)
        page.goto(address + path)
        page.wait_for_selector(".rt-alive rt-header .rt-brand")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert troubles == []


def leaves(url: str, address: str) -> bool:
    return not url.startswith((address, "data:", "blob:"))
