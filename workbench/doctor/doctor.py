"""Makes the whole round: every check, each of which may fail without taking the others along."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from workbench.doctor import cuda, fixes, machine, program
from workbench.doctor.finding import Finding
from workbench.history import health as history_health
from workbench.settings import Settings

log = logging.getLogger(__name__)
Check = Callable[[], list[Finding]]


class Doctor:
    """Examines one installation: the program at ``root`` with its settings.

    Inside the server, ``serving`` is true, and a clock that is set while it runs is noticed, as the doctor is made
    at the start. ``clock`` is the wall clock, ``steady`` one that nobody can set, both in seconds.
    """

    def __init__(
        self,
        root: Path,
        settings: Settings,
        serving: bool = False,
        clock: Callable[[], float] = time.time,
        steady: Callable[[], float] = machine.steady,
    ) -> None:
        self._root = root
        self._settings = settings
        self._serving = serving
        self._clock = clock
        self._steady = steady
        self._began = clock() - steady()

    @property
    def root(self) -> Path:
        """Where the program lies."""
        return self._root

    @property
    def settings(self) -> Settings:
        """The settings that it runs with."""
        return self._settings

    def examine(self, thorough: bool = False, tell: Callable[[str], None] = lambda title: None) -> list[Finding]:
        """Returns all findings; ``thorough`` also reads every byte of the models, ``tell`` is given their titles."""
        found: list[Finding] = []
        for name, check in self._checks(thorough, tell):
            try:
                found += check()
            except Exception as error:
                log.warning("the check %s failed: %s", name, type(error).__name__)
                found.append(Finding(name, "check_failed", "note", {"check": name, "kind": type(error).__name__}))
        return found

    def mend(self, name: str) -> int:
        """Does what a button says; returns how many things were put right. Raises KeyError for an unknown one."""
        return fixes.FIXES[name](self._settings.data, self._clock())

    def _checks(self, thorough: bool, tell: Callable[[str], None]) -> Iterator[tuple[str, Check]]:
        settings, data = self._settings, self._settings.data
        now, reach = self._clock(), "0.0.0.0" if settings.lan else settings.host
        yield "gpu", self._gpu
        yield "packages", self._packages
        yield "access", lambda: [program.writable(data)]
        yield "disk", lambda: self._disk(data)
        yield "memory", lambda: [machine.ram(*machine.ram_now())]
        yield "models", lambda: self._models(thorough, tell)
        yield "history", lambda: [program.history(history_health.whole(data / "history.db"))]
        yield "clock", lambda: [self._clock_finding(now), machine.times(machine.files_of(data), now)]
        yield "port", lambda: [machine.port(settings.host, settings.port, self._serving or self._served())]
        yield "certificate", lambda: program.certificates(data / "certificates", reach, now)

    def _gpu(self) -> list[Finding]:
        told = cuda.driver_of()
        found = [cuda.driver(told, cuda.cards_in())]
        folders = program.environment(self._root)
        library = cuda.speech_library(folders)
        if told.state == "works" and told.n_gpus and library is not None:
            found.append(cuda.libraries(cuda.needed_by(library), lambda name: cuda.opens(name, folders)))
        return found

    def _packages(self) -> list[Finding]:
        lock = (self._root / "requirements.lock").read_text(encoding="utf-8")
        there = program.installed(program.environment(self._root))
        return [program.python(tuple(sys.version_info[:3])), program.packages(program.locked(lock), there)]

    def _disk(self, data: Path) -> list[Finding]:
        shared = machine.shared_disk(data.absolute(), machine.mounts())
        return [machine.disk_of(data), *([shared] if shared else [])]

    def _models(self, thorough: bool, tell: Callable[[str], None]) -> list[Finding]:
        from engines import catalog
        from engines.store.store import Store
        from workbench.doctor.models import models

        settings = self._settings
        store = Store(settings.data / "models", settings.model_folders, offline=True)
        return models(store, catalog.MODELS, thorough, tell)

    def _clock_finding(self, now: float) -> Finding:
        moved = now - self._steady() - self._began if self._serving else None
        return machine.clock(now, moved)

    def _served(self) -> bool:
        """Tells whether a server of this data folder listens on the port, as the folder's lock says."""
        return holder(self._settings.data).endswith(f":{self._settings.port}")


def holder(data: Path) -> str:
    """Returns the address of the server that has the data folder, empty where none has."""
    from workbench.errors import DataInUse
    from workbench.lock import DataLock

    if not (data / "server.lock").exists():
        return ""
    lock = DataLock(data)
    try:
        told: Any = json.loads((data / "server.lock").read_text(encoding="utf-8") or "{}")
        lock.take(str(told.get("address", "")))
    except DataInUse as error:
        return str(error.values.get("address", ""))
    except (OSError, ValueError, AttributeError):
        return ""
    lock.release()
    return ""
