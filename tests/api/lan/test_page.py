"""The page that people see before their device trusts this server, and the QR code that leads to it."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import segno

from api.app import ASSETS
from api.lan.certificates import Certificates, fingerprint
from api.lan.devices import DEVICES, PAST_THE_WARNING, device_of
from api.lan.names import look
from api.lan.office import Office
from api.lan.page import ConnectPage, Visit, place
from api.lan.picture import svg_of, terminal_of
from workbench.texts import Texts

ADDRESS = "https://192.168.1.5:7860"


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(Certificates(tmp_path, look), 7860)


@pytest.fixture
def page(texts: Texts) -> ConnectPage:
    return ConnectPage(ASSETS, texts)


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("device", [device.name for device in DEVICES])
def test_the_page_shows_every_device_and_opens_the_one_that_asks(
    page: ConnectPage, office: Office, language: str, device: str
) -> None:
    shown = page.of(office, Visit(language, device, ADDRESS, "checking"))
    assert re.findall(r'data-device="(\w+)" open', shown) == [device]
    assert shown.count("<li><svg") == sum(len(one.steps) for one in (*DEVICES, PAST_THE_WARNING))
    assert fingerprint(office.authority) in shown and fingerprint(office.authority, old=True) in shown
    outside = re.sub(r"<(script|style)>.*?</\1>", "", shown, flags=re.S)
    assert not re.search(r"\{\{|\{\d\}|connect\.[a-z]+\.", outside)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_fetches_nothing_from_elsewhere(page: ConnectPage, office: Office, language: str) -> None:
    shown = page.of(office, Visit(language, "ios", ADDRESS, "checking"))
    fetched = re.findall(r'(?:src|href)="([^"]*)"', shown)
    ours = ("/connect/", "?lang=", ADDRESS, *office.addresses())
    assert all(link == "/" or link.startswith(ours) for link in fetched), fetched


def test_only_our_own_script_may_run(page: ConnectPage, office: Office) -> None:
    [script] = re.findall(r"<script>(.*?)</script>", page.of(office, Visit("en", "ios", ADDRESS, "here")), re.S)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page.policy


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", '/"><b>']
)
def test_a_visitor_is_never_led_elsewhere(page: ConnectPage, office: Office, wanted: str) -> None:
    assert place(wanted) == "/"
    shown = page.of(office, Visit("en", "ios", ADDRESS, "checking", place(wanted)))
    assert 'data-to="/"' in shown


def test_a_visitor_goes_on_to_what_was_asked_for(page: ConnectPage, office: Office) -> None:
    assert place("/?job=abc&lang=zh") == "/?job=abc&lang=zh"
    shown = html.unescape(page.of(office, Visit("zh", "ios", ADDRESS, "checking", "/?job=abc")))
    assert f'href="{ADDRESS}/?job=abc"' in shown


@pytest.mark.parametrize(
    ("agent", "device"),
    [("Mozilla/5.0 (Windows NT 10.0; Win64)", "windows"),
     ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)", "ios"),
     ("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)", "macos"), ("Mozilla/5.0 (Linux; Android 15)", "android"),
     ("Mozilla/5.0 (X11; Linux x86_64)", "linux"), ("", "linux")],
)  # fmt: skip
def test_devices_are_known_by_what_their_browsers_say(agent: str, device: str) -> None:
    assert device_of(agent) == device


def test_every_drawing_is_well_formed_and_used() -> None:
    drawings = {path.stem for path in (ASSETS / "connect").glob("*.svg")}
    assert drawings == {step.drawing for device in (*DEVICES, PAST_THE_WARNING) for step in device.steps}
    for name in drawings:
        ET.fromstring((ASSETS / "connect" / f"{name}.svg").read_text(encoding="utf-8"))


def test_no_sentence_of_the_page_is_left_over() -> None:
    told = json.loads((ASSETS / "texts" / "connect.en.json").read_text(encoding="utf-8"))
    written = "".join(path.read_text(encoding="utf-8") for path in (ASSETS / "connect").glob("*.html"))
    steps = {
        f"connect.{one.name}.{number}"
        for one in (*DEVICES, PAST_THE_WARNING)
        for number in range(1, len(one.steps) + 1)
    }
    words = {word for one in (*DEVICES, PAST_THE_WARNING) for step in one.steps for word in step.words}
    known = steps | words | {f"connect.{one.name}" for one in DEVICES}
    known |= {"connect.get.file", "connect.get.profile", "connect.yours", "connect.profile"}
    left = {
        key for key in told if f"{{{{{key}}}}}" not in written and key not in known and not key.startswith("error.")
    }
    assert not left


@pytest.mark.parametrize("address", ["http://10.0.0.1/connect", "http://[fd00::1234:5678]:7860/connect"])
def test_the_code_in_the_terminal_is_the_code_itself(address: str) -> None:
    rows: list[list[bool]] = []
    for line in terminal_of(address, coloured=False).splitlines():
        rows.append([character in "█▀" for character in line])
        rows.append([character in "█▄" for character in line])
    matrix = [[not dark for dark in row] for row in segno.make(address, error="l", micro=False).matrix_iter(border=2)]
    assert rows[: len(matrix)] == matrix
    assert "\x1b[" in terminal_of(address, coloured=True)


def test_the_picture_is_an_svg_that_grows_with_its_place() -> None:
    drawn = ET.fromstring(svg_of("http://10.0.0.1/connect"))
    assert drawn.tag.endswith("svg") and "viewBox" in drawn.attrib and "width" not in drawn.attrib
