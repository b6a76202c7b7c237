"""Writing over HTTP, with the real workbench and a model that answers by rules."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from api.app import create_api
from tests.api.conftest import Caller
from tests.workbench.conftest import Room
from tests.workbench.watching import WAIT_S
from tests.workbench.writing.test_jobs import CAREFUL, QUICK, answer
from workbench.texts import Texts

pytest.importorskip("xllamacpp", reason="the pack `writing` is not installed")
POLISH = {"kind": "polish"}


@pytest.fixture
def room(tmp_path: Path, root: Path) -> Iterator[Room]:
    made = Room(tmp_path, root, engine=answer)
    made.store.there |= {QUICK, CAREFUL}
    yield made
    made.close()


@pytest.fixture
def ask(room: Room, root: Path) -> Caller:
    return Caller(create_api(room.bench(), Texts(root / "assets" / "texts", strict=True)))


def written(ask: Caller, room: Room, text: str = "我们讨论预算。\n李明交报告。", **request: Any) -> str:
    told = ask.post("/api/writing/jobs", json={"text": text, "request": {**POLISH, **request}})
    assert told.status_code == 201, told.text
    job = str(told.json()["job"]["id"])
    assert room.open_benches[0].wait(job, WAIT_S).status == "succeeded"
    return job


def test_a_text_is_polished_looked_at_refused_in_part_and_saved(ask: Caller, room: Room) -> None:
    job = written(ask, room)
    state = ask.get(f"/api/jobs/{job}/writing").json()
    assert [pair["after"] for pair in state["result"]["pairs"]] == ["我们商讨预算。", "李明交报告。"]
    assert ask("PATCH", f"/api/jobs/{job}/writing", json={"refused": [1]}).json() == {"refused": [1]}
    saved = ask.get(f"/api/jobs/{job}/writing/file?format=txt")
    assert "我们讨论预算。" in saved.text and "sandbox" in saved.headers["content-security-policy"]
    assert ask.get("/api/writing/jobs").json()["jobs"][0]["id"] == job
    assert ask.get(f"/api/jobs/{job}/writings").json() == {"jobs": []}


@pytest.mark.parametrize(
    ("path", "body", "code"),
    [
        ("/api/writing/jobs", {"request": POLISH}, "write_empty"),
        ("/api/writing/jobs", {"text": "x", "request": {"kind": "translate"}}, "request_invalid"),
        ("/api/writing/jobs", {"text": "x", "request": {"kind": "rhyme"}}, "body_invalid"),
        ("/api/writing/jobs", {"job": "nowhere", "request": POLISH}, "job_unknown"),
        ("/api/writing/templates", {"name": " ", "text": "x"}, "body_invalid"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(ask: Caller, path: str, body: dict[str, Any], code: str) -> None:
    refused = ask.post(path, json=body)
    assert 400 <= refused.status_code < 500
    error = refused.json()["error"]
    assert error["message"] and (error["code"] == code or code == "body_invalid")


def test_formats_sentences_and_transcripts_that_are_not_there_are_named(ask: Caller, room: Room) -> None:
    job = written(ask, room)
    for answer_, code in (
        (ask.get(f"/api/jobs/{job}/writing/file?format=pdf"), "format_unknown"),
        (ask.get(f"/api/jobs/{job}/writing/file?format=srt"), "write_no_times"),
        (ask("PATCH", f"/api/jobs/{job}/writing", json={"refused": [99]}), "request_invalid"),
        (ask.post(f"/api/jobs/{job}/writing/apply"), "write_no_transcript"),
        (ask("DELETE", "/api/writing/templates/none"), "template_unknown"),
    ):
        assert answer_.json()["error"]["code"] == code


def test_templates_are_written_changed_and_removed(ask: Caller) -> None:
    made = ask.post("/api/writing/templates", json={"name": "周报", "text": "# 完成"}).json()
    changed = ask("PATCH", f"/api/writing/templates/{made['id']}", json={"name": "月报", "text": "# 完成"}).json()
    assert [one["name"] for one in changed["templates"]] == ["月报"]
    assert ask.get("/api/writing/choices").json()["templates"] == changed["templates"]
    assert ask("DELETE", f"/api/writing/templates/{made['id']}").json() == {"templates": []}


def test_the_title_of_a_text_is_never_a_path(ask: Caller, room: Room) -> None:
    told = ask.post("/api/writing/jobs", json={"text": "你好。", "title": "../../etc/passwd", "request": POLISH})
    job = told.json()["job"]
    room.open_benches[0].wait(job["id"], WAIT_S)
    saved = ask.get(f"/api/jobs/{job['id']}/writing/file?format=docx")
    assert "/" not in json.dumps(saved.headers["content-disposition"]).split("filename")[1].replace("UTF-8''", "")
