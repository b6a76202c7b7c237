"""Packs: their list, and installing one with progress."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from media.errors import WorkbenchError
from workbench.packs import Packs, PackView
from workbench.settings import Settings


class Installer:
    """Stands in for the installer's process: yields what it is given, and waits where the test says so."""

    def __init__(self, *told: dict[str, Any] | str) -> None:
        self.told = told
        self.commands: list[Sequence[str]] = []
        self.may_end = threading.Event()
        self.has_shown = threading.Event()

    def __call__(self, command: Sequence[str]) -> Iterable[str]:
        self.commands.append(command)
        for line in self.told[:-1]:
            yield line if isinstance(line, str) else json.dumps(line)
        self.has_shown.set()
        assert self.may_end.wait(10)
        for line in self.told[-1:]:
            yield line if isinstance(line, str) else json.dumps(line)


def step(done: int, total: int) -> dict[str, Any]:
    return {"step": "fetching", "done": done, "total": total, "name": "torch"}


def packs_with(
    root: Path, installer: Installer, installed: set[str] | None = None, settings: Settings | None = None
) -> Packs:
    known = installed if installed is not None else set()
    return Packs(root, settings or Settings(data=root / "data"), installer, lambda name: name in known)


def view(packs: Packs, name: str) -> PackView:
    return next(view for view in packs.list() if view.name == name)


def test_all_packs_are_listed_with_their_size(root: Path) -> None:
    views = packs_with(root, Installer()).list()
    assert [view.name for view in views] == ["speakers", "restore", "text", "video"]
    assert all(view.size_mb > 100 and not view.installed for view in views)


def test_a_pack_is_installed_when_all_its_packages_are(root: Path) -> None:
    installed = {"torch==2.13.0", "setuptools", "wheel"}
    packs = packs_with(root, Installer(), installed)
    assert not view(packs, "video").installed
    installed.add("basicsr==1.4.2")
    assert view(packs, "video").installed


def test_installing_shows_how_far_it_is_and_ends_without_an_error(root: Path) -> None:
    installer = Installer("a line that is no JSON", step(1, 4), {"end": True})
    packs = packs_with(root, installer)
    packs.install("speakers")
    assert installer.has_shown.wait(10)
    assert view(packs, "speakers").installing == {"progress": 0.25, "step": "fetching", "name": "torch"}
    packs.install("speakers")
    installer.may_end.set()
    packs.wait(10)
    assert (view(packs, "speakers").installing, view(packs, "speakers").error) == (None, None)
    assert len(installer.commands) == 1


def test_one_pack_at_a_time(root: Path) -> None:
    installer = Installer({"end": True})
    packs = packs_with(root, installer)
    packs.install("speakers")
    with pytest.raises(WorkbenchError) as refused:
        packs.install("text")
    assert (refused.value.code, refused.value.values) == ("pack_busy", {"name": "speakers"})
    installer.may_end.set()
    packs.wait(10)


def test_what_went_wrong_is_kept_until_the_next_attempt(root: Path) -> None:
    installer = Installer({"error": "no_network", "values": {"why": "x"}})
    installer.may_end.set()
    packs = packs_with(root, installer)
    packs.install("text")
    packs.wait(10)
    assert view(packs, "text").error == {"code": "pack_no_network", "values": {"why": "x"}}


def test_an_installer_that_dies_is_an_error(root: Path) -> None:
    installer = Installer(step(1, 4))
    installer.may_end.set()
    packs = packs_with(root, installer)
    packs.install("text")
    packs.wait(10)
    told = view(packs, "text").error
    assert told is not None
    assert told["code"] == "pack_failed"


def test_a_pack_that_does_not_exist_is_refused(root: Path) -> None:
    with pytest.raises(WorkbenchError) as refused:
        packs_with(root, Installer()).install("wings")
    assert refused.value.code == "pack_unknown"


def test_the_installer_is_told_of_the_mirror_and_of_offline(root: Path) -> None:
    installer = Installer({"end": True})
    installer.may_end.set()
    settings = Settings(data=root / "data", offline=True, index_mirror="https://index.example")
    packs = packs_with(root, installer, settings=settings)
    packs.install("text")
    packs.wait(10)
    assert list(installer.commands[0][2:]) == ["text", "--json", "--offline", "--index", "https://index.example"]
