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


class Server:
    """The program with its own data folder; it can be killed and started again at the same address."""

    def __init__(self, root: Path, folder: Path, models: Path) -> None:
        self._root = root
        self._folder = folder
        self._models = models
        self._process: subprocess.Popen[str] | None = None
        self.port = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts it and waits until it takes jobs."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith("ROOMTONE_")}
        environment = {**kept, "ROOMTONE_SETUP": "no", "ROOMTONE_MODELS": str(self._models), "PYTHONUNBUFFERED": "1"}
        words = [sys.executable, str(self._root / "launch.py"), "--data", str(self._folder / "data"), "--offline"]
        words += ["--no-browser", "--port", str(self.port)]
        log = self._folder / "errors.log"
        with log.open("a", encoding="utf-8") as errors:
            self._process = subprocess.Popen(words, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True)
        assert self._process.stdout is not None
        first = self._process.stdout.readline()
        self.port = next(int(word.rpartition(":")[2]) for word in first.split() if word.startswith("http://"))
        until = time.monotonic() + PATIENCE_S
        while status(self.address) != "ok":
            assert time.monotonic() < until and self._process.poll() is None, log.read_text(encoding="utf-8")
            time.sleep(0.2)

    def kill(self) -> None:
        """Ends it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._close()

    def stop(self) -> None:
        """Ends it in order."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._close()

    def _close(self) -> None:
        assert self._process is not None and self._process.stdout is not None
        self._process.wait()
        self._process.stdout.close()
        self._process = None


def status(address: str) -> str:
    with urllib.request.urlopen(address + "/health", timeout=PATIENCE_S) as answer:
        return str(json.load(answer)["status"])


@pytest.fixture(scope="session")
def address(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The program with the recordings of ``seeding.py``."""
    chromium()
    folder = tmp_path_factory.mktemp("browser")
    seed(folder / "data", root / "history.db-schema")
    server = Server(root, folder, models_folder)
    server.start()
    yield server.address
    server.stop()


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
