"""What only a real server shows: streams, dropped connections, memory, and the event loop that goes on."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
import psutil
import pytest

from tests.api.conftest import Server
from tests.api.fakes import FakeWorkbench
from tests.api.test_routes import sound_of

OWN = {"x-roomtone": "1"}
HEAD = "POST /api/uploads?name=a HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Roomtone: 1\r\nContent-Length: {length}\r\n\r\n"
MIB = 2**20


def eventually(holds: Any, seconds: float = 10.0) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def messages(lines: Iterator[str]) -> Iterator[tuple[str, Any]]:
    """Reads Server-Sent Events as ``(event, data)``; comments are skipped."""
    name = ""
    for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


def test_a_large_upload_does_not_sit_in_memory(server: Server, bench: FakeWorkbench) -> None:
    bench.uploads._max_bytes = None
    n_blocks = 300

    def blocks() -> Iterator[bytes]:
        for number in range(n_blocks):
            yield number.to_bytes(4, "big") * (MIB // 4)

    process = psutil.Process()
    before, peak, done = process.memory_info().rss, 0, threading.Event()

    def watch() -> None:
        nonlocal peak
        while not done.wait(0.01):
            peak = max(peak, process.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    answer = httpx.post(server.url + "/api/uploads?name=big.wav", content=blocks(), headers=OWN, timeout=120)
    done.set()
    watcher.join()
    assert answer.status_code == 201 and answer.json()["size"] == n_blocks * MIB
    assert peak - before < 80 * MIB


def test_a_too_large_upload_is_refused_before_its_body_is_sent(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=10) as line:
        line.sendall(HEAD.format(length=99_999_999_999).encode())
        answer = line.recv(65536).decode()
    assert answer.startswith("HTTP/1.1 413") and "set-cookie" in answer.lower()


def test_a_body_of_unknown_length_is_stopped_at_the_limit(server: Server, bench: FakeWorkbench) -> None:
    answer = httpx.post(
        server.url + "/api/uploads?name=a", content=(b"x" * MIB for _ in range(20)), headers=OWN, timeout=60
    )
    assert answer.status_code == 413 and answer.json()["error"]["code"] == "too_large"
    assert not list((bench.data / "incoming").iterdir())


def test_a_dropped_upload_leaves_nothing(server: Server, bench: FakeWorkbench) -> None:
    incoming = bench.data / "incoming"
    with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=10) as line:
        line.sendall(HEAD.format(length=5_000_000).encode() + b"x" * 2_000_000)
        assert eventually(lambda: list(incoming.iterdir()))
    assert eventually(lambda: not list(incoming.iterdir()))
    assert httpx.get(server.url + "/health").status_code == 200


def test_a_long_sound_is_streamed_and_may_be_left_in_the_middle(server: Server, bench: FakeWorkbench) -> None:
    bench.add("job0")
    folder = bench.recording_folder("job0")
    folder.mkdir(parents=True)
    with open(folder / "audio.pcm", "wb") as file:
        file.truncate(4 * 10**9)
    process = psutil.Process()
    before = process.memory_info().rss
    with httpx.stream("GET", server.url + "/api/jobs/job0/audio", timeout=30) as answer:
        assert answer.headers["content-length"] == str(4 * 10**9 + 44)
        assert len(next(answer.iter_bytes(20 * MIB))) == 20 * MIB
    assert process.memory_info().rss - before < 80 * MIB
    assert eventually(lambda: not any("audio.pcm" in file.path for file in process.open_files()))
    tail = httpx.get(server.url + "/api/jobs/job0/audio", headers={"range": "bytes=3999999999-"})
    assert tail.status_code == 206 and len(tail.content) == 45


def test_sound_over_a_real_connection_is_the_same_byte_for_byte(server: Server, bench: FakeWorkbench) -> None:
    bench.add("job0")
    expected = sound_of(bench, "job0", 400_000)
    assert httpx.get(server.url + "/api/jobs/job0/audio").content == expected
    joined = b""
    while len(joined) < len(expected):
        asked = f"bytes={len(joined)}-{len(joined) + 99_999}"
        joined += httpx.get(server.url + "/api/jobs/job0/audio", headers={"range": asked}).content
    assert joined == expected


def test_one_stream_tells_the_state_and_each_change_of_many_jobs(server: Server, bench: FakeWorkbench) -> None:
    for job_id in ("a", "b", "other"):
        bench.add(job_id, title='会议 <b>"x"</b>\n\nevent: fake')
    with httpx.stream("GET", server.url + "/api/events?jobs=a,b,gone", timeout=30) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        told = messages(answer.iter_lines())
        first = [next(told) for _ in range(3)]
        assert [(name, view["id"]) for name, view in first] == [("job", "a"), ("job", "b"), ("unknown", "gone")]
        bench.change("other", progress=0.5)
        bench.change("b", progress=0.25)
        name, view = next(told)
        assert (name, view["id"], view["progress"]) == ("job", "b", 0.25)
        bench.change("a", status="succeeded", finished_at=1.0)
        bench.change("b", status="succeeded", finished_at=1.0)
        ends = [next(told) for _ in range(3)]
        assert ends[-1] == ("done", {})
        bench.change("b", status="queued", finished_at=None)
        assert next(told)[1]["status"] == "queued"
    assert eventually(lambda: not bench.events._by_job)


def test_a_burst_of_changes_is_told_as_the_last_state(server: Server, bench: FakeWorkbench) -> None:
    bench.add("a")
    with httpx.stream("GET", server.url + "/api/events?jobs=a", timeout=30) as answer:
        told = messages(answer.iter_lines())
        next(told)
        for number in range(1, 1001):
            bench.change("a", progress=number / 1000)
        n_told = 0
        for n_told, (_, view) in enumerate(told, 1):  # noqa: B007 - the count is what is looked at
            if view["progress"] == 1.0:
                break
        assert n_told < 50


@pytest.mark.parametrize(
    ("jobs", "code"),
    [("", "no_jobs_named"), (" , ,", "no_jobs_named"), (",".join(map(str, range(501))), "too_many_jobs")],
)
def test_a_stream_needs_some_jobs_and_not_too_many(server: Server, jobs: str, code: str) -> None:
    answer = httpx.get(server.url + "/api/events", params={"jobs": jobs})
    assert answer.status_code == 422 and answer.json()["error"]["code"] == code


def test_open_streams_do_not_hold_up_the_end_of_the_server(server: Server, bench: FakeWorkbench) -> None:
    bench.add("a")
    with httpx.stream("GET", server.url + "/api/events?jobs=a", timeout=30) as answer:
        lines = answer.iter_lines()
        next(messages(lines))
        before = time.monotonic()
        server.stop()
        assert not list(messages(lines))
        assert time.monotonic() - before < 10


def test_the_event_loop_goes_on_while_the_workbench_is_slow(server: Server, bench: FakeWorkbench) -> None:
    bench.add("a")
    bench.slow_s = 2.0
    slow = [
        threading.Thread(target=httpx.get, args=(server.url + "/api/jobs/a",), kwargs={"timeout": 60}) for _ in range(8)
    ]
    for thread in slow:
        thread.start()
    assert httpx.get(server.url + "/health", timeout=1.5).status_code == 200
    assert all(thread.is_alive() for thread in slow)
    for thread in slow:
        thread.join()
