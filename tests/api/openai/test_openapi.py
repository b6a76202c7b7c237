"""The machine-readable page is true: its examples run, and what is sent in its words is answered in its words."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from api.app import create_api
from api.openapi import written
from api.openapi_examples import ANOTHER, JOB, NAMES, UPLOAD
from tests.api.test_whole_path import OWN, Room
from workbench.texts import Texts

ORDER = ("GET", "POST", "PATCH", "PUT", "DELETE")
STREAMS = ("/api/events", "/api/live/watch/{word}")
LACKING = {
    "not_found", "starting", "pack_missing", "pack_unknown", "model_unknown", "webhook_unknown", "key_gone",
    "job_unknown", "voice_unknown", "artifact_missing", "live_unknown", "nothing_to_retry", "not_cleaned",
    "write_nothing_fits", "server_unreachable", "template_unknown", "model_not_ours", "speaker_unknown",
    "aloud_voice_gone", "voice_too_noisy", "terms_none",
}  # fmt: skip
"""What this small room lacks: packs, models, a doctor, known voices, speakers, what other jobs made."""
ENGINES = {
    "/api/video/still/{upload}", "/api/video/look", "/api/video/jobs", "/api/video/jobs/{job_id}/again",
    "/api/aloud/voices/{name}/sample",
    "/v1/audio/speech", "/api/planner", "/api/models/{name}/unload", "/api/writing/server",
}  # fmt: skip
"""What reaches engines for which this room has no stand-ins, or computes for seconds; they have tests of their own."""


@pytest.fixture
def page(room: Room) -> dict[str, Any]:
    found: dict[str, Any] = room.ask("GET", "/api/openapi.json").json()
    return found


def calls(page: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    found = [(method.upper(), path, one) for path, all in page["paths"].items() for method, one in all.items()]
    yield from sorted(found, key=lambda call: ORDER.index(call[0]))


def seeded(room: Room) -> dict[str, str]:
    """Makes what the examples speak of, and returns it by the examples' words."""

    def upload(content: bytes) -> str:
        return str(room.ask("POST", "/api/uploads", params={"name": "talk.wav"}, content=content).json()["id"])

    sent = {"uploads": [upload(b"sound"), upload(b"other sound")]}
    one, other = room.ask("POST", "/api/jobs", json=sent).json()["jobs"]
    for job in (one, other):
        room.end_of(job["id"])
    made = {JOB: one["id"], ANOTHER: other["id"], NAMES["batch_id"]: one["batch_id"]}
    return {**made, UPLOAD: upload(b"a third sound")}


def request_of(ids: dict[str, str], path: str, one: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """Returns the address of a call's example and what is sent there."""
    values: dict[str, Any] = {"params": {}}
    for parameter in one.get("parameters", []):
        value = parameter.get("example")
        if parameter["in"] == "path":
            assert value is not None, (path, parameter["name"])
            path = path.replace("{" + parameter["name"] + "}", ids.get(str(value), str(value)))
        elif parameter["in"] == "query" and value is not None:
            values["params"][parameter["name"]] = ids.get(str(value), value)
    for kind, content in one.get("requestBody", {}).get("content", {}).items():
        text = json.dumps(content.get("example"))
        for word, real in ids.items():
            text = text.replace(word, real)
        body = json.loads(text)
        if kind == "application/json":
            values["json"] = body
        elif kind == "application/octet-stream":
            values["content"] = b"a sound "
        else:
            values["files"] = {"file": ("talk.wav", b"sound")} if "file" in body else {}
            values["data"] = {name: value for name, value in body.items() if name != "file"}
    return path, values


def test_every_example_runs(room: Room, page: dict[str, Any]) -> None:
    ids, strange = seeded(room), []
    for method, path, one in calls(page):
        if path in ENGINES:
            continue
        address, values = request_of(ids, path, one)
        with httpx.stream(method, room.url + address, headers=OWN, timeout=30, **values) as answer:
            status = answer.status_code
            told = {} if path in STREAMS and status == 200 else answer.read()
        code = json.loads(told)["error"]["code"] if status >= 400 else None
        if status >= 400 and code not in LACKING:
            strange.append((method, path, status, code))
        if status < 400 and str(status) not in one["responses"]:
            strange.append((method, path, status, "not on the page"))
    assert strange == []


def test_calls_have_their_sentences_in_both_languages_and_areas_theirs(texts: Texts) -> None:
    routes = create_api(None, texts).routes
    for language in ("en", "zh"):
        sentences = texts.all(language)
        page = json.loads(written(routes, sentences))
        told = {f"reference.call.{one['operationId']}" for _, _, one in calls(page)}
        # A new address may still say it in the words of its docstring.
        assert {key for key in sentences if key.startswith("reference.call.")} <= told
        tags = {one["tags"][0] for _, _, one in calls(page)}
        assert len(tags) == len([key for key in sentences if key.startswith("reference.area.")])
