"""Webhooks: signed as the standard has it, sent once for each end of a job, tried again when nobody listens."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from workbench.errors import JobError, NotFound
from workbench.events import Events
from workbench.history.history import History
from workbench.history.programs import due, next_due
from workbench.history.rows import NewJob
from workbench.programs.webhooks import PAUSES_S, Webhooks, post


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


class Listener:
    """Takes messages, and answers with what it is told to."""

    def __init__(self) -> None:
        self.status = 200
        self.got: list[tuple[str, bytes, Mapping[str, str]]] = []

    def __call__(self, url: str, body: bytes, headers: Mapping[str, str]) -> int:
        self.got.append((url, body, headers))
        if self.status == 0:
            raise OSError("nobody listens")
        return self.status


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def listener() -> Listener:
    return Listener()


@pytest.fixture
def history(tmp_path: Path, root: Path, clock: Clock) -> Iterator[History]:
    with History(tmp_path / "history.db", root / "history.db-schema", clock=clock) as one:
        yield one


@pytest.fixture
def hooks(history: History, listener: Listener, clock: Clock) -> Webhooks:
    return Webhooks(history, Events(), listener, clock)


def ended(history: History, job_id: str = "a") -> set[str]:
    history.add_input("0" * 64, 1)
    history.add_jobs([
        NewJob(id=job_id, task="automatic-speech-recognition", title="talk", source_name="a", input_sha256="0" * 64,
               batch_id=None, owner="x", lane="batch", request={}, model="base", fingerprint="f")
    ])  # fmt: skip
    history.cancel(job_id)
    return {job_id}


def test_a_message_is_signed_as_standard_webhooks_has_it(hooks: Webhooks, history: History, listener: Listener) -> None:
    hook = hooks.add("http://127.0.0.1:1/x")
    hooks.note(ended(history))
    hooks.deliver()
    [(url, body, headers)] = listener.got
    key = base64.b64decode(hook.secret.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert (url, headers["webhook-signature"]) == (hook.url, f"v1,{signature}")
    told = json.loads(body)
    assert (told["type"], told["data"]["id"], told["data"]["title"]) == ("job.cancelled", "a", "talk")


def test_an_end_is_told_once_though_the_job_changes_again(
    hooks: Webhooks, history: History, listener: Listener
) -> None:
    hooks.add("http://127.0.0.1:1/x")
    jobs = ended(history)
    for _ in range(2):
        hooks.note(jobs)
        hooks.deliver()
    assert len(listener.got) == 1 and next_due(history) is None


def test_what_nobody_takes_is_tried_again_under_the_same_id_and_given_up_in_the_end(
    hooks: Webhooks, history: History, listener: Listener, clock: Clock
) -> None:
    hooks.add("http://127.0.0.1:1/x")
    hooks.note(ended(history))
    for pause in PAUSES_S:
        listener.status = 0 if pause == PAUSES_S[0] else 503
        hooks.deliver()
        clock.now += pause - 1
        assert due(history, clock.now) == []
        clock.now += 1
    hooks.deliver()
    assert len(listener.got) == len(PAUSES_S) + 1 and next_due(history) is None
    assert len({headers["webhook-id"] for _, _, headers in listener.got}) == 1


def test_an_address_that_says_it_is_gone_is_forgotten(hooks: Webhooks, history: History, listener: Listener) -> None:
    hooks.add("http://127.0.0.1:1/x")
    listener.status = 410
    hooks.note(ended(history))
    hooks.deliver()
    assert hooks.all() == [] and next_due(history) is None


@pytest.mark.parametrize("url", ["ftp://a", "javascript:x", "http://a b", ""])
def test_only_addresses_of_the_web_are_taken(hooks: Webhooks, url: str) -> None:
    with pytest.raises(JobError, match="webhook_address"):
        hooks.add(url)
    with pytest.raises(NotFound):
        hooks.remove("nothing")


def test_a_message_goes_over_the_network_and_follows_no_other_address() -> None:
    seen: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            seen.append(self.path)
            self.send_response(302 if self.path == "/elsewhere" else 204)
            self.send_header("location", "/secret")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://127.0.0.1:{server.server_port}"
        assert (post(f"{address}/here", b"{}", {}), post(f"{address}/elsewhere", b"{}", {})) == (204, 302)
        server.shutdown()
        thread.join()
    assert seen == ["/here", "/elsewhere"]
