"""Engine processes in an environment of their own: another Python, the same protocol, and the same ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import venv
from dataclasses import replace
from pathlib import Path

import pytest

from engines import environments
from engines.base import ModelSpec
from engines.errors import EngineCrashed, EngineError
from engines.process import EngineProcess
from tests.engines.test_process import ON_CPU, gone, ignore
from tests.engines.toy_engine import toy_spec

ABANDONED = """
import sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from tests.engines.test_outside import ON_CPU, outside
from engines.process import EngineProcess
print(EngineProcess.start(outside(Path(sys.argv[1])), Path("weights"), ON_CPU).pid, flush=True)
sys.stdin.read()
"""


def outside(environment: Path) -> ModelSpec:
    engine = "tests.engines.outside_engine:OutsideEngine"
    return replace(toy_spec("outside"), engine=engine, environment=str(environment), pack="apart")


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment without a single package."""
    folder = tmp_path_factory.mktemp("apart") / ".venv-apart"
    venv.create(folder, with_pip=False, symlinks=True)
    return folder


def test_a_model_with_an_environment_runs_there_and_sees_nothing_of_this_one(environment: Path) -> None:
    process = EngineProcess.start(outside(environment), Path("weights"), ON_CPU)
    told: list[int] = []
    first, second = process.run([1, 2], lambda at, _: told.append(at))
    assert first == second and told == [0, 1]
    assert Path(first["prefix"]) == environment and not first["numpy"]
    assert first["pid"] == process.pid != os.getpid()
    process.free_cache()
    process.close()
    assert not process.alive and gone(first["pid"])


def test_it_can_be_killed_while_it_works(environment: Path) -> None:
    process = EngineProcess.start(outside(environment), Path("weights"), ON_CPU)
    os.kill(process.pid or 0, signal.SIGKILL)
    with pytest.raises(EngineCrashed) as crash:
        process.run(["hang"], ignore)
    assert crash.value.values["exit_code"] in (None, -signal.SIGKILL)


def test_it_ends_with_a_parent_that_is_killed(environment: Path, root: Path) -> None:
    command = [sys.executable, "-c", ABANDONED, str(environment), str(root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    assert gone(child)


def test_without_its_environment_the_pack_is_named(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as refused:
        EngineProcess.start(outside(tmp_path / "nowhere"), Path("weights"), ON_CPU)
    assert (refused.value.code, refused.value.values["pack"]) == ("pack_missing", "apart")


def test_an_environment_is_known_by_its_packages(environment: Path, tmp_path: Path) -> None:
    root, name = environment.parent, environment.name
    place = environments.packages_of(name, root)
    assert place is not None and environments.has(name, [], root) and not environments.has(name, ["torch"], root)
    (place / "torch").mkdir()
    (place / "six.py").touch()
    assert environments.has(name, ["torch", "six"], root)
    assert not environments.has(name, [], tmp_path)
