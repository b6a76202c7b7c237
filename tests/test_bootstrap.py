"""Set-up: what it installs, what it skips, how it goes on, and what it says when it cannot."""

from __future__ import annotations

import ast
import errno
import io
import json
import os
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import bootstrap
import bootstrap_pip
from bootstrap_pip import JsonMeter, Meter, Options, SetUpFailed, Step

QUIET = Meter(io.StringIO())


def write_project(root: Path, core: str = "tinypart==1.0", packs: str = "later==2.0") -> Path:
    """A project whose core is one tiny package."""
    root.mkdir(exist_ok=True)
    name = core.partition("==")[0]
    (root / "pyproject.toml").write_text(
        f'[project]\nversion = "9.9"\ndependencies = ["{name}"]\n[project.optional-dependencies]\ntest = []\n'
        'speakers = ["later"]\n[tool.roomtone.packs.speakers]\nsize_mb = 1\ntab = ""\nno_deps = []\n'
    )
    (root / "requirements.lock").write_text(f"# -- core\n{core}\n\n# -- test\n\n# -- packs\n{packs}\n")
    return root


def write_wheel(folder: Path, name: str, version: str) -> None:
    """A wheel with one module, as a package index would hold it."""
    folder.mkdir(exist_ok=True)
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def with_wheels(folder: Path) -> Options:
    """Options under which pip sees one folder of wheels and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PIP_")}
    return Options(offline=True, environ={**kept, "PIP_FIND_LINKS": str(folder), "PIP_CONFIG_FILE": os.devnull})


@pytest.fixture
def voice(root: Path) -> bootstrap.Voice:
    return bootstrap.Silence(str(root), "en")


@pytest.mark.parametrize("name", ["launch.py", "bootstrap.py", "bootstrap_pip.py"])
def test_an_old_python_can_read_the_files_that_tell_it_that_it_is_too_old(root: Path, name: str) -> None:
    ast.parse((root / name).read_text(encoding="utf-8"), feature_version=(3, 6))


def test_only_python_311_and_312_fit() -> None:
    fit = [minor for minor in range(6, 20) if bootstrap.fits((3, minor))]
    assert fit == [11, 12]


def test_a_python_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    broken = tmp_path / "python3.12"
    broken.write_text("#!/bin/sh\nexit 127\n")
    broken.chmod(0o755)
    assert bootstrap.first_that_fits([str(tmp_path / "gone"), str(broken)]) is None
    assert bootstrap.first_that_fits([str(broken), sys.executable]) == sys.executable


@pytest.mark.parametrize(
    ("argv", "environ", "language"),
    [
        ([], {}, "en"),
        ([], {"LANG": "zh_CN.UTF-8"}, "zh"),
        ([], {"LC_ALL": "de_DE.UTF-8", "LANG": "zh_CN.UTF-8"}, "en"),
        ([], {"ROOMTONE_LANG": "zh", "LANG": "en_US.UTF-8"}, "zh"),
        (["--lang", "en"], {"LANG": "zh_CN.UTF-8"}, "en"),
        (["--lang=zh"], {}, "zh"),
    ],
)
def test_the_terminal_speaks_the_language_asked_for(argv: list[str], environ: dict[str, str], language: str) -> None:
    assert bootstrap.language_of(argv, environ) == language


def test_everything_asked_for_is_in_the_lock_once(root: Path) -> None:
    groups = bootstrap.Groups(str(root))
    for lock in {groups.lock_of(group) for group in groups.packs}:
        lines = [line for line in Path(lock).read_text().splitlines() if line and not line.startswith("#")]
        pinned = [line.partition("==")[0] for line in lines]
        assert sorted(set(pinned)) == sorted(pinned)
        for group in ["core", "test", *groups.packs]:
            for requirement in groups.requirements(group) + groups.alone(group):
                name, _, version = requirement.partition("==")
                if groups.lock_of(group) == lock:
                    assert name in pinned
                    assert not version or requirement in lines


def test_each_pack_is_a_group_of_its_own(root: Path) -> None:
    groups = bootstrap.Groups(str(root))
    known = ["speakers", "restore", "speech", "qwen-tts", "index-tts", "writing", "text", "video"]
    assert groups.chosen(["all"]) == list(groups.packs) == known
    assert groups.chosen([]) == []
    with pytest.raises(SetUpFailed) as refused:
        groups.chosen(["speakers", "wings"])
    assert (refused.value.key, refused.value.values["pack"]) == ("pack_unknown", "wings")


def test_a_change_of_the_lock_is_noticed_by_those_whom_it_concerns(tmp_path: Path) -> None:
    before = bootstrap.Groups(str(write_project(tmp_path)))
    core, pack = before.mark("core"), before.mark("speakers")
    other_pack = bootstrap.Groups(str(write_project(tmp_path, packs="later==3.0")))
    assert (other_pack.mark("core"), other_pack.mark("speakers") == pack) == (core, False)
    assert bootstrap.Groups(str(write_project(tmp_path, core="tinypart==1.1"))).mark("core") != core


def test_set_up_installs_once_and_then_skips_everything(tmp_path: Path, voice: bootstrap.Voice) -> None:
    root = write_project(tmp_path / "project")
    write_wheel(tmp_path / "wheels", "tinypart", "1.0")
    shown = io.StringIO()
    python = bootstrap.prepare(str(root), ["core"], with_wheels(tmp_path / "wheels"), voice, JsonMeter(shown))
    assert list((root / ".venv").rglob("tinypart.py"))
    last = json.loads(shown.getvalue().splitlines()[-1])
    assert (last["step"], last["done"], last["total"]) == ("step_install", 1, 1)

    nowhere = with_wheels(tmp_path / "nowhere")
    assert bootstrap.prepare(str(root), ["core"], nowhere, voice, QUIET) == python
    write_project(root, core="tinypart==1.1")
    with pytest.raises(SetUpFailed) as refused:
        bootstrap.prepare(str(root), ["core"], nowhere, voice, QUIET)
    assert refused.value.key == "offline"

    write_wheel(tmp_path / "wheels", "tinypart", "1.1")
    bootstrap.prepare(str(root), ["core"], with_wheels(tmp_path / "wheels"), voice, QUIET)
    assert list((root / ".venv").rglob("tinypart-1.1.dist-info"))


def test_a_pack_with_an_environment_of_its_own_leaves_the_others_alone(tmp_path: Path, voice: bootstrap.Voice) -> None:
    root = write_project(tmp_path / "project")
    with open(root / "pyproject.toml", "a") as file:
        file.write('[tool.roomtone.packs.apart]\nsize_mb = 1\ntab = ""\nno_deps = []\n')
        file.write('environment = ".venv-apart"\nlock = "requirements-apart.lock"\n')
    told = (root / "pyproject.toml").read_text().replace("test = []", 'test = []\napart = ["tinypart"]')
    (root / "pyproject.toml").write_text(told)
    (root / "requirements-apart.lock").write_text("# -- apart\ntinypart==7.0\n")
    write_wheel(tmp_path / "wheels", "tinypart", "1.0")
    write_wheel(tmp_path / "wheels", "tinypart", "7.0")
    before = bootstrap.Groups(str(root)).mark("core")
    python = bootstrap.prepare(str(root), ["apart"], with_wheels(tmp_path / "wheels"), voice, QUIET)
    assert python == bootstrap.inside(str(root)) and not (root / ".venv").exists()
    assert list((root / ".venv-apart").rglob("tinypart-7.0.dist-info"))
    nowhere = with_wheels(tmp_path / "nowhere")
    bootstrap.prepare(str(root), ["apart"], nowhere, voice, QUIET)
    (root / "requirements-apart.lock").write_text("# -- apart\ntinypart==8.0\n")
    assert bootstrap.Groups(str(root)).mark("core") == before
    with pytest.raises(SetUpFailed):
        bootstrap.prepare(str(root), ["apart"], nowhere, voice, QUIET)


def test_set_up_goes_on_where_it_was_broken_off(tmp_path: Path, voice: bootstrap.Voice) -> None:
    root = write_project(tmp_path / "project")
    write_wheel(tmp_path / "wheels", "tinypart", "1.0")
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").write_text("half a program")
    options = with_wheels(tmp_path / "wheels")
    bootstrap.prepare(str(root), ["core"], options, voice, QUIET)

    [module], [record] = (root / ".venv").rglob("tinypart.py"), (root / ".venv").rglob("tinypart-1.0.dist-info")
    module.unlink()
    (record / "RECORD").unlink()
    (root / ".venv" / bootstrap.STAMP).write_text("{}")
    bootstrap.prepare(str(root), ["core"], options, voice, QUIET)
    assert module.exists()


def test_no_network_is_said_in_one_sentence(tmp_path: Path, voice: bootstrap.Voice) -> None:
    root = write_project(tmp_path / "project")
    environ = dict(with_wheels(tmp_path / "none").environ, PIP_RETRIES="1")
    with pytest.raises(SetUpFailed) as refused:
        bootstrap.prepare(str(root), ["core"], Options(False, "http://127.0.0.1:9/simple", environ), voice, QUIET)
    assert refused.value.key == "no_network"


@pytest.mark.parametrize(
    ("told", "offline", "key"),
    [
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", False, "no_room"),
        ("WARNING: Retrying (Retry(total=2)) after connection broken by 'X'\nERROR: No matching", False, "no_network"),
        ("ERROR: No matching distribution found for torch==2.13.0", True, "offline"),
        ("The user requested (constraint) anyio==4.16.0\nERROR: ResolutionImpossible", True, "offline"),
        ("The user requested (constraint) anyio==4.16.0\nERROR: ResolutionImpossible", False, "not_in_index"),
        ("ERROR: Failed building wheel for basicsr", False, "failed"),
    ],
)
def test_what_pip_says_becomes_the_sentence_that_fits(told: str, offline: bool, key: str, tmp_path: Path) -> None:
    error = bootstrap_pip.reason(told, str(tmp_path), offline)
    assert error.key == key
    assert str(error.values["why"]).startswith("ERROR")
    assert key not in ("offline", "not_in_index") or str(error.values["missing"]) in ("torch 2.13.0", "anyio 4.16.0")


def test_an_index_out_of_reach_is_named_as_such_and_not_as_the_packages_fault(tmp_path: Path) -> None:
    told = (
        "WARNING: Retrying (Retry(total=2, connect=None)) after connection broken by 'NewConnectionError('<pip.Conn "
        "object>: Failed to establish a new connection: [Errno 111] Connection refused')': /simple/gradio/\n"
        "ERROR: Cannot install gradio==6.31.0 because these package versions have conflicting dependencies."
    )
    error = bootstrap_pip.reason(told, str(tmp_path), False)
    assert (error.key, error.values["why"]) == ("no_network", "Connection refused")


@pytest.mark.skipif(os.name == "nt", reason="kills by signal")
def test_pip_ends_with_the_set_up_that_is_killed(root: Path, tmp_path: Path) -> None:
    """A fake pip that would sleep for a minute is started by a process that is then killed."""
    fake = tmp_path / "pip"
    fake.mkdir()
    (fake / "__init__.py").write_text("")
    (fake / "__main__.py").write_text("import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(60)\n")
    parent = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from bootstrap_pip import Meter, Options, Pip, Place\n"
        "place = Place(sys.argv[2], sys.executable, 'lock', lambda: 0)\n"
        "Pip(place, Options(), Meter(), {'collect': '', 'install': '', 'slow': ''}).install(['x'], 1)\n"
    )
    command = [sys.executable, "-c", parent, str(root), str(tmp_path)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": str(tmp_path)}, cwd=tmp_path) as running:
        pid = tmp_path / "pid"
        started = until(lambda: pid.exists() and pid.read_text().isdigit())
        running.kill()
    assert started, "pip was not started"
    assert until(lambda: not alive(int(pid.read_text()))), "pip outlived its set-up"


def until(holds: Callable[[], bool], limit_s: float = 20) -> bool:
    """Waits until something holds; False when it does not within the limit."""
    end = time.monotonic() + limit_s
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.02)
    return False


def alive(pid: int) -> bool:
    """Tells whether a process still runs; one that has ended and waits to be reaped does not."""
    state = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return bool(state.strip()) and not state.startswith("Z")


def test_the_sentences_of_all_failures_can_be_filled(root: Path, tmp_path: Path) -> None:
    values = {**bootstrap_pip.failure("ERROR: broken", str(tmp_path)), "missing": "torch 2.13.0"}
    for language in ("en", "zh"):
        voice = bootstrap.Voice(str(root), language)
        for key in ("no_room", "no_network", "not_in_index", "offline", "failed"):
            assert "{" not in voice.text(key, **values)


def test_what_the_system_refuses_is_told_in_the_language_of_the_terminal(root: Path) -> None:
    for number in (errno.ENOTDIR, errno.EROFS, errno.EACCES, errno.EADDRNOTAVAIL):
        refused = OSError(number, os.strerror(number))
        told = bootstrap.Voice(str(root), "zh").cause(refused)
        assert told and not told.isascii()
        assert bootstrap.Voice(str(root), "en").cause(refused) != os.strerror(number)
    assert bootstrap.Voice(str(root), "zh").cause(OSError(errno.EIO, "Input/output error")) == "Input/output error"


def test_a_step_is_read_from_the_lines_of_pip() -> None:
    step = Step(3)
    assert not step.read("Collecting gradio==6.31.0 (from -r x)")
    assert not step.read("  Downloading gradio-6.31.0.whl (20 MB)")
    assert not step.read("Requirement already satisfied: numpy>=1 in ./.venv (2.4.6)")
    assert (step.counted, step.name) == (2, "numpy")
    assert step.read("Installing collected packages: a, b, c, d")
    assert step.expected == 4


def test_a_log_file_gets_a_line_now_and_then_and_not_one_for_each_package() -> None:
    shown = io.StringIO()
    meter = Meter(shown, every_s=1000)
    for done in range(50):
        meter.show("fetching", done, 50, "name")
    meter.end()
    assert shown.getvalue() == "[                    ]   0%  fetching 0/50  name\n"
