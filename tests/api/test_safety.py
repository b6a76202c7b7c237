from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse

from api.safety import HostRule, is_loopback
from tests.api.conftest import BASE, Caller

CHANGING = [("POST", "/api/jobs"), ("PATCH", "/api/jobs/x"), ("DELETE", "/api/jobs/x"), ("POST", "/api/memory/clear")]


FOREIGN = [
    "evil.example", "evil.example:7860", "127.0.0.1.evil.example", "localhost.evil.example", "", "192.168.1.5:7860",
    "localhost@evil.example", "127.0.0.1:7860/../x", "[::1", "a b",
]  # fmt: skip


@pytest.mark.parametrize("host", FOREIGN)
@pytest.mark.parametrize("path", ["/health", "/api/jobs", "/", "/gradio_api/info"])
def test_a_foreign_name_is_refused_everywhere(ask: Caller, host: str, path: str) -> None:
    answer = ask.get(path, headers={"host": host})
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "host_not_allowed"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:7860", "127.0.0.1:1", "[::1]:7860", "localhost."])
def test_loopback_names_are_answered(ask: Caller, host: str) -> None:
    assert ask.get("/health", headers={"host": host}).status_code == 200


def test_a_server_on_the_network_answers_to_addresses_and_named_names_only() -> None:
    rule = HostRule.for_bind("0.0.0.0", ["Room.Example"])
    assert all(map(rule.allows, ["192.168.1.5:7860", "[fe80::1]", "10.0.0.1", "room.example:80", "localhost"]))
    assert not any(map(rule.allows, ["evil.example", None, "", "1.2.3.4.evil.example"]))
    assert HostRule.for_bind("127.0.0.1", ["*"]).allows("anything.example")


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.0.1", True), ("::1", True), ("::ffff:127.0.0.1", True), ("localhost", True),
     ("10.0.0.1", False), ("testclient", False), (None, False), ("0.0.0.0", False)],
)  # fmt: skip
def test_only_this_machine_is_loopback(host: str | None, loopback: bool) -> None:
    assert is_loopback(host) is loopback


@pytest.mark.parametrize(("method", "path"), CHANGING)
@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1:7861", "http://127.0.0.1", "file://"]
)
def test_another_site_can_change_nothing_even_with_our_header(ask: Caller, method: str, path: str, origin: str) -> None:
    answer = ask(method, path, headers={"origin": origin})
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "origin_not_allowed")


@pytest.mark.parametrize(("method", "path"), CHANGING)
def test_a_change_without_origin_needs_the_header(ask: Caller, method: str, path: str) -> None:
    answer = ask(method, path, own_page=False)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "header_missing")


@pytest.mark.parametrize(
    "headers", [{"origin": BASE}, {"x-roomtone": "1"}, {"origin": "https://localhost:7860", "host": "localhost:7860"}]
)
def test_our_own_page_and_scripts_with_the_header_may_change(ask: Caller, headers: dict[str, str]) -> None:
    assert ask.post("/api/memory/clear", own_page=False, headers=headers).status_code == 200


def test_a_preflight_of_another_site_is_refused_before_any_screen_can_allow_it(app: FastAPI, ask: Caller) -> None:
    async def allow_all(request: Request) -> PlainTextResponse:
        return PlainTextResponse("", headers={"access-control-allow-origin": "*"})

    app.mount("/", allow_all)
    headers = {"origin": "http://evil.example", "access-control-request-method": "POST"}
    for path in ("/api/jobs", "/gradio_api/queue/join"):
        answer = ask("OPTIONS", path, own_page=False, headers=headers)
        assert answer.status_code == 403 and "access-control-allow-origin" not in answer.headers


def test_another_site_cannot_load_api_answers_as_pictures_or_scripts(ask: Caller) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}
    assert ask.get("/api/jobs", headers=headers).status_code == 403
    assert ask.get("/health", headers=headers).status_code == 200


def test_screens_mounted_beside_the_api_get_same_origin_posts_without_the_header(app: FastAPI, ask: Caller) -> None:
    async def screen(scope: Any, receive: Any, send: Any) -> None:
        await HTMLResponse("<p>page</p>")(scope, receive, send)

    app.mount("/", screen)
    posted = ask.post("/gradio_api/queue/join", own_page=False, headers={"origin": BASE})
    assert posted.status_code == 200
    assert ask.post("/gradio_api/queue/join", own_page=False).status_code == 200
    assert (
        ask.post("/gradio_api/queue/join", own_page=False, headers={"origin": "http://evil.example"}).status_code == 403
    )
    page = ask.get("/")
    assert page.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "same-origin"
    assert ask.get("/api/nothing").json()["error"]["code"] == "not_found"


@pytest.mark.parametrize("path", ["/api/jobs", "/api/jobs/nobody", "/api/texts", "/api/nothing", "/api/system"])
def test_private_answers_are_not_kept_by_anyone(ask: Caller, path: str) -> None:
    headers = ask.get(path).headers
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == "same-origin"
    assert "access-control-allow-origin" not in headers


def test_a_browser_gets_one_owner_and_keeps_it(ask: Caller) -> None:
    first = ask.get("/api/jobs").headers["set-cookie"]
    assert "HttpOnly" in first and "SameSite=Lax" in first and "Secure" not in first
    known = first.split(";")[0]
    assert "set-cookie" not in ask.get("/api/jobs", headers={"cookie": known}).headers
    assert "set-cookie" in ask.get("/api/jobs", headers={"cookie": "roomtone_owner=<script>"}).headers
    assert "Secure" in Caller(ask.app, "https://localhost").get("/api/jobs").headers["set-cookie"]


def test_a_websocket_of_another_site_is_closed_before_it_opens(app: FastAPI) -> None:
    import asyncio

    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    headers = [(b"host", b"127.0.0.1:7860"), (b"origin", b"http://evil.example")]
    scope = {"type": "websocket", "path": "/api/live", "headers": headers, "query_string": b"", "scheme": "ws"}
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    assert [message["type"] for message in sent] == ["websocket.close"]
