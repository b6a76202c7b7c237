"""Engine processes: real children of a toy engine, killed, hung, starved and abandoned."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from engines.base import Place
from engines.errors import EngineCrashed, EngineError, EngineHung, OutOfMemory, Stopped
from engines.priority import NICENESS
from engines.process import EngineProcess
from tests.engines.toy_engine import toy_spec

ON_CPU = Place("cpu", "int8", 1)


def ignore(index: int, result: dict[str, object]) -> None:
    pass


@pytest.fixture
def process() -> Iterator[EngineProcess]:
    started = EngineProcess.start(toy_spec(), Path("weights"), ON_CPU)
    yield started
    started.close()


def gone(pid: int) -> bool:
    """Waits for the end of a process that is on its way."""
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False


def test_a_batch_is_reported_item_by_item_and_returned_in_order(process: EngineProcess) -> None:
    told: list[tuple[int, object]] = []
    results = process.run([1, 2, 3], lambda at, result: told.append((at, result["twice"])))
    assert [result["twice"] for result in results] == [2, 4, 6]
    assert told == [(0, 2), (1, 4), (2, 6)]
    assert results[0]["pid"] == process.pid != os.getpid()


def test_what_there_is_of_a_result_so_far_is_reported_and_not_returned(process: EngineProcess) -> None:
    told: list[dict[str, object]] = []
    results = process.run(["write"], lambda _, result: told.append(result))
    assert told == [{"partial": "wri"}, *results]
    assert results[0]["twice"] == "write"


def test_the_process_stays_for_the_next_batch(process: EngineProcess) -> None:
    first, second = process.run([1], ignore), process.run([1], ignore)
    assert first == second
    process.free_cache()
    assert process.alive and process.rss_mib() > 0


def test_a_crash_keeps_what_was_reported(process: EngineProcess) -> None:
    told: list[int] = []
    with pytest.raises(EngineCrashed) as crash:
        process.run([1, "die", 3], lambda at, result: told.append(at))
    assert told == [0]
    assert crash.value.values == {"model": "Toy toy", "exit_code": 9}
    assert not process.alive
    with pytest.raises(EngineCrashed):
        process.run([1], ignore)


def test_a_killed_process_is_a_crash(process: EngineProcess) -> None:
    def kill(at: int, result: dict[str, object]) -> None:
        os.kill(process.pid or 0, signal.SIGKILL)

    with pytest.raises(EngineCrashed) as crash:
        process.run([1, "hang"], kill)
    assert crash.value.values["exit_code"] == -signal.SIGKILL


def test_a_hung_run_is_killed_after_its_time(process: EngineProcess) -> None:
    pid = process.pid or 0
    with pytest.raises(EngineHung) as hung:
        process.run(["hang"], ignore, timeout_s=0.3)
    assert gone(pid)
    assert hung.value.values == {"model": "toy", "limit_s": 0}


def test_a_stop_is_heard_between_items_and_the_process_stays(process: EngineProcess) -> None:
    told: list[int] = []
    with pytest.raises(Stopped):
        process.run(["slow"] * 50, lambda at, result: told.append(at), should_stop=lambda: bool(told))
    assert len(told) < 10
    assert process.alive
    assert process.run([4], ignore)[0]["twice"] == 8


def test_a_stop_is_heard_by_a_run_that_never_falls_silent(process: EngineProcess) -> None:
    told: list[int] = []
    with pytest.raises(Stopped):
        process.run(["chatter"], lambda at, _: told.append(at), should_stop=lambda: bool(told))
    assert len(told) < 200 and process.alive


def test_a_run_that_gives_way_ends_after_its_step_and_the_process_is_never_killed(process: EngineProcess) -> None:
    told: list[int] = []
    with pytest.raises(Stopped):
        process.run(["long", "slow", 3], lambda at, result: told.append(at), gives_way=lambda: True)
    assert len(told) < 3 and process.alive
    assert process.run([4], ignore)[0]["twice"] == 8


def test_a_run_that_does_not_stop_is_killed(process: EngineProcess) -> None:
    with pytest.raises(Stopped):
        process.run(["hang"], ignore, should_stop=lambda: True)
    assert not process.alive


def test_an_unexpected_error_travels_as_a_code_and_its_traceback_only_to_the_log(
    process: EngineProcess, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        with pytest.raises(EngineError) as failed:
            process.run(["fail"], ignore)
        assert process.alive
        process.close()
    assert (failed.value.code, failed.value.values) == ("engine_failed", {"reason": "ValueError", "model": "Toy toy"})
    assert "ValueError" in caplog.text


def test_what_the_child_prints_reaches_the_log(process: EngineProcess, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        process.run(["speak"], ignore)
        process.close()
    assert "toy: a line on the error output" in caplog.text


def test_the_words_of_a_gpu_out_of_memory_are_understood(process: EngineProcess) -> None:
    with pytest.raises(OutOfMemory):
        process.run(["cuda"], ignore)


def test_a_gpu_fault_counts_as_a_crash(process: EngineProcess) -> None:
    with pytest.raises(EngineCrashed):
        process.run(["fault"], ignore)


@pytest.mark.skipif(sys.platform != "linux", reason="memory limits are a matter of Linux")
def test_a_child_under_a_memory_limit_runs_out_of_it_and_goes_on() -> None:
    process = EngineProcess(toy_spec(), Path("weights"), ON_CPU, limit_mib=2048)
    process.load()
    with pytest.raises(OutOfMemory):
        process.run(["eat"], ignore)
    assert process.run([1], ignore)[0]["twice"] == 2
    process.close()


def test_an_engine_that_cannot_load_says_why_and_its_process_is_gone() -> None:
    process = EngineProcess(toy_spec("unloadable"), Path("weights"), ON_CPU)
    with pytest.raises(EngineError, match="weights_damaged"):
        process.load()
    assert not process.alive and gone(process.pid or 0)


def test_a_process_that_dies_while_loading_is_a_crash() -> None:
    with pytest.raises(EngineCrashed):
        EngineProcess.start(toy_spec("dies-loading"), Path("weights"), ON_CPU)


def test_closing_gives_the_memory_back(process: EngineProcess) -> None:
    pid = process.pid or 0
    process.close()
    assert gone(pid) and process.rss_mib() == 0
    process.close()


@pytest.mark.faults
@pytest.mark.skipif(sys.platform != "linux", reason="the kernel's parent-death signal is Linux's")
@pytest.mark.parametrize("busy", [False, True])
def test_a_killed_server_leaves_no_child(root: Path, tmp_path: Path, busy: bool) -> None:
    script = tmp_path / "server.py"
    script.write_text(
        "import sys, threading, time\n"
        f"sys.path.insert(0, {str(root)!r})\n"
        "if __name__ == '__main__':\n"
        "    from pathlib import Path\n"
        "    from engines.base import Place\n"
        "    from engines.process import EngineProcess\n"
        "    from tests.engines.toy_engine import toy_spec\n"
        "    child = EngineProcess.start(toy_spec(), Path('w'), Place('cpu', 'int8', 1))\n"
        "    print(child.pid, flush=True)\n"
        f"    child.run(['hang'] if {busy} else [], lambda *_: None)\n"
        "    time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        pid = int(server.stdout.readline())
        assert psutil.pid_exists(pid)
        server.kill()
    assert gone(pid)


@pytest.mark.skipif(sys.platform == "win32", reason="no niceness")
def test_the_child_lets_the_server_go_first(process: EngineProcess) -> None:
    process.run([1], ignore)
    assert process.pid is not None
    assert psutil.Process(process.pid).nice() == max(NICENESS, psutil.Process().nice())
