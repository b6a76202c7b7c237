"""The registry of npm as another store of data files: some voices are published there and on no package index."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from engines.store.failure import NOT_THERE, SourceFailed
from engines.store.http import Web, place_of

PUBLIC = "https://registry.npmjs.org"
PREFIX = "npm:"
"""Stands before the name of a package that lies there."""
_SETTING = re.compile(r"^\s*registry\s*=\s*[\"']?([^\s\"']+)", re.MULTILINE)


def registry(env: Mapping[str, str], home: Path, mirrored: bool) -> str | None:
    """Returns the address that npm itself would ask.

    None where an office has a mirror of its package index and none of npm's: it wants nothing fetched from elsewhere.
    """
    named = env.get("npm_config_registry") or env.get("NPM_CONFIG_REGISTRY") or _written(home / ".npmrc")
    if named:
        return named.rstrip("/")
    return None if mirrored else PUBLIC


def locate(web: Web, address: str | None, package: str, version: str) -> tuple[str, str]:
    """Returns address and file name of one version's archive; ``package`` has ``PREFIX``. Raises SourceFailed.

    What it holds is checked file by file by the catalog's hashes, so npm's own checksum is not needed.
    """
    name = package.removeprefix(PREFIX)
    if address is None:
        raise SourceFailed("npm", NOT_THERE)
    body, _, _ = web.read(f"{address}/{quote(name, safe='@/')}/{quote(version)}", {"Accept": "application/json"})
    try:
        told = json.loads(body)
        url = str(told["dist"]["tarball"])
    except (ValueError, KeyError, TypeError) as error:
        raise SourceFailed(place_of(address), NOT_THERE) from error
    if not url.startswith(("https://", "http://")) or told.get("version") != version:
        raise SourceFailed(place_of(address), NOT_THERE)
    return (url, f"{name.replace('/', '-').lstrip('@')}-{version}.tar.gz")


def _written(path: Path) -> str | None:
    try:
        found = _SETTING.search(path.read_text(encoding="utf-8", errors="replace"))
    except OSError:
        return None
    return found[1] if found else None
