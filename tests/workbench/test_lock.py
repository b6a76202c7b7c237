from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.errors import DataInUse
from workbench.lock import DataLock


def test_a_second_server_is_told_who_has_the_folder(tmp_path: Path) -> None:
    first, second = DataLock(tmp_path), DataLock(tmp_path)
    first.take("http://127.0.0.1:7860")
    with pytest.raises(DataInUse) as caught:
        second.take("http://127.0.0.1:7861")
    assert caught.value.values["address"] == "http://127.0.0.1:7860"
    first.release()
    second.take()
    second.release()


def test_the_lock_ends_with_the_process_that_held_it(tmp_path: Path, root: Path) -> None:
    script = "import os, sys, pathlib; from workbench.lock import DataLock\n"
    script += "DataLock(pathlib.Path(sys.argv[1])).take('x'); os._exit(9)"
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], cwd=root, check=False)
    lock = DataLock(tmp_path)
    lock.take()
    lock.release()
