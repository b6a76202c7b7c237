"""The languages that are written in: their names for a model, and which one a text is in."""

from __future__ import annotations

import re
from collections import Counter

from workbench.writing.language_names import NAMES

__all__ = ["NAMES", "is_in", "language_of", "name_of", "prompt_language", "same_words", "script_of", "signs_of"]

_SCRIPTS = (
    ("kana", r"[\u3041-\u30ff]"), ("han", r"[\u3400-\u9fff]"), ("hangul", r"[\uac00-\ud7af]"),
    ("cyrillic", r"[\u0400-\u04ff]"), ("greek", r"[\u0370-\u03ff]"), ("arabic", r"[\u0600-\u06ff]"),
    ("hebrew", r"[\u0590-\u05ff]"), ("devanagari", r"[\u0900-\u097f]"), ("bengali", r"[\u0980-\u09ff]"),
    ("gurmukhi", r"[\u0a00-\u0a7f]"), ("gujarati", r"[\u0a80-\u0aff]"), ("odia", r"[\u0b00-\u0b7f]"),
    ("tamil", r"[\u0b80-\u0bff]"), ("telugu", r"[\u0c00-\u0c7f]"), ("kannada", r"[\u0c80-\u0cff]"),
    ("malayalam", r"[\u0d00-\u0d7f]"), ("sinhala", r"[\u0d80-\u0dff]"), ("thai", r"[\u0e00-\u0e7f]"),
    ("lao", r"[\u0e80-\u0eff]"), ("burmese", r"[\u1000-\u109f]"), ("georgian", r"[\u10a0-\u10ff]"),
    ("khmer", r"[\u1780-\u17ff]"), ("armenian", r"[\u0530-\u058f]"),
    ("latin", r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+"),
)  # fmt: skip
_PATTERNS = dict(_SCRIPTS)
_OF_SCRIPT = {
    "kana": ("ja",), "han": ("zh", "yue", "zh-Hant"), "hangul": ("ko",), "greek": ("el",), "hebrew": ("he", "yi"),
    "cyrillic": ("ru", "uk", "bg", "be", "sr", "mk", "kk", "tg", "tt", "ba"), "bengali": ("bn", "as"),
    "arabic": ("ar", "fa", "prs", "ur", "sd", "ars", "apc", "arz", "ary", "acm", "acq", "aeb"),
    "devanagari": ("hi", "mr", "ne", "mai", "bho", "awa", "mag", "hne"), "gurmukhi": ("pa",), "gujarati": ("gu",),
    "odia": ("or",), "tamil": ("ta",), "telugu": ("te",), "kannada": ("kn",), "malayalam": ("ml",), "sinhala": ("si",),
    "thai": ("th",), "lao": ("lo",), "burmese": ("my",), "georgian": ("ka",), "khmer": ("km",), "armenian": ("hy",),
}  # fmt: skip
_SCRIPT_OF = {code: script for script, codes in _OF_SCRIPT.items() for code in codes}
_COMMON = {
    "en": "the of and to in is that for it was on with as are be this have we will you not",
    "de": "der die das und ist nicht ein eine zu den mit von auf für im wir sie es dass wird",
    "fr": "le la les des et est une un que dans pour pas nous sur qui avec il du au vous",
    "es": "el la los las de que y en un una es por con no para se del lo como más",
    "pt": "o a os as de que e em um uma é por com não para se do da como mais",
    "it": "il la di che e un una è per con non si del della sono le i come anche nel",
    "nl": "de het een en van is dat niet op te zijn met voor we er aan ook wordt die in",
}
_WORDS = {code: frozenset(words.split()) for code, words in _COMMON.items()}
OTHER_SHARE, LATIN_SHARE = 0.25, 0.5
_ENOUGH_WORDS = 8
"""With fewer words a language that shares its letters with others cannot be told."""


def prompt_language(code: str) -> str:
    """Returns in which language a model is told what to do: Chinese for Chinese, English for all others."""
    return "zh" if code in ("zh", "zh-Hant", "yue") else "en"


def name_of(code: str, reader: str) -> str:
    """Returns the name of a language, in Chinese or in English."""
    zh, en = NAMES.get(code, (code, code))
    return zh if reader == "zh" else en


def script_of(text: str) -> str | None:
    """Returns the script that most of a text is in, None where it holds no letters."""
    name, n = _counted(text).most_common(1)[0]
    return name if n else None


def signs_of(text: str, script: str) -> int:
    """Returns how many signs of a script a text holds."""
    return len(re.findall(_PATTERNS[script], text))


def language_of(text: str) -> str | None:
    """Returns the language of a text as far as its letters and commonest words tell it."""
    script = script_of(text)
    if script is None:
        return None
    if script != "latin":
        return _OF_SCRIPT[script][0]
    words = [word.lower() for word in re.findall(r"[^\W\d_]+", text)]
    scores = {code: sum(word in known for word in words) for code, known in _WORDS.items()}
    best = max(scores, key=lambda code: scores[code])
    return best if scores[best] >= max(1, len(words) // 12) else None


def is_in(text: str, wanted: str) -> bool:
    """Tells whether a text may be in the language that was asked for; True where its letters cannot tell.

    Names of other scripts inside it do not matter: Chinese about software holds many English words.
    """
    counts = _counted(text)
    n_all = sum(counts.values())
    if not n_all:
        return True
    script = _SCRIPT_OF.get(wanted, "latin")
    if wanted == "sr" and counts["latin"] > counts["cyrillic"]:
        script = "latin"
    if counts[script] < n_all * (LATIN_SHARE if script == "latin" else OTHER_SHARE):
        return False
    if script != "latin" or len(re.findall(r"[^\W\d_]+", text)) < _ENOUGH_WORDS:
        return True
    found = language_of(text)
    return found is None or found == wanted or wanted not in _WORDS


def same_words(one: str | None, other: str | None) -> bool:
    """Tells whether texts in both languages can be compared word by word."""
    return one == other or (_SCRIPT_OF.get(one or "") == "han" and _SCRIPT_OF.get(other or "") == "han")


def _counted(text: str) -> Counter[str]:
    """Returns how many signs of each script a text holds; a Latin word counts as two, kana take the Han signs along."""
    counts = Counter({name: len(re.findall(signs, text)) for name, signs in _SCRIPTS})
    counts["latin"] *= 2
    if counts["kana"] and counts["kana"] * 8 >= counts["han"]:
        counts["kana"] += counts["han"]
        counts["han"] = 0
    return counts
