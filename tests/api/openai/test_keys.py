"""Who may call: programs of this machine, and those of others with a key."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.conftest import Caller

FAR = ("192.168.7.9", 5000)


@pytest.fixture
def far(app: FastAPI) -> Caller:
    return Caller(app, client=FAR)


def made(ask: Caller, **more: Any) -> dict[str, Any]:
    answer = ask.post("/api/keys", json={"name": "subtitles", **more})
    assert answer.status_code == 201
    return dict(answer.json())


def bearer(secret: str) -> dict[str, str]:
    return {"authorization": f"Bearer {secret}"}


def test_keys_are_made_listed_and_revoked_from_the_machine_itself_only(ask: Caller, far: Caller) -> None:
    key = made(ask, requests_a_minute=5)
    [listed] = ask.get("/api/keys").json()["keys"]
    assert "secret" not in listed and listed["requests_a_minute"] == 5 and key["secret"].endswith(listed["ending"])
    for method, path in (("GET", "/api/keys"), ("POST", "/api/keys"), ("DELETE", f"/api/keys/{key['id']}")):
        assert far(method, path, json={"name": "x"}).json()["error"]["code"] == "administrator_only"
    assert ask("DELETE", f"/api/keys/{key['id']}").json() == {"revoked": True}
    assert ask.get("/api/keys").json() == {"keys": []}


def test_other_computers_need_a_key_that_works(ask: Caller, far: Caller) -> None:
    key = made(ask)
    assert ask.get("/v1/models", headers=bearer("sk-whatever")).status_code == 200
    assert far.get("/v1/models").status_code == 401
    assert far.get("/v1/models", headers=bearer("sk-whatever")).json()["error"]["code"] == "key_unknown"
    assert far.get("/v1/models", headers=bearer(key["secret"])).status_code == 200
    ask("DELETE", f"/api/keys/{key['id']}")
    for who in (ask, far):
        refused = who.get("/v1/models", headers=bearer(key["secret"]))
        assert (refused.status_code, refused.json()["error"]["code"]) == (401, "key_revoked")


def test_a_key_at_its_limit_is_told_when_it_works_again(ask: Caller, far: Caller) -> None:
    key = made(ask, requests_a_minute=1)
    assert far.get("/v1/models", headers=bearer(key["secret"])).status_code == 200
    refused = far.get("/v1/models", headers=bearer(key["secret"]))
    assert refused.status_code == 429 and 0 < int(refused.headers["retry-after"]) <= 61
    assert refused.json()["error"]["type"] == "requests"


def test_the_limits_of_a_key_for_everything_hold_below_api_too(ask: Caller, far: Caller) -> None:
    shown = bearer(made(ask, scope="all", upload_mb=1)["secret"])
    large = far.post("/api/uploads?name=a", own_page=False, headers=shown, content=bytes(10**6 + 1))
    assert (large.status_code, large.json()["error"]["code"]) == (413, "too_large")
    assert far.post("/api/uploads?name=a", own_page=False, headers=shown, content=b"small").status_code == 201


def test_limits_that_make_no_sense_are_refused(ask: Caller) -> None:
    for wrong in ({"requests_a_minute": 0}, {"hours_a_day": -1}, {"name": " "}, {"scope": "root"}):
        assert ask.post("/api/keys", json={"name": "x", **wrong}).status_code == 422


def test_a_key_for_everything_opens_the_rest_and_owns_its_jobs(ask: Caller, far: Caller, bench: Any) -> None:
    key, narrow = made(ask, scope="all"), made(ask)
    upload = far.post("/api/uploads?name=a", own_page=False, headers=bearer(key["secret"]), content=b"sound").json()
    sent = far.post("/api/jobs", own_page=False, headers=bearer(key["secret"]), json={"uploads": [upload["id"]]})
    assert sent.status_code == 201 and bench.asked[-1][2] == f"key:{key['id']}"
    for secret, code in ((narrow["secret"], "key_scope"), ("rt-nothing", "key_unknown")):
        assert far.get("/api/jobs", headers=bearer(secret)).json()["error"]["code"] == code
