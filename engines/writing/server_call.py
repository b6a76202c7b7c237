"""One question to a server that speaks OpenAI's protocol, over plain sockets; it is read in a thread of its own."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from engines.errors import EngineError
from engines.requests_writing import WriteItem
from engines.writing.server_stream import MOST_NONSENSE, Nonsense, Piece, read_event, read_line

FILE = "server.json"
CONNECT_S = 10.0
PATIENCE = 10.0
"""Times ``silence_s``: so long a server may say that it is still there without a word of text."""
_MOST_BODY = 4_000_000
_SWITCH = " /no_think"
"""Qwen3 understands this at the end of a question where a server has no other way to be told."""
_STATUSES = {401: "server_key_refused", 403: "server_key_refused", 404: "server_not_found", 429: "server_busy"}
_AGAIN = frozenset({"server_unreachable", "server_silent", "server_cut_off", "server_nonsense", "server_busy"})
_CODES_AGAIN = frozenset({500, 502, 503, 504, 529})


@dataclass(frozen=True, slots=True)
class Address:
    """Where another server writes: ``base_url`` ends before ``/chat/completions``; ``context`` is in tokens.

    ``silence_s`` is the longest time without a sign of life. The key is in nothing that is shown or logged.
    """

    base_url: str
    model: str
    key: str = ""
    context: int = 8192
    silence_s: float = 60.0
    at_once: int = 2

    def __repr__(self) -> str:
        return f"Address({self.place}, {self.model})"

    @property
    def place(self) -> str:
        """The host, as a person knows it."""
        return urlsplit(self.base_url).netloc.rpartition("@")[2]

    @classmethod
    def from_dict(cls, told: Mapping[str, Any]) -> Address:
        """Builds an address from stored JSON; raises KeyError, TypeError or ValueError for anything else."""
        return cls(
            str(told["base_url"]),
            str(told["model"]),
            str(told.get("key") or ""),
            int(told.get("context") or 8192),
            float(told.get("silence_s") or 60.0),
            int(told.get("at_once") or 2),
        )


class ServerFailed(Exception):
    """What went wrong; ``again`` tells whether another attempt may help, ``wait_s`` what the server asks for."""

    def __init__(self, code: str, again: bool, wait_s: float = 0.0, **values: Any) -> None:
        super().__init__(code)
        self.code = code
        self.again = again
        self.wait_s = wait_s
        self.values = values

    def as_error(self, address: Address) -> EngineError:
        """Returns what a person is told."""
        return EngineError(self.code, status=502, server=address.place, name=address.model, **self.values)


class Call:
    """One attempt; ``close`` may be called from another thread and ends it."""

    def __init__(self, address: Address, item: WriteItem, plain: bool = False) -> None:
        self._address = address
        self._item = item
        self._plain = plain
        self._connection: http.client.HTTPConnection | None = None
        self._wire: socket.socket | None = None
        self._closed = False
        self._answer: http.client.HTTPResponse | None = None

    def pieces(self) -> Iterator[Piece]:
        """Yields what the server writes, the last piece with ``done``; raises ServerFailed."""
        try:
            yield from self._read(self._ask())
        except ssl.SSLCertVerificationError:
            raise ServerFailed("server_certificate", again=False) from None
        except TimeoutError:
            raise ServerFailed("server_silent", again=True, seconds=round(self._address.silence_s)) from None
        except Nonsense:
            raise ServerFailed("server_nonsense", again=True) from None
        except (http.client.HTTPException, ConnectionResetError, BrokenPipeError):
            raise ServerFailed("server_cut_off", again=True) from None
        except (OSError, ValueError):
            raise ServerFailed("server_unreachable", again=True) from None
        finally:
            self.close()
            if self._answer is not None:
                self._answer.close()

    def close(self) -> None:
        """Ends the connection, and with it whoever reads from it."""
        self._closed = True
        connection, self._connection = self._connection, None
        # http.client lets go of the socket where the answer is to be the last on it: its reader would go on unseen.
        wire, self._wire = self._wire, None
        if wire is not None:
            with suppress(OSError):
                wire.shutdown(socket.SHUT_RDWR)
        if connection is not None:
            connection.close()

    def _ask(self) -> http.client.HTTPResponse:
        place = urlsplit(self._address.base_url)
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        connection = kind(place.hostname or "", place.port, timeout=CONNECT_S)
        self._connection = connection
        try:
            connection.connect()
        except TimeoutError:
            raise ServerFailed("server_unreachable", again=True) from None
        self._wire = connection.sock
        if self._closed:
            # Somebody stopped it while it was being connected.
            connection.close()
            raise ServerFailed("server_cut_off", again=True)
        connection.sock.settimeout(self._address.silence_s)
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        if self._address.key:
            headers["Authorization"] = f"Bearer {self._address.key}"
        body = json.dumps(question(self._address, self._item, self._plain), ensure_ascii=False).encode()
        connection.request("POST", f"{place.path.rstrip('/')}/chat/completions", body, headers)
        answer = self._answer = connection.getresponse()
        if answer.status != 200:
            raise self._refused(answer)
        return answer

    def _read(self, answer: http.client.HTTPResponse) -> Iterator[Piece]:
        if "event-stream" not in (answer.headers.get("content-type") or ""):
            yield read_event(answer.read(_MOST_BODY).decode("utf-8", "replace"))
            yield Piece(done=True)
            return
        ended, heard = False, time.monotonic()
        while line := answer.readline(MOST_NONSENSE + 1):
            piece = read_line(line.decode("utf-8", "replace"))
            if piece is None or not piece.says:
                # Signs of life alone are no text: somebody who waits wants to know some time.
                if time.monotonic() - heard > PATIENCE * self._address.silence_s:
                    raise TimeoutError
                if piece is None:
                    continue
            else:
                heard = time.monotonic()
            ended = ended or piece.done or piece.finish is not None
            yield piece
            if piece.done:
                return
        if not ended:
            raise ServerFailed("server_cut_off", again=True)
        yield Piece(done=True)

    def _refused(self, answer: http.client.HTTPResponse) -> ServerFailed:
        told = answer.read(_MOST_BODY).decode("utf-8", "replace")
        status = answer.status
        if status in (400, 413) and "context" in told.lower():
            return ServerFailed("server_text_too_long", again=False)
        if status in (400, 422) and not self._plain:
            return ServerFailed("plainer", again=True)
        code = _STATUSES.get(status, "server_refused")
        again = code in _AGAIN or status in _CODES_AGAIN
        return ServerFailed(code, again, _seconds(answer.headers.get("retry-after")), number=status)


def question(address: Address, item: WriteItem, plain: bool) -> dict[str, Any]:
    """Returns the body of a call; a plain one has nothing that a server might not know."""
    messages = [{"role": role, "content": text} for role, text in item.messages]
    name = address.model.lower()
    if not item.thinking and "qwen3" in name and "2507" not in name and messages and messages[-1]["role"] == "user":
        messages[-1]["content"] += _SWITCH
    asked: dict[str, Any] = {
        "model": address.model,
        "messages": messages,
        "max_tokens": item.max_tokens,
        "temperature": item.temperature,
        "stream": True,
    }
    if item.stop:
        asked["stop"] = list(item.stop[:4])
    if plain:
        return asked
    asked["stream_options"] = {"include_usage": True}
    asked["chat_template_kwargs"] = {"enable_thinking": item.thinking}
    if item.seed is not None:
        asked["seed"] = item.seed
    if item.json_schema is not None:
        shape = {"name": "answer", "schema": json.loads(item.json_schema)}
        asked["response_format"] = {"type": "json_schema", "json_schema": shape}
    return asked


def _seconds(text: str | None) -> float:
    return min(30.0, float(text)) if text and text.isdigit() else 0.0
