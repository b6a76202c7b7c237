"""The frame of the page: our scripts and styles go in before Gradio starts, and Gradio's own marks come out."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable, MutableMapping
from pathlib import Path
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOUNTED_AT = "/screens"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_FOREIGN = re.compile(rb'\s*<meta\s+(?:property="og:|name="twitter:)[^>]*/?>')
_MANIFEST = re.compile(rb'\s*<link rel="manifest"[^>]*>')
_RESIZER = re.compile(rb"<script>\s*\(\(\) => \{\s*const root = .*?</script>", re.S)


class Assets:
    """An ASGI app that serves the scripts, styles and icons of one folder, read once; nothing else can be asked for.

    Browsers ask again each time and are told 304, so that a new version is never mixed with an old script.
    """

    def __init__(self, folder: Path) -> None:
        self._files: dict[str, tuple[bytes, str, str]] = {}
        for path in sorted(folder.rglob("*")):
            if path.suffix in _TYPES:
                content = path.read_bytes()
                tag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
                self._files[path.relative_to(folder).as_posix()] = (content, _TYPES[path.suffix], tag)

    @property
    def names(self) -> tuple[str, ...]:
        """The paths below ``/screens/`` that exist."""
        return tuple(self._files)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        path = scope["path"].removeprefix(scope.get("root_path", "")).removeprefix(MOUNTED_AT).lstrip("/")
        found = self._files.get(path)
        if found is None:
            await _answer(send, 404, [(b"content-type", b"text/plain")], b"")
            return
        content, kind, tag = found
        headers = [
            (b"content-type", f"{kind}; charset=utf-8".encode()),
            (b"cache-control", b"no-cache"),
            (b"etag", tag.encode()),
        ]
        if dict(scope["headers"]).get(b"if-none-match", b"").decode("latin-1") == tag:
            await _answer(send, 304, headers, b"")
        else:
            await _answer(send, 200, headers, b"" if scope["method"] == "HEAD" else content)


class Frame:
    """ASGI middleware that rewrites the page at ``/`` and leaves all else alone.

    Gradio puts what its ``head`` argument holds into the page only after it has chosen a language and a theme. Ours
    must be there before, so it is written into the page itself. Gradio's links to its own web site are taken out.
    """

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] != "/" or scope["method"] != "GET":
            await self._app(scope, receive, send)
            return
        plain = {**scope, "headers": [pair for pair in scope["headers"] if pair[0] != b"accept-encoding"]}
        start: Message = {}
        body = bytearray()

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if not message.get("more_body", False):
                content = framed(bytes(body)) if start["status"] == 200 else bytes(body)
                headers = [(k, v) for k, v in start["headers"] if k.lower() != b"content-length"]
                await _answer(send, start["status"], [*headers, (b"cache-control", b"no-cache")], content)

        await self._app(plain, receive, hold)


HEAD = b"""
<meta name="color-scheme" content="light dark" />
<link rel="icon" type="image/svg+xml" href="screens/icons/roomtone.svg" />
<script src="screens/boot.js"></script>
<link rel="stylesheet" href="screens/style.css" />
<link rel="stylesheet" href="screens/live.css" />
<link rel="stylesheet" href="screens/speakers.css" />
<link rel="stylesheet" href="screens/voices.css" />
<link rel="stylesheet" href="screens/sound.css" />
<link rel="stylesheet" href="screens/write.css" />
<link rel="stylesheet" href="screens/video.css" />
<script type="module" src="screens/main.js"></script>
"""
_AFTER_APP = b"<script>roomtone.dressGradio()</script>"


def framed(page: bytes) -> bytes:
    """Returns Gradio's page with our head in it and without its advertisements."""
    for pattern in (_FOREIGN, _MANIFEST, _RESIZER):
        page = pattern.sub(b"", page)
    page = re.sub(rb"(<base [^>]*>)", lambda match: match[1] + HEAD, page, count=1)
    return page.replace(b"</gradio-app>", b"</gradio-app>" + _AFTER_APP, 1)


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    length = [] if status == 304 else [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*headers, *length]})
    await send({"type": "http.response.body", "body": body})
