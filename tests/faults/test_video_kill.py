"""A video that is made larger survives the death of the server: what was finished is not done again."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.media.video_made import Odd, made, times_of

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]
SERVER = Path(__file__).with_name("serve_video.py")


def server(root: Path, data: Path, video: Path) -> subprocess.Popen[str]:
    command = [sys.executable, str(SERVER), str(data), str(video)]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env=environment)


def told(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line, "the server ended without a word"
    return dict(json.loads(line))


def test_after_a_kill_a_video_goes_on_and_no_finished_run_is_made_again(root: Path, tmp_path: Path) -> None:
    video = made(tmp_path / "walk.mp4", Odd(size=(160, 120), n_frames=240, cuts=tuple(range(20, 240, 20))))
    process = server(root, tmp_path / "data", video)
    done: dict[str, float] = {}
    while len(done) < 3:
        done = told(process)["done"]
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()  # type: ignore[union-attr]
    process = server(root, tmp_path / "data", video)
    while "status" not in (end := told(process)):
        pass
    assert process.wait(30) == 0
    process.stdout.close()  # type: ignore[union-attr]
    assert (end["status"], end["error"], len(end["done"])) == ("succeeded", None, 12)
    assert done.items() <= end["done"].items()
    assert times_of(Path(end["result"])) == times_of(video)
