"""What the doctor can put right by itself; each returns how many things it changed."""

from __future__ import annotations

import os
import shutil
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from workbench.doctor import machine, program

LEFT_ALONE_S = 3600.0
"""A fetch that wrote something so short a time ago may still be running."""


def remove_partial(data: Path, now: float) -> int:
    """Removes fetches of models that were broken off, which frees their room on the disk."""
    removed = 0
    for folder in sorted((data / "models" / ".partial").glob("*")):
        inside = [folder, *folder.rglob("*")] if folder.is_dir() else []
        if inside and max(path.lstat().st_mtime for path in inside) < now - LEFT_ALONE_S:
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    return removed


def set_times(data: Path, now: float) -> int:
    """Gives files that say that they come from the future the time of now."""
    changed = 0
    for path in machine.files_ahead(machine.files_of(data), now):
        try:
            os.utime(path, (now, now))
            changed += 1
        except OSError:
            continue
    return changed


def close_keys(data: Path, now: float) -> int:
    """Lets only the owner read private keys."""
    del now
    keys = program.open_keys(data / "certificates")
    for path in keys:
        path.chmod(stat.S_IRUSR | stat.S_IWUSR)
    return len(keys)


def allow(data: Path, now: float) -> int:
    """Gives the owner of the data folder the right to write in it and in its folders."""
    del now
    changed = 0
    for folder in [data, *(path for path in data.iterdir() if path.is_dir())] if os.access(data, os.R_OK) else [data]:
        mode = stat.S_IMODE(folder.stat().st_mode)
        if mode & stat.S_IRWXU != stat.S_IRWXU:
            folder.chmod(mode | stat.S_IRWXU)
            changed += 1
    return changed


FIXES: Mapping[str, Callable[[Path, float], int]] = {
    "remove_partial": remove_partial,
    "set_times": set_times,
    "close_keys": close_keys,
    "allow": allow,
}
