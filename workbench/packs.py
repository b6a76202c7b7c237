"""Packs of heavier capabilities: which there are, and installing one while the program runs."""

from __future__ import annotations

import json
import logging
import re
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench.errors import JobError, NotFound
from workbench.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackView:
    """One pack as screens show it.

    ``size_mb`` is about what it takes on disk. ``installing`` is ``{"progress", "step", "name"}`` while it is being
    installed, with progress from 0 to 1; ``error`` is ``{"code", "values"}`` of the last attempt if that failed.
    """

    name: str
    installed: bool
    size_mb: int
    installing: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


Start = Callable[[Sequence[str]], Iterable[str]]
"""Runs a command and yields the lines it prints, as they come."""


class Packs:
    """The packs of ``pyproject.toml``; installs one at a time, in a process of its own.

    ``start`` runs the installer, ``is_installed`` tells of a distribution whether it is there.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        start: Start | None = None,
        is_installed: Callable[[str], bool] | None = None,
    ) -> None:
        self._root = root
        self._settings = settings
        self._start = start or _run
        self._is_installed = is_installed or _is_installed
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._current: str | None = None
        self._progress: dict[str, Any] = {}
        self._errors: dict[str, dict[str, Any]] = {}

    def list(self) -> list[PackView]:
        """Returns every pack with its state."""
        project, sizes = self._told()
        with self._lock:
            current, progress, errors = self._current, dict(self._progress), dict(self._errors)
        return [
            PackView(
                name=name,
                installed=name != current and all(map(self._is_installed, [*project[name], *told["no_deps"]])),
                size_mb=told["size_mb"],
                installing=progress if name == current else None,
                error=errors.get(name),
            )
            for name, told in sizes.items()
        ]

    def install(self, name: str) -> None:
        """Starts to install a pack and returns at once; raises NotFound, or JobError ``pack_busy`` during another."""
        if name not in self._told()[1]:
            raise NotFound("pack_unknown", name=name)
        with self._lock:
            if self._current == name:
                return
            if self._current is not None:
                raise JobError("pack_busy", name=self._current)
            self._current = name
            self._progress = {"progress": None, "step": "", "name": ""}
            self._errors.pop(name, None)
            self._thread = threading.Thread(target=self._install, args=(name,), name="packs", daemon=True)
            self._thread.start()

    def wait(self, timeout_s: float | None = None) -> None:
        """Waits until nothing is being installed."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def _install(self, name: str) -> None:
        error: dict[str, Any] | None = {"code": "pack_failed", "values": {"why": "?"}}
        try:
            error = self._follow(self._start(self._command(name)))
        except OSError as problem:
            error = {"code": "pack_failed", "values": {"why": str(problem)}}
        finally:
            with self._lock:
                self._current = None
                if error is not None:
                    self._errors[name] = error
            log.info("pack %s: %s", name, error or "installed")

    def _follow(self, lines: Iterable[str]) -> dict[str, Any] | None:
        done = False
        for line in lines:
            try:
                told = json.loads(line)
            except ValueError:
                log.warning("installer: %s", line)
                continue
            if "error" in told:
                return {"code": f"pack_{told['error']}", "values": told["values"]}
            done = bool(told.get("end"))
            if not done:
                share = told["done"] / told["total"] if told["total"] else None
                with self._lock:
                    self._progress = {"progress": share, "step": told["step"], "name": told["name"]}
        return None if done else {"code": "pack_failed", "values": {"why": "the installer ended early"}}

    def _command(self, name: str) -> Sequence[str]:
        command = [sys.executable, str(self._root / "bootstrap.py"), name, "--json"]
        if self._settings.offline:
            command.append("--offline")
        if self._settings.index_mirror:
            command += ["--index", self._settings.index_mirror]
        return command

    def _told(self) -> tuple[Mapping[str, Sequence[str]], Mapping[str, Mapping[str, Any]]]:
        told = tomllib.loads((self._root / "pyproject.toml").read_text(encoding="utf-8"))
        return told["project"]["optional-dependencies"], told["tool"]["roomtone"]["packs"]


def _is_installed(requirement: str) -> bool:
    name = re.split(r"[^\w.-]", requirement)[0]
    try:
        metadata.distribution(name)
    except metadata.PackageNotFoundError:
        return False
    return True


def _run(command: Sequence[str]) -> Iterable[str]:
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as running:
        assert running.stdout is not None
        yield from running.stdout
