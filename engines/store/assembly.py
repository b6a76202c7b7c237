"""A model on its way to being whole: parts and checked files beside the store, moved into it by one rename."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from engines.base import ModelSpec, WeightFile
from engines.store.checksum import Checksum, measure
from engines.store.failure import WRONG_CHECKSUM, SourceFailed
from engines.store.folder import STAMP, is_stamped, stamp

PARTIAL = ".partial"


class Assembly:
    """The folder ``.partial/<model>`` of a store.

    Nothing in it counts as a model. A file moves to ``whole/`` only after its checksum was right, and ``whole/``
    becomes the model's folder only when all are there and on disk: a process killed at any moment leaves either no
    model or a whole one.
    """

    def __init__(self, root: Path, spec: ModelSpec) -> None:
        self.spec = spec
        self.folder = root / PARTIAL / spec.name
        self._whole = self.folder / "whole"
        self._target = root / spec.name
        self._checksums = self._taken_up()

    def missing(self) -> list[WeightFile]:
        """Returns the files that are not there yet, the smallest first: what a source lacks shows before gigabytes
        came."""
        return sorted(
            (file for file in self.spec.files if file.name not in self._checksums), key=lambda file: file.size or 0
        )

    def part(self, name: str, checksum: Checksum | None) -> Path:
        """Returns where a file grows; the checksum in its name keeps parts of different files apart."""
        return self.folder / (f"{name}.{checksum.value[:16]}.part" if checksum else f"{name}.part")

    def accept(self, file: WeightFile, part: Path, stated: Checksum, place: str, seen: Callable[[int], None]) -> None:
        """Takes a finished part as one of the model's files; raises SourceFailed and removes it where it is not that
        file."""
        expected = Checksum("sha256", file.sha256) if file.sha256 else stated
        sha256, agrees = measure(part, seen, expected)
        if not agrees:
            part.unlink()
            raise SourceFailed(place, WRONG_CHECKSUM)
        target = self._whole / file.name
        target.parent.mkdir(parents=True, exist_ok=True)
        to_disk(part)
        os.replace(part, target)
        self._checksums[file.name] = sha256
        stamp(self._whole, self._whole / STAMP, self._checksums)

    def finish(self) -> Path:
        """Moves the whole model into the store and returns its folder."""
        stamp(self._whole, self._whole / STAMP, self._checksums)
        to_disk(self._whole / STAMP)
        to_disk(self._whole)
        if self._target.exists():
            aside(self._target)
        os.replace(self._whole, self._target)
        to_disk(self._target.parent)
        shutil.rmtree(self.folder, ignore_errors=True)
        return self._target

    def _taken_up(self) -> dict[str, str]:
        try:
            told = json.loads((self._whole / STAMP).read_text(encoding="utf-8"))["files"]
        except (OSError, ValueError, KeyError):
            return {}
        known = {file.name: file for file in self.spec.files}
        return {
            name: marks[2]
            for name, marks in told.items()
            if name in known and is_stamped(_only(self.spec, known[name]), self._whole, self._whole / STAMP)
        }


def aside(folder: Path) -> None:
    """Removes a model's folder so that no half of it ever stands under its name."""
    waste = folder.parent / PARTIAL / f"{folder.name}.waste-{os.getpid()}"
    shutil.rmtree(waste, ignore_errors=True)
    waste.parent.mkdir(parents=True, exist_ok=True)
    os.replace(folder, waste)
    shutil.rmtree(waste, ignore_errors=True)


def to_disk(path: Path) -> None:
    """Waits until a file or folder is on the disk; folders cannot be opened for this everywhere."""
    with suppress(PermissionError):
        descriptor = os.open(path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _only(spec: ModelSpec, file: WeightFile) -> ModelSpec:
    return replace(spec, files=(file,))
