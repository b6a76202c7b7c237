from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engines.intake.intake import Intake, IntakeEvent
from engines.requests import VadOptions
from media.errors import WorkbenchError
from media.limits import MediaLimits
from tests.hostile.making import long_silence, tone, wav

pytestmark = [
    pytest.mark.faults,
    pytest.mark.skipif(sys.platform == "win32", reason="signals of this kind are not known on Windows"),
]

PARENT = """
import sys, time
from pathlib import Path
from engines.intake.intake import Intake
from engines.requests import VadOptions
from media.limits import MediaLimits

if __name__ == "__main__":
    intake = Intake()
    def tell(event):
        print(*intake.children(), flush=True)
    intake.run(Path(sys.argv[1]), Path(sys.argv[2]), VadOptions(), MediaLimits(), tell, lambda: False)
    time.sleep(600)
"""


@pytest.fixture
def intake() -> Iterator[Intake]:
    intake = Intake()
    yield intake
    intake.close()


@pytest.fixture(scope="module")
def long_recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return long_silence(tmp_path_factory.mktemp("long") / "source", hours=3.0)


def send(number: int, intake: Intake) -> None:
    for pid in intake.children():
        os.kill(pid, number)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
def test_a_decoder_that_dies_fails_its_file_and_not_the_next(
    number: int, intake: Intake, long_recording: Path, tmp_path: Path
) -> None:
    with pytest.raises(WorkbenchError) as caught:
        intake.run(
            long_recording, tmp_path, VadOptions(), MediaLimits(), lambda event: send(number, intake), lambda: False
        )
    assert caught.value.code == "media_crashed"
    good = wav(tmp_path / "good", (tone(1.0, 16_000) * 32_767).astype("<i2"), 16_000)
    assert intake.run(good, tmp_path, VadOptions(), MediaLimits(), lambda event: None, lambda: False).duration_s == 1.0


def test_a_decoder_that_hangs_is_killed(intake: Intake, long_recording: Path, tmp_path: Path) -> None:
    pids: list[int] = []

    def freeze(event: IntakeEvent) -> None:
        pids.extend(intake.children())
        send(signal.SIGSTOP, intake)

    with pytest.raises(WorkbenchError) as caught:
        intake.run(long_recording, tmp_path, VadOptions(), MediaLimits(stall_s=0.5), freeze, lambda: False)
    assert caught.value.code == "media_crashed"
    assert not any(alive(pid) for pid in pids)


def test_a_decoder_that_takes_too_much_processor_time_is_stopped(
    intake: Intake, long_recording: Path, tmp_path: Path
) -> None:
    limits = MediaLimits(max_duration_s=0.0, cpu_s=0.0)
    with pytest.raises(WorkbenchError) as caught:
        intake.run(long_recording, tmp_path, VadOptions(), limits, lambda event: None, lambda: False)
    assert caught.value.code in {"media_too_heavy", "media_too_long"}


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="processes are looked up in /proc")
def test_no_decoder_outlives_a_killed_parent(long_recording: Path, tmp_path: Path, root: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT)
    parent = subprocess.Popen(
        [sys.executable, str(script), str(long_recording), str(tmp_path / "work")],
        cwd=root, env={**os.environ, "PYTHONPATH": str(root)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert parent.stdout is not None
    with parent, parent.stdout:
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert pids
        assert all(alive(pid) for pid in pids)
        parent.kill()
    end = time.monotonic() + 10
    while any(alive(pid) for pid in pids) and time.monotonic() < end:
        time.sleep(0.02)
    assert not any(alive(pid) for pid in pids)
