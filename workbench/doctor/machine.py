"""Disk, memory, the clock and the port."""

from __future__ import annotations

import errno
import os
import shutil
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from workbench.doctor.finding import Finding

LEAST_DISK_MIB = 1024
"""Below this uploads are soon refused: they leave 256 MiB alone, and an hour of sound keeps 110 MiB."""
GOOD_DISK_MIB = 10 * 1024
LEAST_RAM_MIB = 512
GOOD_RAM_MIB = 1536
FUTURE_S = 120.0
JUMP_S = 60.0
OLDEST_CLOCK = 1_767_225_600.0
"""The first second of 2026: this program did not exist before."""
_SHARED_DISKS = {"nfs", "nfs4", "cifs", "smb3", "smbfs", "fuse.sshfs", "afpfs", "9p", "davfs"}


def disk(free_mib: int, total_mib: int) -> Finding:
    """Judges the room on the disk of the data folder."""
    values = {"free_gb": round(free_mib * 1.048576e-3, 1), "total_gb": round(total_mib * 1.048576e-3)}
    if free_mib < LEAST_DISK_MIB:
        return Finding("disk", "disk_full", "bad", values, "remove_partial")
    if free_mib < GOOD_DISK_MIB:
        return Finding("disk", "disk_low", "note", values, "remove_partial")
    return Finding("disk", "disk_good", values=values)


def disk_of(folder: Path) -> Finding:
    """Looks at the disk that holds a folder, or where the folder would be made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage = shutil.disk_usage(folder)
    return disk(usage.free >> 20, usage.total >> 20)


def ram(free_mib: int | None, total_mib: int | None) -> Finding:
    """Judges the main memory that is free now; None where the system does not tell."""
    if free_mib is None or total_mib is None:
        return Finding("memory", "memory_unknown", "note")
    values = {"free_gb": round(free_mib / 1024, 1), "total_gb": round(total_mib / 1024, 1)}
    if free_mib < LEAST_RAM_MIB:
        return Finding("memory", "memory_full", "bad", values, "clear_memory")
    if free_mib < GOOD_RAM_MIB:
        return Finding("memory", "memory_low", "note", values, "clear_memory")
    return Finding("memory", "memory_good", values=values)


def ram_now() -> tuple[int | None, int | None]:
    """Returns free and all main memory in MiB, with psutil where it is installed, else from Linux itself."""
    try:
        from engines.device import look
    except ImportError:
        return _ram_of_linux()
    machine = look()
    return machine.ram_free_mib, machine.ram_mib


def _ram_of_linux() -> tuple[int | None, int | None]:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None, None
    told = {line.partition(":")[0]: line.split()[1] for line in lines if line.count(" ")}
    free, total = told.get("MemAvailable"), told.get("MemTotal")
    return (int(free) >> 10 if free else None), (int(total) >> 10 if total else None)


def steady() -> float:
    """Returns seconds of a clock that nobody can set; on Linux it goes on while the machine sleeps."""
    return time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()


def clock(now: float, moved_s: float | None) -> Finding:
    """Judges the wall clock; ``moved_s`` is by how much it was set since the server started, None where none runs."""
    if now < OLDEST_CLOCK:
        return Finding("clock", "clock_past", "bad", {"year": time.gmtime(now).tm_year})
    if moved_s is not None and abs(moved_s) > JUMP_S:
        return Finding("clock", "clock_jumped", "note", {"minutes": max(1, round(abs(moved_s) / 60))})
    return Finding("clock", "clock_good")


def files_ahead(paths: Iterable[Path], now: float) -> list[Path]:
    """Returns the files that say that they were changed in the future."""
    return [path for path in paths if _changed_at(path) > now + FUTURE_S]


def _changed_at(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except OSError:
        return 0.0


def times(paths: Iterable[Path], now: float) -> Finding:
    """Judges the times of files."""
    ahead = files_ahead(paths, now)
    if ahead:
        return Finding("clock", "times_ahead", "note", {"n": len(ahead)}, "set_times")
    return Finding("clock", "times_good")


def files_of(data: Path, most: int = 5000) -> Iterator[Path]:
    """Yields files of the data folder whose times mean something: the history, the logs, models and recordings."""
    count = 0
    for folder, _, names in os.walk(data):
        for name in names:
            count += 1
            if count > most:
                return
            yield Path(folder) / name


def port(host: str, number: int, served_here: bool) -> Finding:
    """Tells whether the port is free; ``served_here`` is true while this program itself listens on it."""
    values = {"port": number}
    if served_here:
        return Finding("port", "port_ours", values=values)
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM) as line:
            if os.name != "nt":
                line.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            line.bind((host, number))
    except OSError as error:
        if error.errno in (errno.EADDRINUSE, 10048):
            return Finding("port", "port_taken", "note", values)
        if error.errno in (errno.EACCES, errno.EPERM, 10013):
            return Finding("port", "port_forbidden", "bad", values)
        return Finding("port", "host_unknown", "bad", {"host": host})
    return Finding("port", "port_free", values=values)


def shared_disk(folder: Path, mounts: str) -> Finding | None:
    """Warns where the folder lies on a network drive; ``mounts`` is the text of /proc/mounts."""
    best, kind = "", ""
    for line in mounts.splitlines():
        words = line.split()
        where = words[1].replace("\\040", " ") if len(words) > 2 else ""
        inside = where and (str(folder) == where or str(folder).startswith(where.rstrip("/") + "/"))
        if inside and len(where) >= len(best):
            best, kind = where, words[2]
    return Finding("disk", "disk_shared", "note") if kind in _SHARED_DISKS else None


def mounts(read: Callable[[], str] = lambda: Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")) -> str:
    """Returns what is mounted where, empty on systems that do not tell."""
    try:
        return read()
    except OSError:
        return ""
