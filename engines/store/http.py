"""Fetches files over HTTP with resume, progress, proxies and the machine's certificates."""

from __future__ import annotations

import http.client
import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

from engines.errors import Stopped
from engines.store.failure import CUT_SHORT, NO_ADDRESS, SourceFailed, is_no_room, no_room, of_web

BLOCK = 1 << 18
AGENT = "roomtone"
_WEB_ERRORS = (urllib.error.URLError, http.client.HTTPException, OSError)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a silent connection is waited for, and how often a broken transfer is taken up again without
    progress."""

    silent_s: float = 20.0
    tries: int = 5
    pause_s: float = 1.0


@dataclass(frozen=True, slots=True)
class Answer:
    """Status and headers of a request for the head of a file; ``url`` is where redirects led."""

    status: int
    headers: Message
    url: str


@dataclass(frozen=True, slots=True)
class Trust:
    """Certificates and proxy; without them the environment and the machine's own settings hold."""

    cafile: str | None = None
    client_cert: str | None = None
    proxy: str | None = None
    unchecked_hosts: tuple[str, ...] = ()


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Web:
    """Opens addresses; ``tokens`` are Authorization headers by host, never sent on to where a redirect leads."""

    patience: Patience = Patience()
    trust: Trust = Trust()
    tokens: Mapping[str, str] = field(default_factory=dict)
    # Reading the machine's certificates takes a tenth of a second: once for checked and once for unchecked hosts.
    _contexts: dict[bool, ssl.SSLContext] = field(default_factory=dict, init=False, repr=False, compare=False)

    def get(self, url: str, headers: Mapping[str, str] | None = None, timeout_s: float | None = None) -> Any:
        """Opens an address and follows redirects; raises SourceFailed. The caller closes the response."""
        try:
            return self._opener(url).open(self._request(url, headers), timeout=timeout_s or self.patience.silent_s)
        except _WEB_ERRORS as error:
            if isinstance(error, urllib.error.HTTPError):
                error.close()
            raise of_web(place_of(url), error) from error

    def read(self, url: str, headers: Mapping[str, str] | None = None, limit: int = 1 << 25) -> tuple[bytes, str, str]:
        """Returns the body (at most ``limit`` bytes), its media type and its final address; raises SourceFailed."""
        try:
            with self.get(url, headers) as response:
                return response.read(limit), response.headers.get_content_type(), response.url
        except _WEB_ERRORS as error:
            raise of_web(place_of(url), error) from error

    def head(self, url: str, timeout_s: float | None = None) -> Answer:
        """Asks for the head of a file without following redirects; raises SourceFailed for 4xx and 5xx."""
        request = self._request(url, {"Accept-Encoding": "identity"})
        request.method = "HEAD"
        try:
            with self._opener(url, _Stay()).open(request, timeout=timeout_s or self.patience.silent_s) as response:
                return Answer(response.status, response.headers, url)
        except urllib.error.HTTPError as error:
            with error:
                if 300 <= error.code < 400:
                    return Answer(error.code, error.headers, url)
            raise of_web(place_of(url), error) from error
        except _WEB_ERRORS as error:
            raise of_web(place_of(url), error) from error

    def _request(self, url: str, headers: Mapping[str, str] | None) -> urllib.request.Request:
        if urlsplit(url).scheme not in ("http", "https"):
            raise SourceFailed(place_of(url), NO_ADDRESS)
        request = urllib.request.Request(url, headers={"User-Agent": AGENT, **(headers or {})})
        token = self.tokens.get(urlsplit(url).netloc)
        if token:
            # An unredirected header stays with this host: downloads end at a storage provider with a signed address.
            request.add_unredirected_header("Authorization", token)
        return request

    def _opener(self, url: str, *handlers: urllib.request.BaseHandler) -> urllib.request.OpenerDirector:
        proxy = self.trust.proxy
        proxies = urllib.request.ProxyHandler({"http": proxy, "https": proxy} if proxy else None)
        return urllib.request.build_opener(proxies, urllib.request.HTTPSHandler(context=self._context(url)), *handlers)

    def _context(self, url: str) -> ssl.SSLContext:
        parts = urlsplit(url)
        checked = parts.hostname not in self.trust.unchecked_hosts and parts.netloc not in self.trust.unchecked_hosts
        if checked not in self._contexts:
            self._contexts[checked] = _context(self.trust) if checked else ssl._create_unverified_context()
        return self._contexts[checked]


@dataclass(frozen=True, slots=True)
class Transfer:
    """One file on its way: where from, where to, its size in bytes where known, and who is told or may stop it.

    ``told`` gets the bytes that lie on disk and the size of the whole (None while unknown).
    """

    url: str
    part: Path
    size: int | None
    told: Callable[[int, int | None], None]
    should_stop: Callable[[], bool]


def download(web: Web, transfer: Transfer) -> None:
    """Brings a file to ``transfer.part``, going on where an earlier try ended.

    Broken connections and busy servers are tried again ``patience.tries`` times, counted anew after each MiB that
    arrived. Raises SourceFailed (what is there stays for the next time), Stopped, or EngineError ``disk_full``.
    """
    failures = 0
    while True:
        before = _size(transfer.part)
        try:
            return _once(web, transfer)
        except SourceFailed as error:
            failures = 1 if _size(transfer.part) - before >= BLOCK else failures + 1
            if error.lasting or failures >= web.patience.tries:
                raise
            _pause(web.patience.pause_s * 2 ** (failures - 1), transfer.should_stop)


def place_of(url: str) -> str:
    """Returns the host of an address, without a password that may stand in it."""
    parts = urlsplit(url)
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.hostname}{port}" if parts.hostname else parts.path or url


def _once(web: Web, transfer: Transfer) -> None:
    start = _size(transfer.part)
    if transfer.size is not None and start > transfer.size:
        transfer.part.unlink()
        start = 0
    if transfer.size is not None and start == transfer.size:
        return transfer.told(start, transfer.size)
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={start}-"} if start else {})
    try:
        response = web.get(transfer.url, headers)
    except SourceFailed as error:
        if error.reason == "HTTP 416":
            # The server has less than what lies here: that was another file.
            transfer.part.unlink(missing_ok=True)
            raise SourceFailed(error.place, CUT_SHORT, lasting=False) from error
        raise
    with response:
        if start and not _continues(response, start):
            start = 0
        length = response.headers.get("Content-Length")
        total = start + int(length) if length and length.isdigit() else transfer.size
        _check_room(transfer.part, (total or 0) - start)
        done = _write(response, transfer, start, total)
    if total is not None and done != total:
        raise SourceFailed(place_of(transfer.url), CUT_SHORT, lasting=False)


def _continues(response: Any, start: int) -> bool:
    return response.status == 206 and str(response.headers.get("Content-Range", "")).startswith(f"bytes {start}-")


def _write(response: Any, transfer: Transfer, start: int, total: int | None) -> int:
    done = start
    with _opened(transfer.part, start) as file:
        while True:
            if transfer.should_stop():
                raise Stopped()
            try:
                block = response.read(BLOCK)
            except (http.client.HTTPException, OSError) as error:
                raise _broken(transfer.url, error) from error
            if not block:
                return done
            try:
                file.write(block)
                file.flush()
            except OSError as error:
                raise (no_room(transfer.part.parent, (total or 0) - done) if is_no_room(error) else error) from error
            done += len(block)
            transfer.told(done, total)


def _opened(part: Path, start: int) -> IO[bytes]:
    part.parent.mkdir(parents=True, exist_ok=True)
    return part.open("ab" if start else "wb")


def _broken(url: str, error: Exception) -> SourceFailed:
    failed = of_web(place_of(url), error)
    return SourceFailed(failed.place, failed.reason, lasting=False)


def _check_room(part: Path, need: int) -> None:
    folder = part.parent
    folder.mkdir(parents=True, exist_ok=True)
    refused = no_room(folder, need)
    free_mib = refused.values["free_mib"]
    if isinstance(free_mib, int) and need // 2**20 >= free_mib:
        raise refused


def _context(trust: Trust) -> ssl.SSLContext:
    named = trust.cafile or os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    context = ssl.create_default_context(cafile=named if named and Path(named).is_file() else None)
    if not context.cert_store_stats()["x509_ca"]:
        _add_bundled_certificates(context)
    if trust.client_cert:
        context.load_cert_chain(trust.client_cert)
    return context


def _add_bundled_certificates(context: ssl.SSLContext) -> None:
    # Some builds of Python find no certificates of the machine; certifi comes with what gradio needs.
    try:
        import certifi
    except ImportError:
        return
    context.load_verify_locations(certifi.where())


def _pause(seconds: float, should_stop: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        if should_stop():
            raise Stopped()
        time.sleep(min(0.2, left))


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
