"""The numbers that Kokoro's networks know sounds by; the table lies in the package of the English dictionary."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

PAD = 0


def ids_of(phonemes: str) -> list[int]:
    """Returns the numbers of sounds with the pads around them; unknown signs are left out."""
    table = _table()
    return [PAD, *(table[sign] for sign in phonemes if sign in table), PAD]


@cache
def _table() -> dict[str, int]:
    found: dict[str, int] = json.loads((resources.files("hibari") / "assets" / "vocab.json").read_text("utf-8"))
    return found
