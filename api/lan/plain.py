"""What other computers may ask for without HTTPS: the page that tells how to get it, and nothing else."""

from __future__ import annotations

from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from api.errors import ApiError, error_answer, language_of
from api.safety import is_loopback
from workbench.texts import Texts

CONNECT = "/connect"


def may_be_plain(scope: Scope) -> bool:
    """Tells whether a request may pass: over TLS, from this machine itself, or for what has no secrets in it."""
    if scope["type"] not in ("http", "websocket") or scope["scheme"] in ("https", "wss"):
        return True
    if is_loopback(scope["client"][0] if scope.get("client") else None):
        return True
    path: str = scope["path"]
    harmless = path in (CONNECT, "/health") or path.startswith(CONNECT + "/")
    return scope["type"] == "http" and harmless and scope["method"] in ("GET", "HEAD")


class PlainGuard:
    """ASGI middleware around everything: leads people to ``/connect`` and refuses programs with a sentence."""

    def __init__(self, app: ASGIApp, texts: Texts) -> None:
        self._app = app
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if may_be_plain(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "https_only"})
        elif scope["method"] in ("GET", "HEAD") and not scope["path"].startswith("/api/"):
            wanted = scope["path"] + ("?" + scope["query_string"].decode("latin-1") if scope["query_string"] else "")
            to = "" if wanted == "/" else "?to=" + quote(wanted, safe="/")
            answer = RedirectResponse(CONNECT + to, 307, {"cache-control": "no-store"})
            await answer(scope, receive, send)
        else:
            refused = ApiError("https_only", status=403)
            told = error_answer(self._texts, language_of(Request(scope)), refused, {"cache-control": "no-store"})
            await told(scope, receive, send)
