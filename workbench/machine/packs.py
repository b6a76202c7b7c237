"""Packs of heavier capabilities: which there are, and installing one while the program runs."""

from __future__ import annotations

import json
import logging
import re
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from engines.environments import packages_of
from workbench.errors import JobError, NotFound
from workbench.settings import Settings

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PackView:
    """One pack as screens show it.

    ``size_mb`` is about what it takes on disk. ``tab`` is the screen that works with it, empty where this version has
    none. ``installing`` is ``{"progress", "step", "name"}`` while it is being installed, with progress from 0 to 1;
    ``error`` is ``{"code", "values"}`` of the last attempt if that failed.
    """

    name: str
    installed: bool
    size_mb: int
    tab: str = ""
    installing: dict[str, Any] | None = None
    error: dict[str, Any] | None = None


Start = Callable[[Sequence[str]], Iterable[str]]
"""Runs a command and yields the lines it prints, as they come."""
MARK = "pack-being-installed"
"""This file of the data folder names the pack that is being installed, and is left behind by a power cut."""
TORCH_MB = 800
"""What torch takes on disk, which every pack needs and the first one brings."""
COLLECTED = 0.7
"""The share of an installation that is over when everything is fetched."""
NEARLY = 0.97
"""The share that is shown at most: what is installed without its dependencies follows everything else, uncounted."""


class Packs:
    """The packs of ``pyproject.toml``; installs one at a time, in a process of its own.

    ``start`` runs the installer, ``is_installed`` tells of a distribution whether it is there (in this environment for
    None, else in the one whose packages are in that folder), ``free_mb`` how much room is left where a folder is.
    ``prefix`` is the environment of this process.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        start: Start | None = None,
        is_installed: Callable[[str, Path | None], bool] | None = None,
        free_mb: Callable[[Path], int] | None = None,
        prefix: str = sys.prefix,
    ) -> None:
        self._root = root
        self._settings = settings
        self._start = start or _run
        self._is_installed = is_installed or _is_installed
        self._free_mb = free_mb or _free_mb
        self.can_install = Path(prefix).resolve() == (root / ".venv").resolve()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._current: str | None = None
        self._progress: dict[str, Any] = {}
        self._errors = self._broken_off()

    def list(self) -> list[PackView]:
        """Returns every pack with its state."""
        packs = self._told()[1]
        with self._lock:
            current, progress, errors = self._current, dict(self._progress), dict(self._errors)
        return [
            PackView(
                name=name,
                installed=name != current and self._has(name),
                size_mb=told["size_mb"],
                tab=told["tab"],
                installing=progress if name == current else None,
                error=errors.get(name),
            )
            for name, told in packs.items()
        ]

    def install(self, name: str) -> None:
        """Starts to install a pack and returns at once.

        Raises NotFound, JobError ``pack_busy`` during another, ``pack_no_room`` rather than to fill the disk, or
        ``pack_elsewhere`` where set-up has not made the Python that runs.
        """
        if name not in self._told()[1]:
            raise NotFound("pack_unknown", name=name)
        if not self.can_install:
            raise JobError("pack_elsewhere")
        need_mb, free_mb = self._need_mb(name), self._free_mb(self._root)
        with self._lock:
            if self._current == name:
                return
            if self._current is not None:
                raise JobError("pack_busy", name=self._current)
            if free_mb < need_mb:
                raise JobError("pack_no_room", status=507, need=need_mb, free=free_mb, folder=str(self._root))
            self._current = name
            self._progress = {"progress": None, "step": "", "name": ""}
            self._errors.pop(name, None)
            self._thread = threading.Thread(target=self._install, args=(name, need_mb), name="packs", daemon=True)
            self._thread.start()

    def wait(self, timeout_s: float | None = None) -> None:
        """Waits until nothing is being installed."""
        thread = self._thread
        if thread is not None:
            thread.join(timeout_s)

    def _install(self, name: str, need_mb: int) -> None:
        error: dict[str, Any] | None = {"code": "pack_failed", "values": {"why": "?"}}
        mark = self._settings.data / MARK
        try:
            with suppress(OSError):
                mark.write_text(name, encoding="utf-8")
            error = self._follow(self._start(self._command(name)))
            with suppress(OSError):
                mark.unlink(missing_ok=True)
        except OSError as problem:
            error = {"code": "pack_failed", "values": {"why": str(problem)}}
        finally:
            if error is not None:
                error["values"]["need"] = need_mb
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
                with self._lock:
                    reached = max(self._progress["progress"] or 0.0, min(_share(told), NEARLY))
                    self._progress = {"progress": round(reached, 4), "step": told["step"], "name": told["name"]}
        return None if done else {"code": "pack_broken_off", "values": {}}

    def _broken_off(self) -> dict[str, dict[str, Any]]:
        try:
            name = (self._settings.data / MARK).read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            return {}
        if name not in self._told()[1] or self._has(name):
            return {}
        return {name: {"code": "pack_broken_off", "values": {}}}

    def _has(self, name: str) -> bool:
        environment = self._told()[1][name].get("environment")
        place = packages_of(environment, self._root) if environment else None
        if environment and place is None:
            return False
        return all(self._is_installed(part, place) for part in self._parts(name))

    def _need_mb(self, name: str) -> int:
        told = self._told()[1][name]
        torch = [part for part in self._parts(name) if part.startswith("torch==") and "environment" not in told]
        return int(told["size_mb"]) - sum(TORCH_MB for part in torch if self._is_installed(part, None))

    def _parts(self, name: str) -> Sequence[str]:
        """Returns the requirements of a pack; what these need is there as soon as they are."""
        project, packs = self._told()
        return [*project[name], *packs[name]["no_deps"]]

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


def _share(told: Mapping[str, Any]) -> float:
    """Returns how much of an installation is over, from 0 to 1, when a step of it is where the installer says."""
    share = min(told["done"] / told["total"], 1.0) if told["total"] else 0.0
    return COLLECTED * share if told["step"] == "step_collect" else COLLECTED + (1 - COLLECTED) * share


def _free_mb(folder: Path) -> int:
    return shutil.disk_usage(folder).free // 1_000_000


def _is_installed(requirement: str, place: Path | None) -> bool:
    name = re.split(r"[^\w.-]", requirement)[0]
    there = metadata.distributions(name=name, path=sys.path if place is None else [str(place)])
    # The list of its files is written last: without it the installation was broken off.
    return any(found.read_text("RECORD") is not None for found in there)


def _run(command: Sequence[str]) -> Iterable[str]:
    with subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, encoding="utf-8"
    ) as running:
        assert running.stdout is not None
        yield from running.stdout
