"""Names files for downloads."""

from __future__ import annotations

import re
from urllib.parse import quote

_NOT_PLAIN = re.compile(r"[^A-Za-z0-9._ ()-]+")


def disposition(name: str, kind: str = "attachment") -> str:
    """Returns a Content-Disposition (RFC 6266) with the full name (RFC 5987) and a plain one for old clients."""
    stem, dot, suffix = name.rpartition(".")
    plain = _NOT_PLAIN.sub("_", stem).strip(" ._") or "transcript"
    return f"{kind}; filename=\"{plain}{dot}{suffix}\"; filename*=UTF-8''{quote(name, safe='')}"
