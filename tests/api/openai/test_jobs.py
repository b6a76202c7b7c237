"""Jobs for programs: repetitions, batches, webhooks, and what is loaded."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from tests.api.test_whole_path import OWN, Room


def upload(room: Room, content: bytes = b"sound") -> str:
    return str(room.ask("POST", "/api/uploads?name=talk.wav", content=content).json()["id"])


def test_a_repetition_makes_no_second_job(room: Room) -> None:
    body = {"uploads": [upload(room)]}
    once = {**OWN, "idempotency-key": "7d9f"}
    first = room.ask("POST", "/api/jobs", json=body, headers=once)
    second = room.ask("POST", "/api/jobs", json=body, headers=once)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["jobs"][0]["id"] == second.json()["jobs"][0]["id"]
    other = room.ask("POST", "/api/jobs", json={"uploads": [upload(room, b"another")]}, headers=once)
    assert (other.status_code, other.json()["error"]["code"]) == (422, "idempotency_other")
    long = room.ask("POST", "/api/jobs", json=body, headers={**OWN, "idempotency-key": "x" * 256})
    assert long.json()["error"]["code"] == "idempotency_key"


def test_every_task_is_handed_in_at_one_address_and_repeated_without_harm(room: Room) -> None:
    for number, body in enumerate((
        {"task": "audio-to-audio", "uploads": [upload(room)], "request": {"kind": "denoise"}},
        {"task": "text-to-speech", "text": "Good morning.", "request": {"voice": "af_heart"}},
    )):  # fmt: skip
        once = {**OWN, "idempotency-key": f"task {number}"}
        first, second = (room.ask("POST", "/api/jobs", json=body, headers=once) for _ in range(2))
        assert (first.status_code, second.status_code) == (201, 200), first.text
        (job,) = first.json()["jobs"]
        assert job["task"] == body["task"] and [one["id"] for one in second.json()["jobs"]] == [job["id"]]
    job_id = room.job(b"talk")
    room.end_of(job_id)
    of_it = ({"task": "speaker-diarization"}, {"task": "text-generation", "request": {"kind": "summary"}})
    for body in of_it:
        lacks = room.ask("POST", "/api/jobs", json={**body, "job": job_id})
        assert lacks.status_code == 201 or lacks.json()["error"]["code"] in ("pack_missing", "write_nothing_fits")
    for wrong in ({"task": "juggling"}, {"task": []}, {"task": "audio-to-audio"}, [], {"task": "text-generation"}):
        assert room.ask("POST", "/api/jobs", json=wrong).status_code == 422


def test_a_batch_is_looked_at_and_cancelled_as_one(room: Room) -> None:
    room.residency.go.clear()
    made = room.ask("POST", "/api/jobs", json={"uploads": [upload(room, b"a"), upload(room, b"b")]}).json()["jobs"]
    address = f"/api/batches/{made[0]['batch_id']}"
    told = room.ask("GET", address).json()
    assert not told["finished"] and [job["id"] for job in told["jobs"]] == [job["id"] for job in made]
    assert len(room.ask("POST", f"{address}/cancel").json()["jobs"]) == 2
    assert room.ask("GET", address).json()["counts"] == {"cancelled": 2}
    assert room.ask("GET", "/api/batches/nothing").json()["error"]["code"] == "batch_unknown"
    assert room.ask("GET", "/api/ps").json() == {"models": []}


def test_an_address_is_told_when_a_job_has_ended(room: Room) -> None:
    came = threading.Event()
    told: list[dict[str, object]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.append(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()
            came.set()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        made = room.ask("POST", "/api/webhooks", json={"url": f"http://127.0.0.1:{server.server_port}/x"}).json()
        assert made["secret"].startswith("whsec_")
        job_id = room.job(b"sound")
        assert came.wait(30)
        server.shutdown()
        thread.join()
    assert told[0]["type"] == "job.succeeded" and told[0]["data"]["id"] == job_id  # type: ignore[index]
    (listed,) = room.ask("GET", "/api/webhooks").json()["webhooks"]
    assert listed["id"] == made["id"] and listed["last"]["status"] == 204 and listed["last"]["fine"]
    tried = room.ask("POST", f"/api/webhooks/{made['id']}/test").json()["last"]
    assert tried["status"] == 0 and not tried["fine"]
    assert room.ask("POST", "/api/webhooks/nothing/test").json()["error"]["code"] == "webhook_unknown"
    assert room.ask("DELETE", f"/api/webhooks/{made['id']}").json() == {"removed": True}
    assert room.ask("POST", "/api/webhooks", json={"url": "file:///x"}).status_code == 422
