"""The doctor and the planner over HTTP: what anybody may see, and what only the machine itself may change."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI

from engines.device import Machine
from tests.api.conftest import Caller
from tests.api.fakes import FakeWorkbench
from workbench.doctor.doctor import Doctor
from workbench.machine.planner import Planner
from workbench.settings import Settings


@pytest.fixture
def machine_app(app: FastAPI, bench: FakeWorkbench, root: Path) -> FastAPI:
    app.state.doctor = Doctor(root, Settings(bench.data), serving=True)
    answered: dict[str, Any] = {"best": None, "machines": []}
    app.state.planner = Planner(bench.history, bench.data, lambda: Machine(2, 8000, 4000), lambda asked: answered)
    return app


@pytest.fixture
def here(machine_app: FastAPI) -> Caller:
    return Caller(machine_app)


@pytest.fixture
def afar(machine_app: FastAPI) -> Caller:
    return Caller(machine_app, client=("192.168.7.9", 5000))


def test_the_doctor_is_not_there_before_everything_is_built(ask: Caller) -> None:
    assert ask.get("/api/doctor").status_code == 503


def test_findings_come_worst_first_with_codes_that_have_sentences(here: Caller, root: Path) -> None:
    found = here.get("/api/doctor").json()["findings"]
    order = [("bad", "note", "good").index(one["level"]) for one in found]
    assert order == sorted(order) and len(found) > 8
    texts = (root / "assets" / "texts" / "doctor.en.json").read_text(encoding="utf-8")
    assert all(f'"doctor.{one["code"]}"' in texts for one in found)


def test_the_diagnosis_is_a_zip_to_save(here: Caller) -> None:
    answer = here.get("/api/doctor/archive")
    assert "roomtone-diagnosis.zip" in answer.headers["content-disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert {"findings.json", "machine.json", "packages.json"} <= set(archive.namelist())


def test_only_the_machine_itself_puts_things_right(here: Caller, afar: Caller) -> None:
    assert here.post("/api/doctor/mend/set_times").json() == {"n": 0}
    assert here.post("/api/doctor/mend/everything").status_code == 404
    refused = afar.post("/api/doctor/mend/set_times")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "administrator_only")


def test_only_the_machine_itself_corrects_cards_and_everybody_may_ask(here: Caller, afar: Caller) -> None:
    told = here("PATCH", "/api/planner/cards/rtx4090", json={"watts": 400}).json()
    assert told["corrected"] == ["rtx4090"]
    assert afar("PATCH", "/api/planner/cards/rtx4090", json={"watts": 1}).status_code == 403
    assert afar("DELETE", "/api/planner/cards/rtx4090").status_code == 403
    priced = here("PATCH", "/api/planner/machines/2xrtx5090", json={"price_low": 50000}).json()["machines"]
    assert [one["price_low"] for one in priced if one["corrected"]] == [50000]
    assert afar("PATCH", "/api/planner/machines/2xrtx5090", json={"price_low": 1}).status_code == 403
    assert not any(one["corrected"] for one in here("DELETE", "/api/planner/machines/2xrtx5090").json()["machines"])
    assert afar.post("/api/planner", json={"people": 3}).json()["best"] is None
    assert here("DELETE", "/api/planner/cards/rtx4090").json()["corrected"] == []


@pytest.mark.parametrize("asked", [{"people": "many"}, {"people": -1}, {"sudo": 1}, {"capabilities": 3}])
def test_impossible_questions_are_refused_in_a_sentence(here: Caller, asked: dict[str, Any]) -> None:
    answer = here.post("/api/planner", json=asked, headers={"x-roomtone-language": "zh"})
    assert answer.status_code == 422
    assert "无法使用" in answer.json()["error"]["message"]
