"""Whether what was heard of a sentence is what it says, by its sounds; pure.

Words that sound alike are the same here: a recogniser that hears 会议 and writes 会意 has heard right.
"""

from __future__ import annotations

import re
import unicodedata
from difflib import SequenceMatcher
from typing import NamedTuple

MISSING_RUN = 5
"""So many sounds in a row that nobody heard are a word that was left out; 2 to 3 make a Chinese syllable."""
WRONG_SHARE = 0.3
_NOT_SOUNDS = re.compile(r"[^\w]|[\u02b0ˈˌː→↓↗↘˥˧˩_\d]")
_ALIKE = str.maketrans(
    {"T": "t", "ɾ": "t", "ᵊ": "", "ə": "", "ɐ": "ʌ", "ᵻ": "ɪ", "i": "ɪ", "ɜ": "ɹ", "ɡ": "k", "ŋ": "n"}
)
"""Sounds that recognisers and dictionaries swap, taken for one."""


class Compared(NamedTuple):
    """``wrong`` is the share of sounds that differ; ``doubt`` is ``missing``, ``doubled``, ``different`` or empty."""

    wrong: float
    doubt: str


def compare(meant: str, heard: str) -> Compared:
    """Compares the sounds that a sentence has with those of the text that was heard."""
    first, second = plain(meant), plain(heard)
    if not first:
        return Compared(0.0, "")
    if not second:
        return Compared(1.0, "missing")
    steps = SequenceMatcher(None, first, second, autojunk=False).get_opcodes()
    lost = [a2 - a1 - (b2 - b1) for kind, a1, a2, b1, b2 in steps if kind in ("delete", "replace")]
    more = [b2 - b1 - (a2 - a1) for kind, a1, a2, b1, b2 in steps if kind in ("insert", "replace")]
    wrong = sum(max(a2 - a1, b2 - b1) for kind, a1, a2, b1, b2 in steps if kind != "equal") / len(first)
    wrong = round(min(1.0, wrong), 3)
    if max(lost, default=0) >= MISSING_RUN:
        return Compared(wrong, "missing")
    if max(more, default=0) >= MISSING_RUN:
        return Compared(wrong, "doubled")
    return Compared(wrong, "different" if wrong > WRONG_SHARE else "")


def plain(sounds: str) -> str:
    """Returns sounds without stress, tone, length, breath, marks and spaces."""
    bare = unicodedata.normalize("NFD", sounds)
    bare = "".join(sign for sign in bare if not unicodedata.combining(sign))
    return _NOT_SOUNDS.sub("", bare).translate(_ALIKE)
