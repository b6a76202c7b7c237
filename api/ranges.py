"""Reads the Range and conditional headers of HTTP (RFC 9110, sections 13 and 14); pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

_BYTES = re.compile(r"\s*bytes\s*=\s*(\d*)\s*-\s*(\d*)\s*", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """The bytes ``start`` to ``stop`` (exclusive) of a body."""

    start: int
    stop: int

    @property
    def length(self) -> int:
        return self.stop - self.start


class NotSatisfiable(ValueError):
    """The range lies outside the body."""


def wanted_part(header: str | None, size: int) -> Part | None:
    """Returns the part that a Range header asks for, None for the whole body; raises NotSatisfiable.

    A header that is no valid single byte range is ignored, as the standard allows; players send single ranges only.
    """
    match = _BYTES.fullmatch(header) if header and len(header) < 100 else None
    if match is None:
        return None
    first, last = match.groups()
    if not first and not last:
        return None
    if not first:
        length = min(int(last), size)
        if length == 0:
            raise NotSatisfiable
        return Part(size - length, size)
    if last and int(last) < int(first):
        return None
    if int(first) >= size:
        raise NotSatisfiable
    return Part(int(first), min(int(last) + 1, size) if last else size)


def still_fresh(if_none_match: str | None, etag: str) -> bool:
    """Tells whether the reader's copy is the present one (answer 304)."""
    if not if_none_match:
        return False
    known = {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}
    return "*" in known or etag in known


def range_holds(if_range: str | None, etag: str) -> bool:
    """Tells whether a Range may be honoured: If-Range is absent or names the present body exactly."""
    return if_range is None or if_range.strip() == etag
