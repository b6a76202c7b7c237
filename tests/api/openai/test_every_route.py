"""What holds for every address: who may ask, and that what is too large is refused early."""

from __future__ import annotations

import re
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from api.app import ROUTERS
from tests.api.conftest import Caller

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


@pytest.mark.parametrize(("method", "path"), [one for one in ROUTES if one[1].startswith("/api/") and one[0] != "HEAD"])
def test_the_rest_takes_no_key_that_may_only_transcribe(app: FastAPI, ask: Caller, method: str, path: str) -> None:
    far = Caller(app, client=FAR)
    narrow = ask.post("/api/keys", json={"name": "x"}).json()["secret"]
    refused = far(method, there(path), own_page=False, headers={"authorization": f"Bearer {narrow}"})
    assert refused.status_code == 403 and refused.json()["error"]["code"] in ("key_scope", "administrator_only")


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
