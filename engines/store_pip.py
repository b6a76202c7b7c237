"""What pip is told on this machine: its index, mirrors, certificate, proxy and folders of packages."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from engines.store_http import Trust

PYPI = "https://pypi.org/simple"
ASK_TIMEOUT_S = 20.0
_SECTIONS = ("global", "download", ":env:")
"""In pip's own order: a later one wins."""


@dataclass(frozen=True, slots=True)
class PipSettings:
    """Indexes in the order they are asked, folders or pages with packages, and how to connect."""

    indexes: tuple[str, ...] = (PYPI,)
    find_links: tuple[str, ...] = ()
    trust: Trust = Trust()

    def with_mirror(self, mirror: str | None) -> PipSettings:
        """Returns the settings with another main index; further indexes and folders stay."""
        if not mirror:
            return self
        return replace(self, indexes=(mirror.rstrip("/"), *(url for url in self.indexes[1:] if url != mirror)))


def ask_pip(python: str = sys.executable) -> PipSettings:
    """Asks pip for its settings, which merges its files and ``PIP_*``; without pip only ``PIP_*`` counts."""
    try:
        told = subprocess.run(
            [python, "-m", "pip", "--disable-pip-version-check", "config", "list"],
            capture_output=True, text=True, timeout=ASK_TIMEOUT_S, stdin=subprocess.DEVNULL, check=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return parse(_from_environment(os.environ))
    return parse(told.splitlines())


def parse(lines: Iterable[str]) -> PipSettings:
    """Reads the lines of ``pip config list``: ``section.key='value'``."""
    found: dict[str, str] = {}
    ranked: dict[str, int] = {}
    for line in lines:
        name, _, value = line.partition("=")
        section, _, key = name.strip().rpartition(".")
        key = key.replace("_", "-").lower()
        if section in _SECTIONS and _SECTIONS.index(section) >= ranked.get(key, 0):
            found[key], ranked[key] = _unquoted(value.strip()), _SECTIONS.index(section)
    main = () if found.get("no-index", "").lower() in ("1", "true", "yes", "on") else (found.get("index-url", PYPI),)
    extra = tuple(found.get("extra-index-url", "").split()) if main else ()
    return PipSettings(
        indexes=tuple(url.rstrip("/") for url in (*main, *extra)),
        find_links=tuple(found.get("find-links", "").split()),
        trust=Trust(
            cafile=found.get("cert") or None,
            client_cert=found.get("client-cert") or None,
            proxy=found.get("proxy") or None,
            unchecked_hosts=tuple(found.get("trusted-host", "").split()),
        ),
    )


def _from_environment(env: Mapping[str, str]) -> list[str]:
    return [f":env:.{name[4:].lower()}={value!r}" for name, value in env.items() if name.startswith("PIP_")]


def _unquoted(value: str) -> str:
    try:
        return str(ast.literal_eval(value))
    except (ValueError, SyntaxError):
        return value
