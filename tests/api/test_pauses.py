"""What is asked before the first person comes."""

from __future__ import annotations

from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from api.pauses import warm_up


def test_an_app_is_asked_before_anybody_comes(caplog: pytest.LogCaptureFixture) -> None:
    app = FastAPI()
    asked: list[str] = []

    @app.get("/api/jobs")
    def jobs() -> list[str]:
        asked.append("jobs")
        return []

    warm_up(app)
    assert asked == ["jobs"] and not caplog.records
    assert TestClient(app).get("/api/-").status_code == 404


def test_a_failing_first_request_keeps_nobody_out(caplog: pytest.LogCaptureFixture) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        raise RuntimeError("no")

    warm_up(app)
    assert [record.getMessage() for record in caplog.records] == ["the first requests failed"]
