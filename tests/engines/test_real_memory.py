"""Real children that really run out of memory, hold it, leak it, hang and die; figures come from outside of them."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from engines.base import Memory, ModelSpec, Place
from engines.device import Machine
from engines.errors import EngineHung
from engines.process import EngineProcess
from engines.residency.guide import CatalogGuide
from engines.residency.residency import Residency
from engines.residency.rooms import Limits
from tests.engines.fake_process import AllWeights
from tests.engines.toy_engine import toy_spec

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="memory limits are a matter of Linux")
TOY = toy_spec(int8=Memory(60, 10, 10))
LIMIT_MIB = 700
CYCLES = 10


def limited(spec: ModelSpec, weights: Path, place: Place, should_stop: Callable[[], bool]) -> EngineProcess:
    """Starts a child that the kernel gives no more than so much memory."""
    process = EngineProcess(spec, weights, place, limit_mib=LIMIT_MIB)
    process.load(should_stop)
    return process


def make(start: Any = EngineProcess.start, guide: CatalogGuide | None = None) -> Residency:
    return Residency(
        AllWeights(), Machine(2, 8000, 8000), 4000, 600.0, start=start, limits=Limits(tick_s=None),
        free_mib=lambda _: None, guide=guide,
    )  # fmt: skip


@pytest.fixture
def residency() -> Iterator[Residency]:
    made = make()
    yield made
    made.close()


def family_mib() -> float:
    """What this program and all its children hold, in MiB; shared pages count once."""
    me = psutil.Process()
    total = 0
    for process in (me, *me.children(recursive=True)):
        try:
            total += process.memory_full_info().uss
        except psutil.Error:
            continue
    return total / 2**20


@LINUX
def test_a_real_lack_of_memory_walks_the_ladder_and_the_limit_is_remembered() -> None:
    guide = CatalogGuide()
    for n_loads in (1, 2):
        residency = make(limited, guide)
        with residency.lease(TOY, 4) as lease:
            outcomes = lease.run([{"take_mib": 140}] * 4)
            steps = lease.steps
        residency.close()
        assert [outcome["twice"] for outcome in outcomes] == [4, 4, 4, 4], "two at a time"  # type: ignore[index]
        assert steps == (["free_cache", "halve_batch"] if n_loads == 1 else [])
    assert list(guide.limits.values()) == [2]


def test_memory_is_back_after_unloading_and_after_clearing(residency: Residency) -> None:
    residency.load(TOY)
    before = family_mib()
    with residency.lease(TOY) as lease:
        lease.run(["leak"])
        pid = residency.status()[0].pid
        assert psutil.Process(pid).memory_info().rss > 300 << 20
    residency.clear()
    assert not psutil.pid_exists(pid or 0)
    assert family_mib() < before
    residency.load(TOY)
    residency.unload("toy")
    assert residency.status() == [] and family_mib() < before


def test_loading_and_unloading_again_and_again_leaves_nothing_behind(residency: Residency) -> None:
    figures = []
    for _ in range(CYCLES):
        residency.load(TOY)
        residency.unload("toy")
        figures.append(family_mib())
    assert figures[-1] < figures[1] * 1.02


def test_a_leaking_engine_is_replaced_between_two_runs(residency: Residency) -> None:
    pids = []
    for _ in range(2):
        with residency.lease(TOY) as lease:
            [told] = lease.run(["leak"])
            pids.append(residency.status()[0].pid)
            assert "twice" in told  # type: ignore[operator]
    assert pids[0] != pids[1]
    assert residency.status() == []


def test_a_killed_engine_does_its_batch_again_and_a_hung_one_costs_only_its_item(residency: Residency) -> None:
    with residency.lease(TOY, 2) as lease:
        lease.run([1])
        pid = residency.status()[0].pid or 0
        killed = threading.Timer(0.0, os.kill, (pid, signal.SIGKILL))
        killed.start()
        assert [told["twice"] for told in lease.run(["slow", 2])] == ["slow", 4]  # type: ignore[index]
        killed.join()
        hung, fine = lease.run(["hang", 3], timeout_s=0.5)
    assert isinstance(hung, EngineHung)
    assert fine["twice"] == 6  # type: ignore[index]


def test_an_engine_that_stands_still_does_not_hold_up_clearing(residency: Residency) -> None:
    with residency.lease(TOY) as lease:
        lease.run([1])
        pid = residency.status()[0].pid or 0
        os.kill(pid, signal.SIGSTOP)
        assert residency.clear().held == ("toy",)
        assert residency.clear(interrupt=True).held == ("toy",)
        assert not psutil.pid_exists(pid)
        assert lease.run([2]) != []
