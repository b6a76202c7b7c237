"""Folders that may hold a model: what lies there, whether it was checked, and the stamp that says so."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from engines.base import HubSource, ModelSpec, WeightFile
from engines.store.checksum import Checksum, measure
from engines.store.failure import DAMAGED, NOT_THERE, WRONG_CHECKSUM, SourceFailed

STAMP = ".checked.json"


def candidates(spec: ModelSpec, folders: Iterable[Path]) -> Iterator[Path]:
    """Yields where a model may lie inside folders that an administrator named, by any of its usual names.

    ``<folder>/base``, ``<folder>/faster-whisper-base``, ``<folder>/Systran/faster-whisper-base``, the layout of a
    Hugging Face cache, or the folder itself where it carries such a name.
    """
    names = _names(spec)
    for folder in folders:
        if folder.name in names:
            yield folder
        for name in names:
            yield folder / name
        yield from snapshots(spec, folder)


def snapshots(spec: ModelSpec, cache: Path) -> Iterator[Path]:
    """Yields the snapshots of a model in a Hugging Face cache, the pinned commit first."""
    for source in spec.sources:
        if isinstance(source, HubSource) and source.hub == "huggingface":
            parent = cache / f"models--{source.repo.replace('/', '--')}" / "snapshots"
            try:
                found = sorted(parent.iterdir(), key=lambda path: path.name != source.revision)
            except OSError:
                continue
            yield from found


def inside(place: str) -> Iterator[Path]:
    """Yields a folder of an installed package, ``package/folder``, which is not imported for it."""
    package, _, folder = place.partition("/")
    found = importlib.util.find_spec(package)
    for root in (found.submodule_search_locations or ()) if found is not None else ():
        yield Path(root) / folder


def hugging_face_cache(env: Mapping[str, str], home: Path) -> Path:
    """Returns where Hugging Face's own tools keep models on this machine."""
    named = env.get("HF_HUB_CACHE") or env.get("HUGGINGFACE_HUB_CACHE")
    if named:
        return Path(named)
    root = env.get("HF_HOME") or str(Path(env.get("XDG_CACHE_HOME") or home / ".cache") / "huggingface")
    return Path(root).expanduser() / "hub"


def is_complete(spec: ModelSpec, folder: Path) -> bool:
    """Tells whether every file is there with the size that the catalog knows; reads no contents."""
    return all(_has(folder / file.name, file) for file in spec.files)


def check(spec: ModelSpec, folder: Path, seen: Callable[[int], None]) -> dict[str, str]:
    """Reads every file and returns its sha256 by name; ``seen`` is told the bytes of each block.

    Pinned files must have their sha256. A file without a pin must be what the Hugging Face cache calls it, where it
    lies in one; elsewhere it is taken as the administrator put it there. Raises SourceFailed.
    """
    found: dict[str, str] = {}
    for file in spec.files:
        path = folder / file.name
        pinned = Checksum("sha256", file.sha256) if file.sha256 else _blob(path)
        last = 0

        def each(done: int) -> None:
            nonlocal last
            seen(done - last)
            last = done

        try:
            sha256, agrees = measure(path, each, pinned)
        except FileNotFoundError as error:
            raise SourceFailed(str(folder), NOT_THERE) from error
        except OSError as error:
            raise SourceFailed(str(folder), DAMAGED) from error
        if not agrees:
            raise SourceFailed(str(folder), WRONG_CHECKSUM)
        found[file.name] = sha256
    return found


def stamp(folder: Path, at: Path, checksums: Mapping[str, str]) -> None:
    """Writes down that the files of ``folder`` were checked, with their size and time, so that no one has to read them
    again."""
    told = {name: [*_marks(folder / name), sha256] for name, sha256 in checksums.items()}
    at.parent.mkdir(parents=True, exist_ok=True)
    temporary = at.with_name(at.name + ".new")
    temporary.write_text(json.dumps({"folder": str(folder.name), "files": told}, indent=1), encoding="utf-8")
    os.replace(temporary, at)


def is_stamped(spec: ModelSpec, folder: Path, at: Path) -> bool:
    """Tells whether the files are the ones that were checked, by size and time of change alone."""
    try:
        told = json.loads(at.read_text(encoding="utf-8"))["files"]
        return all(
            told[file.name][:2] == list(_marks(folder / file.name))
            and (file.sha256 is None or told[file.name][2] == file.sha256)
            for file in spec.files
        )
    except (OSError, ValueError, KeyError, TypeError, IndexError):
        return False


def marks_of(spec: ModelSpec, folder: Path) -> tuple[tuple[int, int], ...]:
    """Returns size and time of change of each file of a model, by which one sees that none was replaced."""
    return tuple(_marks(folder / file.name) for file in spec.files)


def stamp_of_foreign(root: Path, spec: ModelSpec, folder: Path) -> Path:
    """Returns where the stamp of a folder outside the store lies: such folders are never written to."""
    return root / ".checked" / f"{spec.name}-{hashlib.sha256(str(folder).encode()).hexdigest()[:16]}.json"


def _names(spec: ModelSpec) -> tuple[str, ...]:
    repos = [source.repo for source in spec.sources if isinstance(source, HubSource) and source.hub == "huggingface"]
    short = [repo.split("/")[1] for repo in repos]
    return tuple(dict.fromkeys([spec.name, *short, *(repo.replace("/", "--") for repo in repos), *repos]))


def _has(path: Path, file: WeightFile) -> bool:
    try:
        size = path.stat().st_size
    except OSError:
        return False
    if file.sha256 is not None and file.size is not None:
        return size == file.size
    return size > 0.9 * (file.size or 0)


def _marks(path: Path) -> tuple[int, int]:
    status = path.stat()
    return status.st_size, status.st_mtime_ns


def _blob(path: Path) -> Checksum | None:
    return Checksum.of_etag(path.resolve().name) if path.is_symlink() else None
