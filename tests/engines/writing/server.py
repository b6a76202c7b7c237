"""A server that speaks OpenAI's protocol, and on demand fails, hangs, talks nonsense or breaks off."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WORDS = ["The ", "meeting ", "is ", "at ", "three."]


class WritingServer:
    """Answers each call with the next of ``script``, and with ``good`` when that is used up; ``url`` is its base.

    ``asked`` are the bodies, ``keys`` the Authorization headers that came.
    """

    def __init__(self, *script: str) -> None:
        self.script = list(script)
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.release = threading.Event()
        self.started = threading.Event()
        self.gone = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["content-length"])))
                outer.asked.append(body)
                outer.keys.append(self.headers.get("authorization"))
                kind = outer.script.pop(0) if outer.script else "good"
                try:
                    outer._answer(self, kind, body)
                except OSError:
                    outer.gone.set()
                self.close_connection = True

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> WritingServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def _answer(self, to: BaseHTTPRequestHandler, kind: str, body: dict[str, Any]) -> None:
        if kind.isdigit():
            self._status(to, int(kind), {"error": {"message": "no", "code": "no"}})
        elif kind == "picky" and "stream_options" in body:
            self._status(to, 400, {"error": {"message": "Unrecognized request argument: stream_options"}})
        elif kind == "full":
            self._status(to, 400, {"error": {"message": "maximum context length is 4096 tokens"}})
        elif kind == "at once":
            message = {"role": "assistant", "content": "".join(WORDS)}
            self._status(to, 200, {"choices": [{"message": message, "finish_reason": "stop"}]})
        elif kind == "hangs":
            self.started.set()
            self.release.wait(30)
        else:
            self._stream(to, kind)

    def _stream(self, to: BaseHTTPRequestHandler, kind: str) -> None:
        to.send_response(200)
        to.send_header("content-type", "text/event-stream")
        to.end_headers()
        if kind == "page":
            to.wfile.write(b"<html><body>Please sign in</body></html>\n")
            return
        if kind == "thinks":
            self._event(to, {"content": "<thi"})
            self._event(to, {"content": "nk>secret plan</think>"})
        if kind == "reasons":
            self._event(to, {"reasoning_content": "secret plan"})
        for number, word in enumerate(WORDS):
            if kind == "breaks off" and number == 3:
                return
            if kind == "nonsense" and number == 3:
                to.wfile.write(b'data: {"choices": [oh no\n\n')
                return
            if kind == "stalls" and number == 3:
                self.started.set()
                to.wfile.flush()
                self.release.wait(30)
            to.wfile.write(b": still here\n\n")
            self._event(to, {"content": word})
        while kind in ("goes on", "only lives"):
            self._event(to, {"content": "and so on " if kind == "goes on" else ""})
        self._event(to, {}, "stop")
        usage = {"prompt_tokens": 11, "completion_tokens": 5}
        to.wfile.write(f"data: {json.dumps({'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n".encode())

    @staticmethod
    def _event(to: BaseHTTPRequestHandler, delta: dict[str, str], finish: str | None = None) -> None:
        told = {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}
        to.wfile.write(f"data: {json.dumps(told)}\n\n".encode())
        to.wfile.flush()

    @staticmethod
    def _status(to: BaseHTTPRequestHandler, status: int, body: dict[str, Any]) -> None:
        told = json.dumps(body).encode()
        to.send_response(status)
        to.send_header("content-type", "application/json")
        to.send_header("content-length", str(len(told)))
        to.end_headers()
        to.wfile.write(told)
