"""What holds for every address: who may ask, and that what is too large is refused early."""

from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.app import ROUTERS
from api.safety import OWNER_COOKIE
from tests.api.conftest import BASE, Caller

ROUTES = sorted(
    (method, route.path)
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute)
    for method in route.methods
)
OPENAI = [(method, path) for method, path in ROUTES if path.startswith("/v1/") and method != "HEAD"]
PLAN = ("/transcribe_only", "/optimize_only", "/transcribe_and_optimize")
FAR = ("192.168.7.9", 5000)


async def answers(app: FastAPI, near: bool, headers: dict[str, str]) -> list[httpx.Response]:
    """Asks every address of the rest, in one event loop."""
    client = ("127.0.0.1", 5000) if near else FAR
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False, client=client)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as asking:
        found = []
        for method, path in REST:
            asking.cookies.clear()
            found.append(await asking.request(method, there(path), headers=headers))
        return found


def there(path: str, value: str = "x") -> str:
    return re.sub(r"\{[^}]+\}", value, path)


@pytest.mark.parametrize(("method", "path"), OPENAI + [("POST", path) for path in PLAN])
def test_from_another_computer_nothing_of_a_program_is_answered_without_a_key(
    app: FastAPI, ask: Caller, method: str, path: str
) -> None:
    far = Caller(app, client=FAR)
    secret = ask.post("/api/keys", json={"name": "x"}).json()["secret"]
    for shown, codes in (
        (None, {"key_missing"}), ("Bearer sk-none", {"key_unknown"}), ("Bearer rt-none", {"key_unknown"}),
        ("Basic eDp5", {"key_missing", "key_unknown"}),
    ):  # fmt: skip
        headers = {} if shown is None else {"authorization": shown}
        refused = far(method, there(path), own_page=False, headers=headers)
        assert refused.status_code == 401 and refused.json()["error"]["code"] in codes
    allowed = far(method, there(path), own_page=False, headers={"authorization": f"Bearer {secret}"})
    assert allowed.status_code not in (401, 403)


REST = [one for one in ROUTES if one[1].startswith("/api/") and one[0] != "HEAD"]
SCRIPT, COOKIE = {"x-roomtone": "1"}, {"cookie": f"{OWNER_COOKIE}={'a' * 32}", "x-roomtone": "1"}
ASIDE = {"header_missing", "key_missing", "key_unknown", "key_revoked", "key_scope"}
"""Codes that say who may not ask at all; ``administrator_only`` is of single addresses."""


@pytest.mark.parametrize(
    ("near", "shown", "codes"),
    [
        (True, {}, {"header_missing", None}),
        (True, SCRIPT, {None}),
        (True, {**SCRIPT, "authorization": "Bearer sk-none"}, {None}),
        (True, {"authorization": "Bearer rt-none"}, {"key_unknown"}),
        (True, "revoked", {"key_revoked"}),
        (True, "narrow", {"key_scope"}),
        (True, "all", {None}),
        (False, {}, {"header_missing", "key_missing"}),
        (False, SCRIPT, {"key_missing"}),
        (False, COOKIE, {None}),
        (False, {**SCRIPT, "sec-fetch-site": "same-origin"}, {None}),
        (False, {**SCRIPT, "authorization": "Bearer sk-none"}, {"key_unknown"}),
        (False, {**SCRIPT, "authorization": "Basic eDp5"}, {"key_missing"}),
        (False, "revoked", {"key_revoked"}),
        (False, "narrow", {"key_scope"}),
        (False, "all", {None}),
    ],
)
def test_the_rest_is_for_this_machine_for_pages_and_for_keys_for_everything(
    app: FastAPI, ask: Caller, near: bool, shown: Any, codes: set[str | None]
) -> None:
    if isinstance(shown, str):
        made = ask.post("/api/keys", json={"name": "x", "scope": "all" if shown == "all" else "transcribe"}).json()
        if shown == "revoked":
            ask("DELETE", f"/api/keys/{made['id']}")
        shown = {"authorization": f"Bearer {made['secret']}"}
    strange = []
    for (method, path), answer in zip(REST, asyncio.run(answers(app, near, shown)), strict=True):
        told = answer.json()["error"]["code"] if answer.status_code in (401, 403) else None
        if (told if told in ASIDE else None) not in codes:
            strange.append((method, path, answer.status_code, told))
        assert near or told is not None or "set-cookie" not in answer.headers
    assert strange == []


def test_ten_gigabytes_are_refused_before_a_byte_of_them_is_read(ask: Caller, bench: Any) -> None:
    vars(bench)["settings"] = SimpleNamespace(max_upload_bytes=8 * 2**20, max_duration_s=60.0)
    headers = {"content-length": str(10 * 10**9), "content-type": "multipart/form-data; boundary=x"}
    refused = ask.post("/v1/audio/transcriptions", headers=headers, content=b"--x")
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "too_large")
    vars(bench)["settings"].max_upload_bytes = None
    bench.uploads = type(bench.uploads)(bench.data, free_bytes=lambda folder: 5 * 10**9)
    refused = ask.post("/v1/audio/transcriptions", headers=headers, content=b"--x")
    assert (refused.status_code, refused.json()["error"]["code"]) == (507, "too_large_for_disk")
    assert not [path for path in (bench.data / "incoming").rglob("*") if path.is_file()]
