"""Writes recognised text in the script and with the numbers that a person asked for."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import replace
from difflib import SequenceMatcher
from typing import Any, Protocol

from engines.requests import TranscribeRequest
from media.transcript import Segment, Word

CHINESE = frozenset({"zh", "yue"})
UNSPACED = frozenset({"zh", "yue", "ja"})
ITN_LANGUAGES = frozenset({"zh", "yue", "en"})

_CJK = r"[\u3000-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]"
_SPACE_INSIDE = re.compile(rf"(?<={_CJK})\s+(?={_CJK})")
_SPACE_BEFORE_SIGN = re.compile(r" +([.,!?;:])")
_SLASHED_DATE = re.compile(r"(\d{4})/(\d{2})/(\d{2})")


class Rewriter(Protocol):
    """Turns one line of text into another; both methods are safe to call from several threads."""

    def to_script(self, text: str, script: str) -> str:
        """Returns Chinese text in ``simplified`` or ``traditional`` characters."""

    def to_digits(self, text: str, language: str) -> str:
        """Returns text of ``zh``, ``yue`` or ``en`` with spoken numbers as digits."""


class TextRewriter:
    """OpenCC and wetext, loaded when first needed (wetext 0.4 s and 50 MB)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loaded: dict[str, Any] = {}

    def to_script(self, text: str, script: str) -> str:
        """Returns Chinese text in ``simplified`` or ``traditional`` characters."""
        with self._lock:
            return str(self._tool(script, _opencc).convert(text))

    def to_digits(self, text: str, language: str) -> str:
        """Returns text with spoken numbers as digits; spacing before punctuation stays as it was."""
        language = "en" if language == "en" else "zh"
        with self._lock:
            written = str(self._tool(language, _wetext).normalize(text))
        return _tidy(text, written)

    def _tool(self, name: str, make: Callable[[str], Any]) -> Any:
        if name not in self._loaded:
            self._loaded[name] = make(name)
        return self._loaded[name]


def rewrite(segment: Segment, request: TranscribeRequest, rewriter: Rewriter) -> Segment:
    """Returns a segment in the script and with the numbers of the request; word times follow the new text.

    Whisper's spaces between Chinese or Japanese characters are left out; those beside Latin words stay.
    """
    language = "en" if request.translate else segment.language
    text = _SPACE_INSIDE.sub("", segment.text) if language in UNSPACED else segment.text
    if request.script and language in CHINESE:
        text = rewriter.to_script(text, request.script)
    if request.itn and language in ITN_LANGUAGES and text.strip():
        text = rewriter.to_digits(text, language or "")
    if text == segment.text:
        return segment
    return replace(segment, text=text, words=rewrite_words(segment.words, text))


def rewrite_words(words: tuple[Word, ...], text: str) -> tuple[Word, ...]:
    """Returns the words of a rewritten text: unchanged ones keep their times, and those behind a change become one.

    Joined, the texts of the words are ``text`` (save for spaces at its ends).
    """
    if not words:
        return ()
    old = "".join(word.text for word in words)
    lead = old[: len(old) - len(old.lstrip())]
    new = lead + text.strip()
    places = _matching_places(old, new)
    merged: list[Word] = []
    group: list[Word] = []
    old_at = new_from = 0
    for word in words:
        group.append(word)
        old_at += len(word.text)
        new_at = len(new) if word is words[-1] else places.get(old_at)
        if new_at is None or new_at <= new_from:
            continue
        merged.append(_join(group, new[new_from:new_at]))
        group, new_from = [], new_at
    return tuple(merged)


def _matching_places(old: str, new: str) -> dict[int, int]:
    """Returns for each place between two characters of ``old`` the same place in ``new``, where there is one."""
    places: dict[int, int] = {}
    for kind, old_from, old_to, new_from, new_to in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        same_length = old_to - old_from == new_to - new_from
        if kind == "equal" or same_length:
            places.update({old_from + step: new_from + step for step in range(old_to - old_from + 1)})
        else:
            places.setdefault(old_from, new_from)
            places[old_to] = new_to
    return places


def _join(group: list[Word], text: str) -> Word:
    return Word(group[0].start, group[-1].end, text, min(word.probability for word in group))


def _tidy(spoken: str, written: str) -> str:
    if not _SPACE_BEFORE_SIGN.search(spoken):
        written = _SPACE_BEFORE_SIGN.sub(r"\1", written)
    if " %" not in spoken:
        written = re.sub(r"(?<=\d) %", "%", written)
    if "年" in spoken and "/" not in spoken:
        written = _SLASHED_DATE.sub(_chinese_date, written)
    return written


def _chinese_date(found: re.Match[str]) -> str:
    year, month, day = found.groups()
    return f"{year}年{int(month)}月{int(day)}日"


def _opencc(script: str) -> Any:
    from opencc import OpenCC

    return OpenCC("t2s" if script == "simplified" else "s2t")


def _wetext(language: str) -> Any:
    from wetext import Normalizer

    return Normalizer(lang=language, operator="itn")
