"""Who may do what with models and memory."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI

from tests.api.conftest import Caller
from tests.api.fakes import FakeWorkbench

ELSEWHERE = ("192.168.1.20", 5000)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/api/models/base/load"), ("POST", "/api/models/base/unload"), ("PATCH", "/api/models/base/choice"),
        ("POST", "/api/models/base/verify"), ("DELETE", "/api/models/base"), ("POST", "/api/models/base/calibrate"),
        ("DELETE", "/api/models/base/calibrate"), ("DELETE", "/api/models/base/limits"),
        ("POST", "/api/memory/interrupt"), ("GET", "/api/memory/programs"), ("GET", "/metrics"),
    ],
)  # fmt: skip
def test_the_machine_is_run_from_the_machine_itself_only(app: FastAPI, method: str, path: str) -> None:
    body: dict[str, Any] = {"json": {}} if method == "PATCH" else {}
    answer = Caller(app, client=ELSEWHERE)(method, path, **body)
    assert answer.status_code == 403 and answer.json()["error"]["code"] == "administrator_only"


def test_other_programs_are_named_on_the_machine_itself_only(app: FastAPI, bench: FakeWorkbench) -> None:
    told = {"before_mib": 10, "after_mib": 5, "held": [], "programs": [{"name": "game"}]}
    bench.clear_memory = lambda: dict(told)  # type: ignore[method-assign]
    assert Caller(app)("POST", "/api/memory/clear").json()["programs"] == [{"name": "game"}]
    assert Caller(app, client=ELSEWHERE)("POST", "/api/memory/clear").json()["programs"] is None
