"""A real server for the office: HTTPS and plain HTTP on one port, asked here and at its network address."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import WebSocket
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect

import serving
from api.app import create_api
from api.door import Door
from api.lan.first_byte import is_served
from api.lan.names import look
from api.lan.office import Office
from api.safety import OWNER_COOKIE, HostRule
from bootstrap import Silence, Voice
from tests.api.fakes import FakeWorkbench
from workbench.settings import Settings
from workbench.texts import Texts

OWN = {"x-roomtone": "1"}


class Room:
    """A running server; ``lan`` is its address that is not loopback."""

    def __init__(self, root: Path, folder: Path, bench: FakeWorkbench, texts: Texts) -> None:
        self.lan = next((name for name in look().told if name.count(".") == 3), "")
        if not self.lan:
            pytest.skip("this machine has no network address beside loopback")
        settings = Settings(data=folder, lan=True, port=0)
        self._sockets = serving.listen(settings, Silence(str(root), "en"))
        self.port = self._sockets[0].getsockname()[1]
        settings = Settings(data=folder, lan=True, port=self.port)
        self.office = Office.open(settings)
        self.app = create_api(bench, texts, HostRule.for_bind("127.0.0.1", everywhere=True), office=self.office)
        self.app.add_api_websocket_route("/api/echo", echo)
        self._door = Door([])
        self._server = serving.server_of(self._door, settings, self.office, texts)
        self._thread = threading.Thread(target=self._server.run, kwargs={"sockets": self._sockets})
        self.trust = ssl.create_default_context(cafile=str(folder / "certificates" / "authority.crt"))

    def start(self) -> None:
        ready = threading.Event()
        startup = self._server.startup

        async def started(sockets: Any = None) -> None:
            await startup(sockets)
            ready.set()

        self._server.startup = started  # type: ignore[method-assign]
        self._thread.start()
        assert ready.wait(20)
        self._door.open(self.app)

    def stop(self) -> None:
        self.app.state.closing.close()
        self._server.should_exit = True
        self._thread.join(30)
        assert not self._thread.is_alive()

    def ask(self, method: str, where: str, **values: Any) -> httpx.Response:
        """Asks ``https://lan/path`` or ``http://here/path``; ``lan`` and ``here`` stand for the two addresses.

        Below ``/api`` it asks the first as a page does that was opened before.
        """
        address = where.replace("://lan", f"://{self.lan}:{self.port}").replace("://here", f"://127.0.0.1:{self.port}")
        cookies = {OWNER_COOKIE: "a" * 32} if where.startswith("https://lan/api/") else {}
        with httpx.Client(verify=self.trust, timeout=20, cookies=cookies) as client:
            return client.request(method, address, **values)


async def echo(line: WebSocket) -> None:
    await line.accept()
    await line.send_text(line.url.scheme + " " + await line.receive_text())
    await line.close()


@pytest.fixture
def room(root: Path, tmp_path: Path, bench: FakeWorkbench, texts: Texts) -> Iterator[Room]:
    running = Room(root, tmp_path / "data", bench, texts)
    running.start()
    yield running
    running.stop()


def test_the_office_is_served_over_https_with_the_authority_as_the_only_trust(room: Room) -> None:
    answer = room.ask("GET", "https://lan/api/jobs")
    assert answer.status_code == 200
    assert "Secure" in room.ask("GET", "https://lan/docs").headers["set-cookie"]
    assert "strict-transport-security" not in answer.headers
    told = room.ask("GET", "https://lan/api/connect").json()
    assert told["on"] and told["addresses"][0] == f"https://{room.lan}:{room.port}"
    assert told["first"] == f"http://{room.lan}:{room.port}/connect"


def test_without_the_authority_nobody_is_fooled(room: Room) -> None:
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(f"https://{room.lan}:{room.port}/health", verify=ssl.create_default_context())


def test_a_large_body_passes_in_both_directions(room: Room) -> None:
    sent = bytes(range(256)) * 16_000
    answer = room.ask("POST", "https://lan/api/uploads?name=a.wav", content=sent, headers=OWN)
    assert answer.status_code == 201 and answer.json()["size"] == len(sent)
    assert len(room.ask("GET", "https://lan/api/texts").content) > 10_000


def test_a_websocket_of_our_page_passes_and_one_from_a_plain_page_does_not(room: Room) -> None:
    address, own = f"wss://{room.lan}:{room.port}/api/echo", f"https://{room.lan}:{room.port}"
    with connect(address, ssl=room.trust, origin=own) as line:  # type: ignore[arg-type]
        line.send("hello")
        assert line.recv() == "wss hello"
    with pytest.raises(InvalidStatus) as refused:
        connect(address, ssl=room.trust, origin=own.replace("https", "http"))  # type: ignore[arg-type]
    assert refused.value.response.status_code == 403


def test_a_change_from_a_page_that_came_unprotected_is_refused(room: Room) -> None:
    headers = {**OWN, "origin": f"http://{room.lan}:{room.port}"}
    assert room.ask("POST", "https://lan/api/memory/clear", headers=headers).status_code == 403
    headers["origin"] = f"https://{room.lan}:{room.port}"
    assert room.ask("POST", "https://lan/api/memory/clear", headers=headers).status_code == 200


@pytest.mark.parametrize("path", ["/", "/?job=a%20b", "/screens/style.css", "/gradio_api/info", "/connected"])
def test_plain_http_from_the_network_leads_to_the_page_that_explains(room: Room, path: str) -> None:
    answer = room.ask("GET", "http://lan" + path)
    assert answer.status_code == 307 and answer.headers["location"].startswith("/connect")
    shown = room.ask("GET", "http://lan" + answer.headers["location"])
    assert shown.status_code == 200 and "roomtone.crt" in shown.text
    assert "set-cookie" not in shown.headers


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/api/jobs"), ("GET", "/api/texts"), ("GET", "/api/connect"), ("POST", "/api/uploads?name=a"),
     ("POST", "/"), ("POST", "/connect"), ("DELETE", "/api/jobs/x"), ("OPTIONS", "/health")],
)  # fmt: skip
def test_plain_http_from_the_network_gets_nothing_else(room: Room, method: str, path: str) -> None:
    answer = room.ask(method, "http://lan" + path, headers={**OWN, "accept-language": "zh"})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "https_only")
    assert "https://" in answer.json()["error"]["hint"]


def test_a_plain_websocket_from_the_network_is_closed(room: Room) -> None:
    with pytest.raises(InvalidStatus):
        connect(f"ws://{room.lan}:{room.port}/api/echo")


def test_the_machine_itself_goes_on_over_plain_http(room: Room) -> None:
    answer = room.ask("GET", "http://here/api/jobs")
    assert answer.status_code == 200 and "Secure" not in answer.headers["set-cookie"]
    with connect(f"ws://127.0.0.1:{room.port}/api/echo") as line:
        line.send("here")
        assert line.recv() == "ws here"
    assert room.ask("GET", "https://here/health").json() == {"status": "ok"}


@pytest.mark.parametrize("host", ["evil.example", "192.168.1.5.evil.example"])
def test_a_foreign_name_is_refused_on_both(room: Room, host: str) -> None:
    assert room.ask("GET", "http://lan/connect", headers={"host": host}).status_code == 403
    assert room.ask("GET", "https://lan/api/jobs", headers={"host": host}).status_code == 403


def test_a_handshake_in_single_bytes_succeeds(room: Room) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secured = room.trust.wrap_bio(incoming, outgoing, server_hostname=room.lan)
    with socket.create_connection((room.lan, room.port), timeout=10) as line:
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        while True:
            try:
                secured.do_handshake()
                break
            except ssl.SSLWantReadError:
                for byte in outgoing.read():
                    line.send(bytes([byte]))
                incoming.write(line.recv(65536))
        secured.write(b"GET /health HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        line.sendall(outgoing.read())
        told = b""
        while b"ok" not in told:
            incoming.write(line.recv(65536))
            with contextlib.suppress(ssl.SSLWantReadError):
                while piece := secured.read(65536):
                    told += piece
    assert b'{"status":"ok"}' in told


@pytest.mark.parametrize("noise", [b"\x16", b"\x16\x03\x01\xff\xff" + b"\x00" * 100, b"\x00" * 50, b"GET"])
def test_noise_and_silence_hurt_nobody_and_do_not_hold_up_the_end(room: Room, noise: bytes) -> None:
    with (
        socket.create_connection((room.lan, room.port)) as silent,
        socket.create_connection((room.lan, room.port)) as bad,
    ):
        bad.sendall(noise)
        assert room.ask("GET", "https://lan/health").status_code == 200
        room.stop()
        silent.settimeout(10)
        assert silent.recv(1) == b""


def test_certificates_and_pictures_can_be_had_before_trust(room: Room) -> None:
    crt = room.ask("GET", "http://lan/connect/roomtone.crt")
    assert crt.headers["content-type"] == "application/x-x509-ca-cert"
    assert (
        ssl.DER_cert_to_PEM_cert(crt.content).split() == room.ask("GET", "http://lan/connect/roomtone.pem").text.split()
    )
    profile = room.ask("GET", "http://lan/connect/roomtone.mobileconfig?lang=zh")
    assert profile.headers["content-type"] == "application/x-apple-aspen-config" and "办公室" in profile.text
    assert room.ask("GET", "http://lan/connect/qr.svg").headers["content-type"] == "image/svg+xml"
    assert room.ask("GET", "https://lan/connect/trusted").status_code == 204


def test_the_host_header_of_a_visit_is_where_it_goes_on(room: Room) -> None:
    name = f"{socket.gethostname().partition('.')[0].lower()}.local:{room.port}"
    page = room.ask("GET", "http://lan/connect", headers={"host": name}).text
    assert f'href="https://{name}/"' in page


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_terminal_tells_the_address_and_shows_the_code(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], language: str
) -> None:
    settings = Settings(data=tmp_path, lan=True, port=7860, browser=False)
    office = Office.open(settings)
    if office.first_visit() is None:
        pytest.skip("this machine has no network address beside loopback")
    serving.tell_address(settings, Voice(str(root), language), office)
    told = capsys.readouterr().out
    assert told.splitlines()[0].count("http://127.0.0.1:7860") == 1
    assert office.addresses()[0] in told and "█▀" in told


@pytest.mark.parametrize(
    ("local", "served"),
    [("192.168.1.5", True), ("127.0.0.1", True), ("::ffff:10.0.0.1", True), ("fe80::1%eth0", True), ("8.8.8.8", False),
     ("2a00::1", False), ("", False)],
)  # fmt: skip
def test_addresses_of_the_internet_are_not_served_by_themselves(local: str, served: bool) -> None:
    assert is_served(local) is served


def test_without_the_option_only_this_machine_can_connect_and_the_page_says_how(
    root: Path, tmp_path: Path, bench: FakeWorkbench, texts: Texts
) -> None:
    [line] = serving.listen(Settings(data=tmp_path, port=0), Silence(str(root), "en"))
    assert line.getsockname()[0] == "127.0.0.1"
    line.close()
    assert not (tmp_path / "certificates").exists()

    async def ask() -> tuple[str, dict[str, Any]]:
        transport = httpx.ASGITransport(app=create_api(bench, texts), client=("127.0.0.1", 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
            return (await client.get("/connect")).text, json.loads((await client.get("/api/connect")).text)

    page, told = asyncio.run(ask())
    assert "launch.py --lan" in page
    assert told == {"on": False, "addresses": [], "first": None, "beyond": False}
