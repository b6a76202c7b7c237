"""The program itself: its packages, the folders that it writes to, its certificate, its history."""

from __future__ import annotations

import os
import re
import ssl
import stat
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

from workbench.doctor.finding import Finding

SOON_S = 21 * 86400.0
SHOWN = 5
_LOCKED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==(\S+)$", re.M)


def locked(lock: str) -> dict[str, str]:
    """Returns the version of each package of the core section of the text of requirements.lock."""
    sections = re.split(r"^# -- ", lock, flags=re.M)
    return dict(_LOCKED.findall(sections[1] if len(sections) > 1 else lock))


def installed(folders: Sequence[str]) -> dict[str, str]:
    """Returns the version of each package that lies in these folders, by its name in lower case with dashes."""
    found: dict[str, str] = {}
    for distribution in metadata.distributions(path=list(folders)):
        name = distribution.metadata["Name"]
        if name:
            found.setdefault(_plain(name), distribution.version)
    return found


def packages(wanted: Mapping[str, str], there: Mapping[str, str]) -> Finding:
    """Judges the installed packages against the lock; a build mark such as ``+cpu`` does not count."""
    missing = [name for name in wanted if _plain(name) not in there]
    other = [
        f"{name} {there[_plain(name)]} ({version})"
        for name, version in wanted.items()
        if _plain(name) in there and there[_plain(name)].partition("+")[0] != version.partition("+")[0]
    ]
    if len(missing) == len(wanted):
        return Finding("packages", "packages_none", "bad")
    if missing:
        return Finding("packages", "packages_missing", "bad", {"n": len(missing), "names": missing[:SHOWN]})
    if other:
        return Finding("packages", "packages_other", "note", {"n": len(other), "names": other[:SHOWN]})
    return Finding("packages", "packages_good", values={"n": len(wanted)})


def environment(root: Path) -> list[str]:
    """Returns the folders with packages: those of this Python while it is ours, else those of ``.venv``."""
    made = sorted(str(path) for path in (root / ".venv").glob("[Ll]ib*/**/site-packages"))
    inside = os.path.realpath(sys.prefix) == os.path.realpath(root / ".venv")
    ours = inside or os.environ.get("ROOMTONE_SETUP") == "no"
    return [folder for folder in sys.path if folder] if ours or not made else made


def python(version: Sequence[int]) -> Finding:
    """Judges the version of Python."""
    from bootstrap import fits

    told = {"version": ".".join(str(part) for part in version[:3])}
    if fits(tuple(version[:2])):
        return Finding("packages", "python_good", values=told)
    return Finding("packages", "python_wrong", "bad", told)


def writable(folder: Path) -> Finding:
    """Writes and removes a small file in the data folder and in each folder of it that the program writes to."""
    inner = [folder / name for name in ("inputs", "incoming", "models", "logs")]
    for place in [folder, *(path for path in inner if path.is_dir())]:
        if not _can_write(place):
            mine = place.exists() and hasattr(os, "getuid") and place.stat().st_uid == os.getuid()
            name = "" if place == folder else place.name
            return Finding("access", "not_writable", "bad", {"folder": name or folder.name}, "allow" if mine else None)
    return Finding("access", "writable")


def _can_write(folder: Path) -> bool:
    there = folder
    while not there.exists() and there != there.parent:
        there = there.parent
    try:
        with tempfile.TemporaryFile(dir=there) as file:
            file.write(b"roomtone")
            file.flush()
    except OSError:
        return False
    return True


def history(told: str | None) -> Finding:
    """Judges the history file; ``told`` is what SQLite says of it: ``ok``, what is wrong, or None where none is yet."""
    if told is None:
        return Finding("history", "history_none")
    return Finding("history", "history_good") if told == "ok" else Finding("history", "history_damaged", "bad")


def certificates(folder: Path, host: str, now: float) -> list[Finding]:
    """Judges the certificates, which browsers on other computers ask for before they open a microphone."""
    found = sorted(path for path in _files(folder) if path.suffix in (".pem", ".crt", ".cer"))
    told = [finding for path in found if (finding := certificate(path, now)) is not None]
    keys = open_keys(folder)
    if keys:
        told.append(Finding("certificate", "key_open", "bad", {"n": len(keys)}, "close_keys"))
    if told:
        return told
    alone = host in ("127.0.0.1", "localhost", "::1")
    return [
        Finding("certificate", "certificate_unneeded" if alone else "certificate_none", "good" if alone else "note")
    ]


def certificate(path: Path, now: float) -> Finding | None:
    """Judges one certificate by its dates; None for a file that is a key alone."""
    try:
        text = path.read_text(encoding="ascii")
    except (OSError, ValueError):
        return Finding("certificate", "certificate_unreadable", "bad")
    if "BEGIN CERTIFICATE" not in text:
        return None if "-----BEGIN " in text else Finding("certificate", "certificate_unreadable", "bad")
    try:
        told: dict[str, Any] = ssl._ssl._test_decode_cert(str(path))  # type: ignore[attr-defined]
        begins, ends = ssl.cert_time_to_seconds(told["notBefore"]), ssl.cert_time_to_seconds(told["notAfter"])
    except (ssl.SSLError, KeyError, ValueError, AttributeError):
        return Finding("certificate", "certificate_unreadable", "bad")
    values = {"date": time.strftime("%Y-%m-%d", time.gmtime(ends))}
    if now < begins:
        return Finding(
            "certificate", "certificate_early", "bad", {"date": time.strftime("%Y-%m-%d", time.gmtime(begins))}
        )
    if now > ends:
        return Finding("certificate", "certificate_over", "bad", values)
    if now > ends - SOON_S:
        return Finding("certificate", "certificate_soon", "note", values)
    return Finding("certificate", "certificate_good", values=values)


def open_keys(folder: Path) -> list[Path]:
    """Returns the private keys that other users of this machine can read."""
    return [path for path in _files(folder) if _is_key(path) and _others_can_read(path)]


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _is_key(path: Path) -> bool:
    try:
        return path.is_file() and b"PRIVATE KEY" in path.read_bytes()[:4096]
    except OSError:
        return False


def _others_can_read(path: Path) -> bool:
    return os.name != "nt" and bool(path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
