"""A server on the loopback that plays a model hub, its storage and a package index, with their faults."""

from __future__ import annotations

import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Page:
    """What one path answers. ``breaks_at`` are byte counts after which the connection is cut, one for each request."""

    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    status: int = 200
    ranges: bool = True
    breaks_at: list[int] = field(default_factory=list)
    hold: threading.Event | None = None
    hold_at: int = 0


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    range: str | None
    authorization: str | None


class FakeWeb:
    """Pages by path, and what was asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[Asked] = []
        self.url = ""

    def put(self, path: str, body: bytes, **more: Any) -> Page:
        page = self.pages[path] = Page(body, **more)
        return page

    def gets(self, path: str) -> list[Asked]:
        return [asked for asked in self.asked if asked.method == "GET" and asked.path == path]

    def put_hub_file(self, path: str, body: bytes) -> Page:
        """A small file as Hugging Face serves it: the ETag is the hash of the git blob."""
        return self.put(path, body, headers={"ETag": f'"{git_hash(body)}"'})

    def put_lfs_file(self, path: str, body: bytes, stated: str | None = None) -> Page:
        """A large file as Hugging Face serves it: a redirect that states the sha256, to a storage with other ETags."""
        stored = f"/storage{path}"
        self.put(
            path,
            b"",
            status=302,
            headers={
                "Location": f"{self.url}{stored}",
                "X-Linked-Etag": f'"{stated or hashlib.sha256(body).hexdigest()}"',
                "X-Linked-Size": str(len(body)),
            },
        )
        return self.put(stored, body, headers={"ETag": '"storage-tag"'})


def git_hash(body: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(body) + body).hexdigest()


def wheel(members: dict[str, bytes]) -> bytes:
    """The bytes of a zip with these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return file.getvalue()


def html_index(names: dict[str, str]) -> bytes:
    """A simple index page in HTML: file name to address."""
    links = "".join(f'<a href="{address}">{name}</a>' for name, address in names.items())
    return f"<!DOCTYPE html><html><body>{links}</body></html>".encode()


def json_index(files: list[dict[str, Any]]) -> bytes:
    return json.dumps({"meta": {"api-version": "1.1"}, "files": files}).encode()


@contextmanager
def serving() -> Iterator[FakeWeb]:
    fake = FakeWeb()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(fake))
    server.daemon_threads = True
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        for page in fake.pages.values():
            if page.hold is not None:
                page.hold.set()
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(fake: FakeWeb) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(with_body=True)

        def do_HEAD(self) -> None:
            self._answer(with_body=False)

        def _answer(self, *, with_body: bool) -> None:
            asked = self.headers.get("Range")
            fake.asked.append(Asked(self.command, self.path, asked, self.headers.get("Authorization")))
            page = fake.pages.get(self.path)
            if page is None:
                self.send_error(404)
                return
            start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and page.ranges and page.status == 200 else 0
            if start >= len(page.body) > 0:
                self.send_error(416)
                return
            body = page.body[start:]
            self.send_response(206 if start else page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if start:
                self.send_header("Content-Range", f"bytes {start}-{len(page.body) - 1}/{len(page.body)}")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if with_body:
                self._send(page, body, start)

        def _send(self, page: Page, body: bytes, start: int) -> None:
            cut = page.breaks_at.pop(0) if page.breaks_at else len(body)
            try:
                if page.hold is not None and start <= page.hold_at < start + cut:
                    self.wfile.write(body[: page.hold_at - start])
                    self.wfile.flush()
                    page.hold.wait(30)
                    body, cut = body[page.hold_at - start :], cut - (page.hold_at - start)
                self.wfile.write(body[:cut])
            except (BrokenPipeError, ConnectionResetError):
                pass
            self.close_connection = True

        def log_message(self, *args: Any) -> None:
            pass

    return Handler
