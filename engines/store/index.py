"""A package index as a store of data files: finds the archives of pinned packages (PEP 503 and PEP 691)."""

from __future__ import annotations

import base64
import json
import netrc
import re
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit
from urllib.request import url2pathname

from engines.store import npm
from engines.store.checksum import Checksum
from engines.store.failure import NOT_THERE, SourceFailed
from engines.store.http import Web, place_of
from engines.store.pip import PipSettings

ACCEPT = "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1"
_ARCHIVES = (".whl", ".tar.gz", ".zip")
"""From the most to the least wanted."""


@dataclass(frozen=True, slots=True)
class Archive:
    """One archive of a package: an address or (``file:``) a path, with its size and checksum where the index states
    them."""

    url: str
    filename: str
    size: int | None = None
    checksum: Checksum | None = None

    @property
    def path(self) -> Path | None:
        """The file on this machine, None where it has to be fetched."""
        return _local(self.url)


@dataclass(frozen=True, slots=True)
class Index:
    """The indexes and folders that pip would ask; ``npm`` is the address of npm's registry, None: it is not asked."""

    web: Web
    settings: PipSettings
    npm: str | None = None

    @property
    def place(self) -> str:
        """The first index's host, as a person knows it."""
        first = next(iter((*self.settings.indexes, *self.settings.find_links)), "")
        return place_of(first) if first else "package index"

    def find(self, package: str, version: str) -> Archive:
        """Returns the archive of one version, from folders first; raises SourceFailed with what kept one from it."""
        if package.startswith(npm.PREFIX):
            return Archive(*npm.locate(self.web, self.npm, package, version))
        failed = SourceFailed(self.place, NOT_THERE)
        for page in (*self.settings.find_links, *(f"{url}/{normalized(package)}/" for url in self.settings.indexes)):
            try:
                best = choose(self._links(page), package, version)
            except SourceFailed as error:
                # That one index refuses says more than that another one does not have it.
                failed = error if failed.reason == NOT_THERE else failed
                continue
            if best is not None:
                return best
        raise failed

    def _links(self, page: str) -> list[Archive]:
        folder = _local(page)
        if folder is not None:
            return _in_folder(folder)
        body, kind, url = self.web.read(_without_password(page), {"Accept": ACCEPT})
        return _from_json(body, url) if kind.endswith("json") else _from_html(body, url)


def passwords(settings: PipSettings, netrc_file: Path) -> dict[str, str]:
    """Returns Authorization headers by host: from ``user:password@`` in an index's address, else from netrc as pip
    does.

    They go with every request to that host and with none that a redirect leads to.
    """
    known = _netrc(netrc_file)
    found: dict[str, str] = {}
    for url in (*settings.indexes, *settings.find_links):
        parts = urlsplit(url)
        pair = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        if pair is None and known is not None and parts.hostname:
            entry = known.authenticators(parts.hostname)
            pair = (entry[0], entry[2] or "") if entry else None
        if pair is not None:
            encoded = base64.b64encode(":".join(pair).encode()).decode()
            found[parts.netloc.rpartition("@")[2]] = f"Basic {encoded}"
    return found


def _netrc(path: Path) -> netrc.netrc | None:
    try:
        return netrc.netrc(str(path))
    except (OSError, netrc.NetrcParseError):
        return None


def normalized(package: str) -> str:
    """Returns a package's name as PEP 503 writes it."""
    return re.sub(r"[-_.]+", "-", package).lower()


def choose(archives: Iterable[Archive], package: str, version: str) -> Archive | None:
    """Returns the archive of exactly that version, wheels before source archives.

    Behind the version the ending of a kind of archive may stand, then it is that one: ``1.0.tar.gz``.
    """
    kinds = tuple(suffix for suffix in _ARCHIVES if version.endswith(suffix)) or _ARCHIVES
    if kinds != _ARCHIVES:
        version = version.removesuffix(kinds[0])
    ranked: list[tuple[int, Archive]] = []
    for archive in archives:
        suffix = next((suffix for suffix in kinds if archive.filename.endswith(suffix)), None)
        if suffix is None:
            continue
        stem = archive.filename.removesuffix(suffix)
        # A wheel's name goes on after the version; a source archive's name may hold dashes before it.
        name, _, found = stem.rpartition("-") if suffix != ".whl" else _wheel(stem)
        if normalized(name) == normalized(package) and found == version:
            ranked.append((_ARCHIVES.index(suffix), archive))
    return min(ranked, key=lambda pair: pair[0])[1] if ranked else None


def _wheel(stem: str) -> tuple[str, str, str]:
    parts = stem.split("-")
    return (parts[0], "-", parts[1]) if len(parts) >= 5 else ("", "", "")


def _from_json(body: bytes, url: str) -> list[Archive]:
    try:
        files: list[dict[str, Any]] = json.loads(body)["files"]
        return [
            Archive(
                urljoin(url, item["url"]),
                item["filename"],
                item.get("size"),
                _sha256(item.get("hashes", {}).get("sha256")),
            )
            for item in files
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceFailed(place_of(url), NOT_THERE) from error


class _Anchors(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.targets: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        target = dict(attrs).get("href")
        if tag == "a" and target:
            self.targets.append(target)


def _from_html(body: bytes, url: str) -> list[Archive]:
    anchors = _Anchors()
    anchors.feed(body.decode("utf-8", "replace"))
    found = []
    for target in anchors.targets:
        address, fragment = urldefrag(urljoin(url, target))
        stated = _sha256(fragment.removeprefix("sha256=") if fragment.startswith("sha256=") else None)
        found.append(Archive(address, unquote(urlsplit(address).path.rsplit("/", 1)[-1]), None, stated))
    return found


def _in_folder(folder: Path) -> list[Archive]:
    if (folder / "index.html").is_file():
        return _from_html((folder / "index.html").read_bytes(), folder.as_uri() + "/")
    try:
        names = sorted(path for path in folder.iterdir() if path.name.endswith(_ARCHIVES))
    except OSError as error:
        raise SourceFailed(str(folder), NOT_THERE) from error
    return [Archive(path.resolve().as_uri(), path.name, path.stat().st_size) for path in names]


def _local(url: str) -> Path | None:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Path(url2pathname(parts.path))
    return None if parts.scheme in ("http", "https") else Path(url).expanduser().absolute()


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def _sha256(text: str | None) -> Checksum | None:
    return Checksum("sha256", text.lower()) if text and re.fullmatch(r"[0-9a-fA-F]{64}", text) else None
