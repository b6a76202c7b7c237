"""One zip that can be sent to somebody who helps: how the program and the machine are, and nothing of anybody.

No text, sound, title, file name, key, address, or name of a person, machine or folder is in it. Every value passes the
list of known words of ``scrub``; what is not known there is left out.
"""

from __future__ import annotations

import io
import json
import platform
import sys
import tomllib
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from workbench.doctor import machine, program, scrub
from workbench.doctor.doctor import Doctor
from workbench.doctor.finding import Finding
from workbench.history import health as history_health

NAME = "roomtone-diagnosis.zip"
MOST_LOG_BYTES = 4 * 2**20
_SYSTEMS = {"Linux", "Darwin", "Windows", "x86_64", "AMD64", "arm64", "aarch64", "CPython"}
_KEYS = {
    "check", "code", "level", "values", "press", "program", "python", "system", "kernel", "processor", "cpu_count",
    "ram_mib", "ram_free_mib", "gpus", "name", "total_mib", "free_mib", "capability", "use", "index", "disk_free_gb",
    "disk_total_gb", "packages", "settings", "history", "folders", "version", "jobs", "chunks", "speeds", "files",
    "mib",     "free_gb", "total_gb", "n", "port", "minutes", "year", "number", "major", "missing", "found", "names",
}  # fmt: skip
_STATES = {
    "queued", "running", "succeeded", "failed", "cancelled", "cpu", "int8", "int8_float32", "int8_float16", "float16",
    "float32", "bfloat16", "good", "note", "bad", "automatic-speech-recognition", "set", "not set", "True", "False",
    *(f"cuda:{number}" for number in range(16)),
}  # fmt: skip


def write_archive(doctor: Doctor, findings: Sequence[Finding]) -> bytes:
    """Returns the archive."""
    root, data = doctor.root, doctor.settings.data
    known = scrub.vocabulary(root, _words(root, findings))
    parts: dict[str, Any] = {
        "findings.json": [finding.to_dict() for finding in findings],
        "machine.json": _machine(data),
        "packages.json": _packages(root),
        "settings.json": _settings(doctor.settings),
        "history.json": history_health.counts(data / "history.db"),
        "folders.json": _folders(data),
    }
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, told in parts.items():
            _put(archive, name, json.dumps(scrub.plain(told, known.words), indent=1, ensure_ascii=False))
        for name in ("roomtone.log.3", "roomtone.log.2", "roomtone.log.1", "roomtone.log"):
            path = data / "logs" / name
            if path.is_file():
                _put(archive, name, "\n".join(scrub.lines(_tail(path), known)) + "\n")
    return made.getvalue()


def _put(archive: zipfile.ZipFile, name: str, text: str) -> None:
    entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    archive.writestr(entry, text.encode("utf-8"))


def _words(root: Path, findings: Iterable[Finding]) -> Iterator[str]:
    """Yields every value that may stand in the archive besides numbers."""
    from engines import catalog
    from workbench.doctor.fixes import FIXES

    yield from _KEYS | _STATES | _SYSTEMS | set(FIXES) | {"fetch_model", "clear_memory"}
    for spec in catalog.MODELS:
        yield from (spec.name, spec.title)
    yield from _codes(root)
    for finding in findings:
        yield from (finding.check, finding.code)
    lock = program.locked((root / "requirements.lock").read_text(encoding="utf-8"))
    yield from lock
    yield from (version for versions in (lock.values(), _packages(root).values()) for version in versions)
    yield from (part for part in _machine_words())
    from workbench.settings import Settings

    yield from (field.name for field in fields(Settings))
    yield from ("inputs", "incoming", "models", "logs", "certificates")


def _codes(root: Path) -> Iterator[str]:
    for path in sorted((root / "assets" / "texts").glob("*.en.json")):
        for key in json.loads(path.read_text(encoding="utf-8")):
            if key.startswith(("error.", "note.", "doctor.")):
                yield key.split(".")[1]


def _machine_words() -> Iterator[str]:
    told = _machine(Path())
    yield from (value for value in told.values() if isinstance(value, str))
    yield from (gpu["name"] for gpu in told["gpus"])


def _machine(data: Path) -> dict[str, Any]:
    told: dict[str, Any] = {
        "python": scrub.version(".".join(map(str, sys.version_info[:3]))),
        "system": platform.system() if platform.system() in _SYSTEMS else scrub.LEFT_OUT,
        "kernel": scrub.version(platform.release()),
        "processor": platform.machine() if platform.machine() in _SYSTEMS else scrub.LEFT_OUT,
        "gpus": [],
    }
    free, total = machine.ram_now()
    told |= {"ram_free_mib": free, "ram_mib": total}
    try:
        from engines.device import look

        seen = look()
        told["cpu_count"] = seen.cpu_count
        told["gpus"] = [
            {"name": scrub.gpu_name(gpu.name), "total_mib": gpu.total_mib, "free_mib": gpu.free_mib}
            for gpu in seen.gpus
        ]
    except ImportError:
        pass
    disk = machine.disk_of(data)
    return told | {"disk_free_gb": disk.values["free_gb"], "disk_total_gb": disk.values["total_gb"]}


def _packages(root: Path) -> dict[str, str]:
    """Returns the versions of the packages that the lock names; others on the machine are its owner's business."""
    there = program.installed(program.environment(root))
    lock = program.locked((root / "requirements.lock").read_text(encoding="utf-8"))
    with (root / "pyproject.toml").open("rb") as file:
        own = str(tomllib.load(file)["project"]["version"])
    named = {name: scrub.version(there[key]) for name in lock if (key := name.replace("_", "-").lower()) in there}
    return {"program": scrub.version(own), **named}


def _settings(settings: Any) -> dict[str, Any]:
    """Returns numbers and truths as they are; of everything else only whether it is set."""
    told: Mapping[str, Any] = {field.name: getattr(settings, field.name) for field in fields(settings)}
    return {
        name: value if value is None or isinstance(value, (bool, int, float)) else ("set" if value else "not set")
        for name, value in told.items()
    }


def _folders(data: Path) -> dict[str, Any]:
    """Returns how many files the program's own folders hold, and how large they are together, in MiB."""
    told = {}
    for name in ("inputs", "incoming", "models", "logs", "certificates"):
        sizes = [path.lstat().st_size for path in (data / name).rglob("*") if path.is_file()]
        told[name] = {"files": len(sizes), "mib": sum(sizes) >> 20}
    return told


def _tail(path: Path) -> list[str]:
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - MOST_LOG_BYTES))
        text = file.read().decode("utf-8", errors="replace")
    return text.splitlines()[1 if len(text) >= MOST_LOG_BYTES else 0 :]
