"""Packs: their list, and installing one with progress."""

from __future__ import annotations

import json
import threading
import venv
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest

from media.errors import WorkbenchError
from workbench.machine.packs import MARK, Packs, PackView
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
    return {"step": "step_collect", "done": done, "total": total, "name": "torch"}


def packs_with(
    root: Path,
    data: Path,
    installer: Installer,
    installed: set[str] | None = None,
    settings: Settings | None = None,
    free_mb: int = 5000,
) -> Packs:
    known = installed if installed is not None else set()
    return Packs(
        root,
        settings or Settings(data=data),
        installer,
        lambda name, _: name in known,
        lambda _: free_mb,
        str(root / ".venv"),
    )


def view(packs: Packs, name: str) -> PackView:
    return next(view for view in packs.list() if view.name == name)


def test_all_packs_are_listed_with_their_size(root: Path, tmp_path: Path) -> None:
    views = packs_with(root, tmp_path, Installer()).list()
    assert [view.name for view in views] == [
        "speakers",
        "restore",
        "speech",
        "qwen-tts",
        "index-tts",
        "writing",
        "text",
        "video",
    ]
    assert all(view.size_mb > 100 and not view.installed for view in views)


def test_a_pack_is_installed_when_all_its_packages_are(root: Path, tmp_path: Path) -> None:
    installed = {"torch==2.13.0", "setuptools", "wheel"}
    packs = packs_with(root, tmp_path, Installer(), installed)
    assert not view(packs, "video").installed
    installed.add("basicsr==1.4.2")
    assert view(packs, "video").installed


def test_a_pack_with_an_environment_of_its_own_is_looked_for_there(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\n[project.optional-dependencies]\napart = ["pip"]\n[tool.roomtone.packs.apart]\nsize_mb = 1\n'
        'tab = ""\nno_deps = []\nenvironment = ".venv-apart"\n'
    )
    packs = Packs(tmp_path, Settings(data=tmp_path))
    assert not view(packs, "apart").installed
    venv.create(tmp_path / ".venv-apart", symlinks=True)
    assert not view(packs, "apart").installed
    [place] = (tmp_path / ".venv-apart" / "lib").glob("python3*/site-packages")
    (place / "pip-1.0.dist-info").mkdir()
    (place / "pip-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: pip\nVersion: 1.0\n")
    assert not view(packs, "apart").installed
    (place / "pip-1.0.dist-info" / "RECORD").write_text("")
    assert view(packs, "apart").installed


def test_installing_shows_how_far_it_is_and_ends_without_an_error(root: Path, tmp_path: Path) -> None:
    installer = Installer("a line that is no JSON", step(1, 4), {"end": True})
    packs = packs_with(root, tmp_path, installer)
    packs.install("speakers")
    assert installer.has_shown.wait(10)
    assert view(packs, "speakers").installing == {"progress": 0.175, "step": "step_collect", "name": "torch"}
    packs.install("speakers")
    installer.may_end.set()
    packs.wait(10)
    assert (view(packs, "speakers").installing, view(packs, "speakers").error) == (None, None)
    assert len(installer.commands) == 1


def test_one_pack_at_a_time(root: Path, tmp_path: Path) -> None:
    installer = Installer({"end": True})
    packs = packs_with(root, tmp_path, installer)
    packs.install("speakers")
    with pytest.raises(WorkbenchError) as refused:
        packs.install("text")
    assert (refused.value.code, refused.value.values) == ("pack_busy", {"name": "speakers"})
    installer.may_end.set()
    packs.wait(10)


def test_what_went_wrong_is_kept_until_the_next_attempt(root: Path, tmp_path: Path) -> None:
    installer = Installer({"error": "no_network", "values": {"why": "x"}})
    installer.may_end.set()
    packs = packs_with(root, tmp_path, installer)
    packs.install("text")
    packs.wait(10)
    assert view(packs, "text").error == {"code": "pack_no_network", "values": {"why": "x", "need": 1300}}


def test_an_installer_that_dies_is_an_error(root: Path, tmp_path: Path) -> None:
    installer = Installer(step(1, 4))
    installer.may_end.set()
    packs = packs_with(root, tmp_path, installer)
    packs.install("text")
    packs.wait(10)
    told = view(packs, "text").error
    assert told is not None
    assert told["code"] == "pack_broken_off"


def test_what_is_shown_of_an_installation_never_goes_back(root: Path, tmp_path: Path) -> None:
    installing = {"step": "step_install", "done": 1, "total": 2, "name": ""}
    installer = Installer(installing, step(0, 1), {"end": True})
    packs = packs_with(root, tmp_path, installer)
    packs.install("video")
    assert installer.has_shown.wait(10)
    told = view(packs, "video").installing
    installer.may_end.set()
    packs.wait(10)
    assert told == {"progress": 0.85, "step": "step_collect", "name": "torch"}


def test_an_installation_that_a_power_cut_broke_off_is_told_after_the_next_start(root: Path, tmp_path: Path) -> None:
    (tmp_path / MARK).write_text("video", encoding="utf-8")
    told = view(packs_with(root, tmp_path, Installer()), "video").error
    assert told == {"code": "pack_broken_off", "values": {}}
    whole = {"torch==2.13.0", "setuptools", "wheel", "basicsr==1.4.2"}
    assert view(packs_with(root, tmp_path, Installer(), whole), "video").error is None


def test_an_installation_that_ended_leaves_no_mark(root: Path, tmp_path: Path) -> None:
    installer = Installer({"error": "no_network", "values": {"why": "x"}})
    installer.may_end.set()
    packs = packs_with(root, tmp_path, installer)
    packs.install("video")
    packs.wait(10)
    assert not (tmp_path / MARK).exists()


def test_a_pack_that_would_fill_the_disk_is_refused_before_anything_is_fetched(root: Path, tmp_path: Path) -> None:
    installer = Installer({"end": True})
    with pytest.raises(WorkbenchError) as refused:
        packs_with(root, tmp_path, installer, free_mb=999).install("video")
    assert (refused.value.code, refused.value.values["need"], refused.value.values["free"]) == (
        "pack_no_room",
        1000,
        999,
    )
    assert installer.commands == []


def test_a_python_that_set_up_has_not_made_is_left_alone(root: Path, tmp_path: Path) -> None:
    installer = Installer({"end": True})
    packs = Packs(root, Settings(data=tmp_path), installer, lambda _: False, lambda _: 5000, prefix="/usr")
    with pytest.raises(WorkbenchError) as refused:
        packs.install("video")
    assert (packs.can_install, refused.value.code, installer.commands) == (False, "pack_elsewhere", [])


def test_a_second_pack_needs_the_room_of_torch_no_more(root: Path, tmp_path: Path) -> None:
    installer = Installer({"end": True})
    installer.may_end.set()
    packs = packs_with(root, tmp_path, installer, {"torch==2.13.0"}, free_mb=250)
    packs.install("video")
    packs.wait(10)
    assert view(packs, "video").error is None


def test_a_pack_names_a_screen_of_this_version_or_none(root: Path, tmp_path: Path) -> None:
    tabs = {path.stem for path in (root / "webui" / "tabs").glob("*.py")}
    assert all(not view.tab or view.tab in tabs for view in packs_with(root, tmp_path, Installer()).list())


def test_a_pack_that_does_not_exist_is_refused(root: Path, tmp_path: Path) -> None:
    with pytest.raises(WorkbenchError) as refused:
        packs_with(root, tmp_path, Installer()).install("wings")
    assert refused.value.code == "pack_unknown"


def test_the_installer_is_told_of_the_mirror_and_of_offline(root: Path, tmp_path: Path) -> None:
    installer = Installer({"end": True})
    installer.may_end.set()
    settings = Settings(data=tmp_path, offline=True, index_mirror="https://index.example")
    packs = packs_with(root, tmp_path, installer, settings=settings)
    packs.install("text")
    packs.wait(10)
    assert list(installer.commands[0][2:]) == ["text", "--json", "--offline", "--index", "https://index.example"]
