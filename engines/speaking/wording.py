"""What stands in a text as it is said: the office's own words, numbers, dates, units, addresses of the web."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from engines.requests_speaking import Word

CHINESE = re.compile(r"[\u3400-\u9fff]")
_WRITTEN = (
    ("Japanese", re.compile(r"[\u3040-\u30ff]")),
    ("Korean", re.compile(r"[\uac00-\ud7af]")),
    ("Chinese", CHINESE),
)
_PINYIN = re.compile(r"[a-zü:]+[1-5](?: ?[a-zü:]+[1-5])*", re.IGNORECASE)
_SYLLABLE = re.compile(r"[a-zü:]+[1-5]", re.IGNORECASE)
_NO_MARKS = str.maketrans("<>|", "   ")
_ADDRESS = re.compile(r"(?:https?://|www\.)[^\s，。；！？、）)]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+", re.ASCII)
_DOTTED = re.compile(r"(?<=[A-Za-z0-9])\.(?=[A-Za-z])")
_SIGNS = {"zh": {"@": " 艾特 ", ".": " 点 ", "/": " 斜杠 "}, "en": {"@": " at ", ".": " dot ", "/": " slash "}}
_LATIN_RUN = re.compile(r"[A-Za-z\u00c0-\u024f][A-Za-z0-9\u00c0-\u024f'’&.\- ]*")


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of a text that is said in one way: ``zh`` or ``en`` words, or ``pinyin``."""

    way: str
    text: str


def parts(text: str, words: Sequence[Word], chinese: bool, normalize: Callable[[str], str]) -> list[Part]:
    """Returns a text as it is said, in order.

    ``chinese`` tells in which language numbers are read where the text itself does not; ``normalize`` writes Chinese
    numbers, dates and units as words. English ones are read by the English dictionary itself.
    """
    chinese = bool(CHINESE.search(text)) or (chinese and not re.search(r"[A-Za-z]{2}", text))
    found: list[Part] = []
    for piece, spoken in replaced(text, words):
        if spoken and _PINYIN.fullmatch(spoken) and CHINESE.search(piece):
            found.append(Part("pinyin", spoken.lower().replace("u:", "v").replace("ü", "v")))
            continue
        said = addresses(spoken or piece, "zh" if chinese or CHINESE.search(spoken) else "en")
        if not chinese and not CHINESE.search(said):
            found.append(Part("en", said))
        else:
            found += mixed(normalize(said) if said.strip() else said)
    return found


def respelt(text: str, words: Sequence[Word], normalize: Callable[[str], str], chinese: bool | None = None) -> str:
    """Returns a text for a network that reads letters itself: respelt by the list, numbers of Chinese texts as words.

    A word that the list has in pinyin stays as it is written: such a network knows no pinyin. ``chinese`` tells how
    the numbers of a part are read that has no Chinese sign of its own.
    """
    chinese = bool(CHINESE.search(text)) if chinese is None else chinese
    found = []
    for piece, spoken in replaced(text, words):
        pinyin = _PINYIN.fullmatch(spoken) is not None and CHINESE.search(piece) is not None
        found.append(addresses(piece if pinyin else spoken or piece, "zh" if chinese else "en"))
    said = "".join(found)
    return normalize(said) if chinese and said.strip() else said


def marked(text: str, words: Sequence[Word], normalize: Callable[[str], str]) -> str:
    """Returns a text for IndexTTS: respelt by the list, which also counts where it has pinyin, ``<行|HANG2>``.

    The signs of such marks are taken out of the text itself, so that nothing in it is read as one.
    """
    text = text.translate(_NO_MARKS)
    chinese = bool(CHINESE.search(text))
    sounded = [word for word in words if _PINYIN.fullmatch(word[1]) and CHINESE.search(word[0])]
    others = [word for word in words if word not in sounded]
    found = []
    for piece, pinyin in replaced(text, sounded):
        syllables = [_of_vocabulary(one) for one in _SYLLABLE.findall(pinyin)]
        if pinyin and len(syllables) == len(piece):
            found.append("".join(f"<{sign}|{one}>" for sign, one in zip(piece, syllables, strict=True)))
        else:
            found.append(respelt(piece, others, normalize, chinese))
    return "".join(found)


def _of_vocabulary(syllable: str) -> str:
    """Returns a syllable as IndexTTS knows it: ü is V, also where pinyin writes u for it."""
    return re.sub(r"^([JQX])U", r"\1V", syllable.upper().replace("U:", "V").replace("Ü", "V"))


def language_read(text: str) -> str:
    """Returns the language of a text as Qwen3-TTS calls it."""
    for name, signs in _WRITTEN:
        if signs.search(text):
            return name
    return "English"


def replaced(text: str, words: Sequence[Word]) -> Iterator[tuple[str, str]]:
    """Yields a text in pieces ``(as written, as spoken)``, the latter empty where no word of the list stands.

    Longer words go first; Latin ones count as whole words only, in any case.
    """
    known = {written.casefold(): spoken for written, spoken in words if written.strip() and spoken.strip()}
    if not known:
        yield text, ""
        return
    longest = sorted(known, key=len, reverse=True)
    pattern = re.compile("|".join(_whole(word) for word in longest), re.IGNORECASE)
    at = 0
    for found in pattern.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], ""
        yield found.group(), known[found.group().casefold()]
        at = found.end()
    if at < len(text):
        yield text[at:], ""


def addresses(text: str, language: str) -> str:
    """Returns a text whose web and mail addresses are spelt out."""
    signs = _SIGNS[language]

    def spelt(found: re.Match[str]) -> str:
        told = re.sub(r"^https?://", "", found.group()).rstrip("/.")
        told = re.sub(r"^www(?=\.)", "W W W", told)
        return " " + "".join(signs.get(sign, sign) for sign in told) + " "

    return _ADDRESS.sub(spelt, text)


def mixed(text: str) -> list[Part]:
    """Returns a Chinese text with its Latin words apart."""
    found: list[Part] = []
    at = 0
    for run in _LATIN_RUN.finditer(text):
        if text[at : run.start()].strip():
            found.append(Part("zh", text[at : run.start()]))
        found.append(Part("en", _DOTTED.sub(" dot ", run.group().strip())))
        at = run.end()
    if text[at:].strip():
        found.append(Part("zh", text[at:]))
    return found


def _whole(word: str) -> str:
    escaped = re.escape(word)
    before = r"(?<![A-Za-z0-9])" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?![A-Za-z0-9])" if word[-1].isascii() and word[-1].isalnum() else ""
    return f"{before}{escaped}{after}"
