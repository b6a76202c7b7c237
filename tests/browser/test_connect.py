"""Other computers: the address on the screen, the page before trust, and the microphone after it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from api.lan.names import look
from tests.browser.conftest import ARGUMENTS, Opened, Server, chromium

MICROPHONE = "() => [isSecureContext, Boolean(navigator.mediaDevices?.getUserMedia)]"


@pytest.fixture(scope="module")
def office(root: Path, models_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The program with ``lan = true``; its network address is ``outside(server)``."""
    chromium()
    if not any(name.count(".") == 3 for name in look().told):
        pytest.skip("this machine has no network address beside loopback")
    folder = tmp_path_factory.mktemp("office")
    (folder / "data").mkdir()
    (folder / "data" / "settings.toml").write_text("lan = true\n", encoding="utf-8")
    server = Server(root, folder, models_folder)
    server.start()
    yield server
    server.stop()


def outside(server: Server) -> str:
    name = next(name for name in look().told if name.count(".") == 3)
    return f"{name}:{server.port}"


def shown(browser: Browser, address: str, **wishes: object) -> Page:
    page = browser.new_context(**wishes).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(20_000)
    page.goto(address)
    return page


def test_on_a_server_of_this_machine_only_the_header_says_how_to_let_others_in(opened: Opened) -> None:
    page = opened("/", language="zh")
    page.click("#rt-connect")
    expect(page.locator("dialog code")).to_have_text("python3 launch.py --lan")


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 390), ("en-US", 1280)])
def test_a_device_without_trust_sees_the_steps_and_nothing_leaves_the_screen(
    browser: Browser, office: Server, language: str, width: int
) -> None:
    size = {"width": width, "height": 800}
    page = shown(browser, f"http://{outside(office)}/?job=x", locale=language, viewport=size)
    page.wait_for_selector("#status[data-state=new]")
    assert page.evaluate(MICROPHONE) == [False, False]
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("#devices details[open] li:visible").count() >= 3
    assert page.get_attribute("#open", "href") == f"https://{outside(office)}/?job=x"
    page.click("header a.quiet")
    expect(page.locator("html")).to_have_attribute("lang", "en" if language == "zh-CN" else "zh-CN")
    page.context.close()


def test_past_the_warning_the_screens_work_and_there_is_a_microphone(browser: Browser, office: Server) -> None:
    page = shown(browser, f"https://{outside(office)}/", ignore_https_errors=True)
    page.wait_for_selector(".rt-alive rt-header .rt-brand")
    assert page.evaluate(MICROPHONE) == [True, True]
    page.click("#rt-connect")
    expect(page.locator(".rt-connect-address")).to_have_text(f"https://{outside(office)}")
    code = page.locator(".rt-connect-code")
    assert code.evaluate("async (picture) => { await picture.decode(); return picture.naturalWidth > 0; }")
    page.context.close()


def test_a_device_that_installed_the_certificate_goes_on_by_itself(
    browser: Browser, office: Server, tmp_path: Path
) -> None:
    certutil = shutil.which("certutil")
    if certutil is None:
        pytest.skip("no certutil: Chromium cannot be given the certificate (Debian: libnss3-tools)")
    database = tmp_path / ".pki" / "nssdb"
    database.mkdir(parents=True)
    crt = browser.new_context().request.get(f"http://{outside(office)}/connect/roomtone.crt").body()
    (tmp_path / "roomtone.crt").write_bytes(crt)
    subprocess.run([certutil, "-d", f"sql:{database}", "-N", "--empty-password"], check=True)
    told = ["-A", "-t", "C,,", "-n", "roomtone", "-i", str(tmp_path / "roomtone.crt")]
    subprocess.run([certutil, "-d", f"sql:{database}", *told], check=True)
    environment = {**os.environ, "HOME": str(tmp_path)}
    started = browser.browser_type.launch(executable_path=chromium(), args=ARGUMENTS, env=environment)
    try:
        page = shown(started, f"http://{outside(office)}/?job=x")
        page.wait_for_url(re.compile(r"^https://.*/\?job=x"), wait_until="commit")
        assert page.evaluate(MICROPHONE) == [True, True]
    finally:
        started.close()
