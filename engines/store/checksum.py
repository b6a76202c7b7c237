"""Checksums of weight files, as the catalog pins them or a hub states them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Checksum:
    """``sha256`` of a file, or ``git``: the sha1 of a git blob, which hubs state for files outside LFS."""

    kind: str
    value: str

    @classmethod
    def of_etag(cls, etag: str | None) -> Self | None:
        """Reads what Hugging Face puts into an ETag: a sha256 for LFS files, a git blob hash for others."""
        found = re.fullmatch(r'(?:W/)?"?([0-9a-f]{64}|[0-9a-f]{40})"?', (etag or "").strip())
        if found is None:
            return None
        return cls("sha256" if len(found[1]) == 64 else "git", found[1])


def measure(path: Path, seen: Callable[[int], None], also: Checksum | None = None) -> tuple[str, bool]:
    """Returns the sha256 of a file and whether it agrees with ``also`` (True without one).

    ``seen`` is told the number of bytes read so far after every MiB, and may raise to stop.
    """
    sha256 = hashlib.sha256()
    git = hashlib.sha1(b"blob %d\0" % path.stat().st_size, usedforsecurity=False)
    wants_git = also is not None and also.kind == "git"
    done = 0
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            sha256.update(block)
            if wants_git:
                git.update(block)
            done += len(block)
            seen(done)
    value = git.hexdigest() if wants_git else sha256.hexdigest()
    return sha256.hexdigest(), also is None or also.value == value
