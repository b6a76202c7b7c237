"""Keeps other web sites away from a server without login: host and origin checks, safe headers, the owner's cookie."""

from __future__ import annotations

import ipaddress
import re
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.errors import ApiError, error_answer, language_of
from api.lan.names import ENDINGS
from workbench.texts import Texts

OWNER_COOKIE = "roomtone_owner"
OWNER_AGE_S = 400 * 24 * 3600
_OWNER = re.compile(r"[A-Za-z0-9_-]{32}")
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^:\[\]/@\\\s]+)(?::(\d{1,5}))?")
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_PAGES = ("/live/", "/docs")
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True, slots=True)
class HostRule:
    """Which names a browser may call this server by.

    A page of another site can make its own name point here (DNS rebinding), so a name has to be known. ``names`` are
    lower case, without port; ``*`` allows all. ``addresses`` allows every numeric address, which no such page can have.
    """

    names: frozenset[str]
    addresses: bool = False

    @classmethod
    def for_bind(cls, host: str, more: Iterable[str] = (), everywhere: bool = False) -> HostRule:
        """Returns the rule of a server bound to ``host``, or to all of its machine's addresses (``everywhere``).

        Beyond loopback, numeric addresses and the machine's own name are allowed.
        """
        names = _LOOPBACK | {name.strip().lower() for name in more if name.strip()}
        if is_loopback(host) and not everywhere:
            return cls(names | {host.lower()})
        own = socket.gethostname().lower()
        short = own.partition(".")[0]
        return cls(names | {host.lower(), own, short, *(f"{short}.{end}" for end in ENDINGS)}, addresses=True)

    def allows(self, host: str | None) -> bool:
        """Tells whether a Host header (``name`` or ``name:port``) is one of ours."""
        match = _HOST.fullmatch(host or "")
        if match is None:
            return False
        name = match[1].strip("[]").lower().rstrip(".")
        return "*" in self.names or name in self.names or (self.addresses and _is_address(name))


def is_loopback(host: str | None) -> bool:
    """Tells whether an address or name is this machine itself."""
    if host is None:
        return False
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return host.lower() == "localhost"
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_loopback)


def refusal(rule: HostRule, scope: Scope) -> ApiError | None:
    """Returns why a request may not pass, None when it may.

    A browser names the Origin of every request that could change something from another page, and it must be ours.
    Without an Origin (scripts, curl), changes through /api need the header ``X-Roomtone: 1``: no foreign form has it.
    """
    headers = Headers(scope=scope)
    host = headers.get("host")
    if not rule.allows(host):
        return ApiError("host_not_allowed", status=403, host=(host or "")[:100])
    origin = headers.get("origin")
    changes = scope["type"] == "websocket" or scope["method"] not in _SAFE_METHODS
    preflight = not changes and "access-control-request-method" in headers
    if origin is not None and (changes or preflight):
        same = _same_site(origin, host or "", scope["scheme"] in ("https", "wss"))
        return None if same else ApiError("origin_not_allowed", status=403, origin=origin[:100])
    foreign = headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate"
    if foreign and (changes or _is_api(scope)):
        return ApiError("origin_not_allowed", status=403, origin="?")
    own_page = headers.get("sec-fetch-site") == "same-origin" or headers.get("x-roomtone") == "1"
    # No foreign form can show a key either.
    own_page = own_page or headers.get("authorization", "").lower().startswith("bearer rt-")
    if changes and _is_api(scope) and not own_page and scope["type"] == "http":
        return ApiError("header_missing", status=403)
    return None


def owner_of(request: HTTPConnection) -> str:
    """Returns the random name of the browser that asks; the machine is shared fairly between owners."""
    return str(request.scope["state"]["owner"])


class Safety:
    """Checks each request before anything else sees it and adds the headers that every answer carries."""

    def __init__(self, app: ASGIApp, rule: HostRule, texts: Texts) -> None:
        self._app = app
        self._rule = rule
        self._texts = texts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refused = refusal(self._rule, scope)
        if refused is not None:
            await self._refuse(refused, scope, receive, send)
            return
        known = HTTPConnection(scope).cookies.get(OWNER_COOKIE, "")
        owner = known if _OWNER.fullmatch(known) else secrets.token_urlsafe(24)
        scope.setdefault("state", {}).update(owner=owner, visited=owner == known)
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        gives_cookie = owner != known and _greets(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                _add_headers(headers, scope)
                if gives_cookie:
                    headers.append("set-cookie", _cookie(owner, scope["scheme"] == "https"))
            await send(message)

        await self._app(scope, receive, with_headers)

    async def _refuse(self, refused: ApiError, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": refused.code})
            return
        answer = error_answer(self._texts, language_of(Request(scope)), refused)
        _add_headers(answer.headers, scope)
        await answer(scope, receive, send)


def _add_headers(headers: MutableHeaders, scope: Scope) -> None:
    headers["x-content-type-options"] = "nosniff"
    headers.setdefault("referrer-policy", "same-origin")
    headers.setdefault("content-security-policy", "frame-ancestors 'self'")
    if _is_api(scope):
        headers.setdefault("cache-control", "no-store")
        headers.setdefault("cross-origin-resource-policy", "same-origin")


def _cookie(owner: str, secure: bool) -> str:
    end = "; Secure" if secure else ""
    return f"{OWNER_COOKIE}={owner}; Path=/; Max-Age={OWNER_AGE_S}; HttpOnly; SameSite=Lax{end}"


def _greets(scope: Scope) -> bool:
    """Tells whether an answer brings the cookie: pages do, and on this machine every answer of the interface.

    Elsewhere the cookie is what tells a page that goes on asking from a program without a key.
    """
    path: str = scope["path"]
    client = scope.get("client")
    return path == "/" or path.startswith(_PAGES) or (_is_api(scope) and is_loopback(client[0] if client else None))


def _is_api(scope: Scope) -> bool:
    path: str = scope["path"]
    return path.startswith("/api/")


def _same_site(origin: str, host: str, secure: bool) -> bool:
    """Compares names and ports. Behind a proxy that ends TLS, a page of ``https`` asks over plain HTTP.

    The other way round is refused: what comes over plain HTTP can have been changed on its way.
    """
    split = urlsplit(origin)
    if split.scheme not in (("https",) if secure else ("http", "https")):
        return False
    default = ":443" if split.scheme == "https" else ":80"
    return split.netloc.lower().removesuffix(default) == host.lower().removesuffix(default)


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
