"""The server's half of a live session, as the screen sees it: takes packets, and says what a test tells it to."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, WebSocketRoute

SERVER_STOPS = 1012
PATIENCE_MS = 20_000
STEP_MS = 50


def until(page: Page, true: Callable[[], bool]) -> None:
    """Waits for something that only this process knows, while the page goes on."""
    for _ in range(PATIENCE_MS // STEP_MS):
        if true():
            return
        page.wait_for_timeout(STEP_MS)
    raise AssertionError("it never became true")


class FakeLive:
    """Answers every live connection of a page; several connections with one key are one session."""

    def __init__(self) -> None:
        self.sessions: dict[str, dict[int, bytes]] = {}
        self.starts: list[dict[str, Any]] = []
        self.heard: list[dict[str, Any]] = []
        self.reachable = True
        self.ended_keys: set[str] = set()
        self.refuses: dict[str, Any] | None = None
        self.acknowledges = True
        self._line: WebSocketRoute | None = None
        self._key = ""

    def attend(self, page: Page) -> None:
        """Stands in for the server in one page."""
        page.route_web_socket("**/api/live?*", self._connected)

    @property
    def packets(self) -> dict[int, bytes]:
        """What arrived in the latest session, by number."""
        return self.sessions[self._key]

    @property
    def seconds(self) -> float:
        """How much sound has arrived."""
        return sum(len(packet) for packet in self.packets.values()) / 32_000 if self._key else 0.0

    def say(self, **message: Any) -> None:
        """Sends a message to the screen."""
        if self._line is not None:
            self._line.send(json.dumps(message))

    def speak(self, line: int, text: str, final: bool = True, firm: str = "") -> None:
        """Sends one line: final with ``text``, or open with ``firm`` and ``text`` as what may still change."""
        told = {"text": text, "language": "en", "edited": False} if final else {"firm": firm, "provisional": text}
        state = "final" if final else "open"
        self.say(type="line", line=line, state=state, start=line * 3.0, end=line * 3.0 + 2.0, **told)

    def cut(self) -> None:
        """The network goes: the connection ends, and none comes about until ``reachable`` is set again."""
        self.reachable = False
        if self._line is not None:
            self._line.close(code=SERVER_STOPS)
            self._line = None

    def take_away(self) -> None:
        """Another connection has taken the session up."""
        assert self._line is not None
        self._line.close(code=4000)

    def _connected(self, route: WebSocketRoute) -> None:
        if not self.reachable:
            route.close(code=SERVER_STOPS)
            return
        route.on_message(lambda message: self._message(route, message))

    def _message(self, route: WebSocketRoute, message: str | bytes) -> None:
        if isinstance(message, bytes):
            self._packet(route, message)
            return
        told = json.loads(message)
        if told["type"] == "start":
            self._start(route, told)
            return
        self.heard.append(told)
        if told["type"] == "stop":
            self.say(type="ended", job=f"job{len(self.sessions)}")
            route.close(code=1000)

    def _start(self, route: WebSocketRoute, told: dict[str, Any]) -> None:
        self.starts.append(told)
        refusal = self.refuses or (
            {"code": "live_ended", "values": {"job": "job1"}} if told["key"] in self.ended_keys else None
        )
        if refusal is not None:
            route.send(json.dumps({"type": "error", "message": "No.", "hint": "", "fatal": True, **refusal}))
            route.close(code=1013)
            return
        self._line, self._key = route, told["key"]
        self.sessions.setdefault(self._key, {})
        started = {"job": f"job{len(self.sessions)}", "next_packet": len(self.packets), "watch": "w" * 32}
        self.say(type="started", **started)

    def _packet(self, route: WebSocketRoute, frame: bytes) -> None:
        if route is not self._line:
            return
        number = int.from_bytes(frame[:4], "little")
        if number == len(self.packets):
            self.packets[number] = frame[4:]
        if self.acknowledges:
            self.say(type="ack", next_packet=len(self.packets))
