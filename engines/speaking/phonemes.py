"""Texts as the sounds that Kokoro knows, with misaki's Chinese and hibari's English dictionary; no espeak."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
from typing import Any

from engines.requests_speaking import Word
from engines.speaking.wording import parts

_ENDS = ".!?"
_PAUSES = ";:,—…"
_MARKS = str.maketrans({"～": ",", "~": ",", "·": " ", "—": ",", "…": ".", "\n": " ", "“": "", "”": "", '"': ""})


class Phonemes:
    """Dictionaries of both languages, each loaded when it is first needed (0.5 to 0.8 s)."""

    def __init__(self) -> None:
        self._tools: dict[str, Any] = {}

    def of(self, text: str, language: str, words: Sequence[Word] = ()) -> str:
        """Returns the sounds of a text; ``language`` is the voice's."""
        chinese = language == "zh"
        found = []
        for part in parts(text, words, chinese, self.normalized):
            if part.way == "en":
                found.append(self._english(part.text, language == "en-gb"))
            elif part.way == "pinyin":
                found.append(self._pinyin(part.text))
            else:
                found.append(self._chinese(part.text))
        joined = " ".join(piece.strip() for piece in found if piece.strip())
        return re.sub(r" +(?=[.,!?;:])", "", joined)

    def _english(self, text: str, british: bool) -> str:
        from hibari.g2p import G2P

        tool = self._tool("en-gb" if british else "en-us", lambda: G2P(british=british))
        return str(tool(text))

    def _chinese(self, text: str) -> str:
        from misaki.zh import ZHG2P

        simplified = self._tool("t2s", _simplifier).convert(text.translate(_MARKS))
        jieba = self._tool("jieba", _jieba)
        told = []
        for run in re.findall(r"[\u3400-\u9fff]+|[^\u3400-\u9fff]+", ZHG2P.map_punctuation(simplified)):
            if "\u3400" <= run[0] <= "\u9fff":
                told.append(" ".join(self._word(word) for word in jieba.lcut(run)))
            else:
                told.append(run)
        return "".join(told).replace(chr(815), "")

    def _word(self, word: str) -> str:
        from pypinyin import Style, lazy_pinyin

        syllables = lazy_pinyin(word, style=Style.TONE3, neutral_tone_with_five=True, tone_sandhi=True, errors="ignore")
        return self._pinyin(" ".join(syllables))

    def _pinyin(self, text: str) -> str:
        from misaki.zh import ZHG2P

        syllables = re.findall(r"[a-zü]+[1-5]", text)
        return "".join(ZHG2P.py2ipa(one) for one in syllables).replace(chr(815), "")

    def normalized(self, text: str) -> str:
        """Returns a Chinese text whose numbers, dates and units are words."""
        return str(self._tool("wetext", _normalizer).normalize(text))

    def _tool(self, name: str, make: Callable[[], Any]) -> Any:
        if name not in self._tools:
            self._tools[name] = make()
        return self._tools[name]


def split(phonemes: str, most: int) -> list[str]:
    """Splits sounds into runs of at most ``most``, at the ends of sentences, else at commas, else between words."""
    found = []
    rest = phonemes.strip()
    while len(rest) > most:
        at = _place(rest, most)
        found.append(rest[:at].strip())
        rest = rest[at:].strip()
    return [one for one in [*found, rest] if any(sign.isalpha() for sign in one)]


def _place(text: str, most: int) -> int:
    """Runs of about equal length sound better than a long one and a stump."""
    n_runs = -(-len(text) // most)
    good = len(text) // n_runs
    for signs in (_ENDS, _PAUSES, " "):
        places = [at + 1 for at, sign in enumerate(text[:most]) if sign in signs and at >= most // 3]
        if places:
            return min(places, key=lambda place: abs(place - good))
    return most


def _simplifier() -> Any:
    from opencc import OpenCC

    return OpenCC("t2s")


def _jieba() -> Any:
    import jieba

    jieba.setLogLevel(logging.WARNING)
    jieba.initialize()
    return jieba


def _normalizer() -> Any:
    from wetext import Normalizer

    return Normalizer(lang="zh", operator="tn", remove_erhua=False)
