"""Live sessions over real WebSockets of a real server; models and ears are fakes."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from api.app import create_api
from tests.api.conftest import Server
from tests.workbench.conftest import Room
from tests.workbench.live.speaking import PACKET, RATE, talk
from workbench.texts import Texts

SOUND = talk(2.0, 1.0, 3.0, 1.0)
KEY = "0123456789abcdef"


@pytest.fixture
def room(tmp_path: Path, root: Path) -> Iterator[Room]:
    made = Room(tmp_path, root)
    yield made
    made.close()


@pytest.fixture
def live(room: Room, texts: Texts) -> Iterator[Server]:
    running = Server(create_api(room.bench(), texts))  # type: ignore[arg-type]
    running.start()
    yield running
    running.stop()


class Browser:
    """One connection as the screen makes it."""

    def __init__(self, server: Server, query: str = "", **more: Any) -> None:
        # The server ends what a test leaves open.
        address = server.url.replace("http", "ws") + "/api/live" + query
        self.socket: ClientConnection = ExitStack().enter_context(connect(address, **more))
        self.told: list[dict[str, Any]] = []

    def send(self, kind: str, **values: Any) -> None:
        self.socket.send(json.dumps({"type": kind, **values}))

    def start(self, key: str = KEY, **settings: Any) -> dict[str, Any]:
        self.send("start", key=key, settings={"quality": "fast", "language": "en", **settings}, title="Monday")
        return self.until("started")

    def say(self, sound: Any, from_packet: int = 0) -> int:
        n_packets = -(-len(sound) // PACKET)
        for number in range(from_packet, n_packets):
            part = sound[number * PACKET : (number + 1) * PACKET].astype("<i2").tobytes()
            self.socket.send(number.to_bytes(4, "little") + part)
        return n_packets

    def until(self, kind: str, holds: Any = lambda told: True) -> dict[str, Any]:
        while True:
            self.told.append(json.loads(self.socket.recv(20)))
            if self.told[-1]["type"] == kind and holds(self.told[-1]):
                return self.told[-1]

    def closed(self) -> int:
        """Reads to the end and returns the close code."""
        try:
            while True:
                self.told.append(json.loads(self.socket.recv(20)))
        except ConnectionClosed:
            assert self.socket.close_code is not None
            return self.socket.close_code

    def finals(self) -> dict[int, str]:
        return {m["line"]: m["text"] for m in self.told if m["type"] == "line" and m["state"] != "open"}


def recorded(server: Server, job_id: str) -> bytes:
    return httpx.get(f"{server.url}/api/jobs/{job_id}/audio").content[44:]


def test_a_person_speaks_and_reads_and_the_job_is_in_the_history(live: Server) -> None:
    browser = Browser(live)
    started = browser.start()
    assert started["next_packet"] == 0
    n_packets = browser.say(SOUND)
    browser.until("ack", lambda told: told["next_packet"] == n_packets)
    browser.send("stop", n_packets=n_packets)
    assert browser.closed() == 1000 and browser.told[-1] == {"type": "ended", "job": started["job"]}
    job = httpx.get(f"{live.url}/api/jobs/{started['job']}").json()
    assert job["status"] == "succeeded" and job["title"] == "Monday" and job["duration_s"] == 7.0
    lines = httpx.get(f"{live.url}/api/jobs/{started['job']}/segments").json()["segments"]
    assert [line["text"] for line in lines] == list(browser.finals().values())
    assert recorded(live, started["job"]) == SOUND.tobytes()
    states = [m for m in browser.told if m["type"] == "state"]
    assert {"speaking", "behind_s", "partials", "heard_s", "waiting"} < states[-1].keys()


def test_a_network_that_is_gone_for_twenty_seconds_loses_and_doubles_nothing(live: Server) -> None:
    sound = talk(*([2.0, 1.0] * 12))
    browser = Browser(live)
    job_id = browser.start()["job"]
    browser.say(sound[: 8 * RATE])
    browser.until("ack", lambda told: told["next_packet"] >= 70)
    browser.socket.socket.close()
    again = Browser(live)
    started = again.start()
    assert started["job"] == job_id and 70 <= started["next_packet"] <= 80
    n_packets = again.say(sound, from_packet=started["next_packet"])
    again.send("stop", n_packets=n_packets)
    assert again.closed() == 1000
    assert recorded(live, job_id) == sound.tobytes()
    assert sorted(again.finals()) == list(range(12))


def test_who_takes_a_session_over_closes_the_connection_before(live: Server) -> None:
    first, second = Browser(live), Browser(live)
    assert first.start()["job"] == second.start()["job"]
    assert first.closed() == 4000
    second.send("stop", n_packets=0)
    assert second.closed() == 1000


def test_one_too_many_gets_a_sentence_in_his_language(live: Server, room: Room) -> None:
    room.open_benches[0]._board.speeds["base", 1] = 1.0
    Browser(live).start()
    second = Browser(live, "?lang=zh")
    second.send("start", key="another-key", settings={"quality": "fast"})
    error = second.until("error")
    assert error["code"] == "live_full" and error["fatal"] and "1 个人" in error["message"] and error["hint"]
    assert second.closed() == 1013


def test_a_key_of_a_session_that_has_ended_says_where_its_job_is(live: Server) -> None:
    browser = Browser(live)
    job_id = browser.start()["job"]
    browser.send("stop", n_packets=0)
    assert browser.closed() == 1000
    again = Browser(live)
    again.send("start", key=KEY, settings={})
    error = again.until("error")
    assert error["code"] == "live_ended" and error["values"]["job"] == job_id and error["fatal"]
    assert again.closed() == 1000


@pytest.mark.parametrize(
    "frame",
    [
        "no json", "[]", '{"type": 3}', '{"type": "dance"}', '{"type": "stop"}', '{"type": "stop", "n_packets": -1}',
        '{"type": "edit", "line": "x", "text": "y"}', b"\0\0\0\0", b"\0\0\0\0\0", b"\0\0\0\0" + b"\0" * 32_002,
    ],
)  # fmt: skip
def test_a_frame_that_cannot_be_understood_ends_the_connection_but_not_the_session(live: Server, frame: Any) -> None:
    browser = Browser(live)
    browser.start()
    browser.socket.send(frame)
    assert browser.closed() == 4400
    again = Browser(live)
    assert again.start()["next_packet"] == 0


@pytest.mark.parametrize("frame", ["{}", '{"type": "pause"}', '{"type": "start"}', '{"type": "start", "key": "short"}'])
def test_a_connection_begins_with_a_start(live: Server, frame: str) -> None:
    browser = Browser(live)
    browser.socket.send(frame)
    assert browser.until("error")["fatal"]
    assert browser.closed() == 4400


def test_settings_that_cannot_be_are_told_and_the_session_goes_on(live: Server) -> None:
    browser = Browser(live)
    browser.start()
    browser.send("settings", settings={"pause_s": 99})
    error = browser.until("error")
    assert error["code"] == "request_invalid" and not error["fatal"]
    browser.send("stop", n_packets=0)
    assert browser.closed() == 1000


def test_pages_of_other_sites_are_not_let_in(live: Server) -> None:
    with pytest.raises(InvalidStatus) as told:
        Browser(live, origin="http://evil.example")
    assert told.value.response.status_code == 403
    Browser(live, origin=live.url).start()


def test_an_edit_is_told_to_all_and_stays(live: Server) -> None:
    browser = Browser(live)
    job_id = browser.start()["job"]
    browser.say(SOUND[: 35 * PACKET])
    browser.until("line", lambda told: told["state"] == "final")
    browser.send("edit", line=0, text="Good morning")
    assert browser.until("line", lambda told: told.get("edited"))["text"] == "Good morning"
    browser.send("stop", n_packets=35)
    assert browser.closed() == 1000
    lines = httpx.get(f"{live.url}/api/jobs/{job_id}/segments").json()["segments"]
    assert lines[0]["text"] == "Good morning" and lines[0]["original_text"]


def test_a_sentence_is_tried_before_a_session(live: Server) -> None:
    address, own = f"{live.url}/api/live/trial", {"X-Roomtone": "1"}
    asked = {"settings": json.dumps({"quality": "fast", "language": "en"})}
    told = httpx.post(address, params=asked, content=talk(2.0, 0.7).tobytes(), headers=own)
    assert told.json() == {"text": "from 0 to 2.316", "language": "en", "waiting": None}
    assert httpx.get(f"{live.url}/api/live").json()["sessions"] == []
    assert httpx.post(address, content=bytes(21 * 2 * RATE), headers=own).status_code == 413
    assert httpx.post(address, params={"settings": "[]"}, content=b"", headers=own).status_code == 422
    assert httpx.post(address, content=b"odd", headers=own).status_code == 422


def test_others_read_along_and_may_not_speak(live: Server) -> None:
    browser = Browser(live)
    started = browser.start()
    browser.say(SOUND[: 29 * PACKET])
    browser.until("line", lambda told: told["state"] == "final")
    events: list[tuple[str, Any]] = []
    first = threading.Event()

    def read() -> None:
        name = ""
        with httpx.stream("GET", f"{live.url}/api/live/watch/{started['watch']}", timeout=30) as answer:
            for line in answer.iter_lines():
                if line.startswith("event: "):
                    name = line[7:]
                elif line.startswith("data: "):
                    events.append((name, json.loads(line[6:])))
                    first.set()

    reader = threading.Thread(target=read)
    reader.start()
    assert first.wait(20)
    sessions = httpx.get(f"{live.url}/api/live").json()["sessions"]
    assert sessions == [{"job": started["job"], "title": "Monday", "heard_s": 2.9, "connected": True}]
    n_packets = browser.say(SOUND, from_packet=29)
    browser.until("ack", lambda told: told["next_packet"] == n_packets)
    httpx.post(f"{live.url}/api/live/{started['job']}/stop", headers={"x-roomtone": "1"}).raise_for_status()
    reader.join(30)
    assert browser.closed() == 1000
    name, told = events[0]
    assert name == "lines" and told["title"] == "Monday" and not told["ended"] and len(told["lines"]) == 1
    assert events[-1][0] == "ended"
    assert [told["line"] for name, told in events if name == "line" and told["state"] == "final"] == [1]
    assert httpx.get(f"{live.url}/api/live/watch/{'x' * 22}").status_code == 404
    assert httpx.post(f"{live.url}/api/live/{started['job']}/stop", headers={"x-roomtone": "1"}).status_code == 404


def test_a_server_that_stops_says_come_back(live: Server) -> None:
    browser = Browser(live)
    browser.start()
    live.app.state.closing.close()
    assert browser.closed() == 1012
