"""JSON of a caller, without what no answer could carry or would take a traceback to tell."""

from __future__ import annotations

import json
import re
from typing import Any

_HALF = re.compile(r"\\u[dD][89a-fA-F]")


def parsed(content: bytes) -> Any:
    """Returns what a text in UTF-8 holds; half of a character in two halves becomes ``?``. Raises ValueError."""
    text = content.decode("utf-8-sig")
    try:
        told = json.loads(text, parse_constant=_refused)
        if _HALF.search(text):
            # Programs that cut a text by its units send halves, which cannot be written in UTF-8.
            told = json.loads(json.dumps(told, ensure_ascii=False).encode("utf-8", "replace"))
    except RecursionError:
        raise ValueError("nested too deep") from None
    return told


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
