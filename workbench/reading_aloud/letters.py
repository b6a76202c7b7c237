"""Which letters a voice cannot read: a network that was never taught them leaves them out, or invents; pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from engines.catalog_qwen_tts import FROM_RECORDING, WITH_VOICES
from engines.requests_speaking import Word

_EVERYWHERE = frozenset({"LATIN", "CJK", "FULLWIDTH", "HALFWIDTH", "MODIFIER"})
_BY_MODEL = dict.fromkeys((FROM_RECORDING, WITH_VOICES), frozenset({"HIRAGANA", "KATAKANA", "HANGUL", "CYRILLIC"}))
"""Scripts beside Latin and Chinese that a model was taught, by their names in Unicode."""
_RUN = 2
"""A single Greek letter is the name of a unit or an angle; from two on they are a word."""


def is_beyond(text: str, model: str, words: Iterable[Word] = ()) -> bool:
    """Tells whether a text holds a word in letters that a model was not taught; ``words`` say how some are said."""
    for written, _ in words:
        text = text.replace(written, " ")
    known = _EVERYWHERE | _BY_MODEL.get(model, frozenset())
    run = 0
    for sign in text:
        if unicodedata.combining(sign):
            continue
        strange = sign.isalpha() and unicodedata.name(sign, "UNKNOWN").split()[0] not in known
        run = run + 1 if strange else 0
        if run >= _RUN:
            return True
    return False
