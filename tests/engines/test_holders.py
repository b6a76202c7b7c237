"""Which other programs hold memory."""

from __future__ import annotations

import os
import subprocess
import sys

from engines.gpus import Driver
from engines.residency.holders import Program, family, in_memory, name_of, on_gpus
from tests.engines.fake_nvml import FakeNvml


def test_this_program_and_its_children_are_ours() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        found = family()
        assert {os.getpid(), child.pid} <= set(found) and found[os.getpid()] > 5
        assert not {os.getpid(), child.pid} & {program.pid for program in in_memory(found)}
        child.kill()


def test_the_largest_other_programs_come_first() -> None:
    held = [program.used_mib or 0 for program in in_memory({os.getpid()})]
    assert held == sorted(held, reverse=True) and len(held) <= 5


def test_other_programs_on_a_gpu_are_named_with_what_they_hold_and_ours_are_not() -> None:
    nvml = FakeNvml({"name": "Card", "total": 8000, "compute": [(7, 900), (8, 3000), (9, None), (10, 50)]})
    names = {8: "game", 9: None, 10: "desktop"}
    assert on_gpus(Driver(lambda: nvml), {7}, names.get) == [
        Program("cuda:0", 8, "game", 3000), Program("cuda:0", 10, "desktop", 50), Program("cuda:0", 9, None, None),
    ]  # fmt: skip


def test_a_program_that_is_gone_has_no_name() -> None:
    assert name_of(2**22 + 1) is None
