"""Builds what a model is asked; the text of a recording is material between marks that it cannot hold itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType

from engines.requests_writing import Message
from workbench.writing import prompts_en, prompts_zh
from workbench.writing.languages import name_of, prompt_language
from workbench.writing.numbered import numbered
from workbench.writing.wish import WriteRequest

SENTENCES = {"short": 3, "medium": 8, "long": 20}
MOST_POINTS = 6


@dataclass(frozen=True, slots=True)
class Prompts:
    """The prompts for one request; ``language`` is the code of the result's language."""

    request: WriteRequest
    language: str

    @property
    def words(self) -> ModuleType:
        """The sentences in the language that the model is told in."""
        return prompts_zh if prompt_language(self.language) == "zh" else prompts_en

    @property
    def name(self) -> str:
        """The name of the result's language."""
        return name_of(self.language, prompt_language(self.language))

    def lines(self, texts: Sequence[str], again: bool = False) -> tuple[Message, ...]:
        """Asks for one line for each line."""
        if self.request.kind == "polish":
            task = self.words.POLISH.format(
                style=self.words.STYLES[self.request.style], n=len(texts), language=self.name
            )
        else:
            task = self.words.TRANSLATE.format(n=len(texts), language=self.name)
        return self._messages(numbered(texts), task, again)

    def points(self, texts: Sequence[str], place: tuple[int, int], again: bool = False) -> tuple[Message, ...]:
        """Asks for the points of one part; ``place`` is ``(its number, of how many)``."""
        task = self.words.POINTS.format(
            what=self._purpose(), part=place[0], parts=place[1], most=MOST_POINTS, language=self.name
        )
        return self._messages(numbered(texts), task, again)

    def whole(self, texts: Sequence[str], again: bool = False) -> tuple[Message, ...]:
        """Asks for the result from the whole text at once."""
        kind = self.request.kind
        if kind == "title":
            task = self.words.TITLE.format(language=self.name)
        elif kind in ("free", "template"):
            task = self.words.FREE_WHOLE.format(what=self._what(), language=self.name)
        else:
            task = self.words.WHOLE.format(what=self._what(), language=self.name)
        return self._messages(numbered(texts), task, again)

    def combine(self, points: Sequence[str], again: bool = False) -> tuple[Message, ...]:
        """Asks for the result from the points of all parts."""
        kind = self.request.kind
        if kind == "title":
            task = self.words.TITLE.format(language=self.name)
        elif kind in ("free", "template"):
            task = self.words.FREE_COMBINE.format(what=self._what(), language=self.name)
        else:
            task = self.words.COMBINE.format(what=self._what(), language=self.name)
        return self._messages(numbered(points), task, again)

    def shorten(self, points: Sequence[str], most: int, again: bool = False) -> tuple[Message, ...]:
        """Asks for fewer points that say the same."""
        task = self.words.SHORTEN.format(what=self._purpose(), most=most, language=self.name)
        return self._messages(numbered(points), task, again)

    def minutes(self, texts: Sequence[str], again: bool = False) -> tuple[Message, ...]:
        """Asks for topics, decisions and tasks of one part."""
        return self._messages(numbered(texts), self.words.MINUTES.format(language=self.name), again)

    def chapters(self, texts: Sequence[str], most: int, again: bool = False) -> tuple[Message, ...]:
        """Asks where chapters begin in one part, and what they are called."""
        return self._messages(numbered(texts), self.words.CHAPTERS.format(most=most, language=self.name), again)

    def _what(self) -> str:
        kind, words = self.request.kind, self.words
        if kind == "minutes":
            return str(words.OVERVIEW.format(sentences=4))
        if kind == "summary":
            length = self.request.length
            return str(words.SUMMARY[length].format(sentences=SENTENCES[length]))
        form = words.TEMPLATE if kind == "template" else words.FREE
        return str(form.format(instruction=self._asked()))

    def _purpose(self) -> str:
        """Returns what points are collected for."""
        if self.request.kind in ("free", "template"):
            return str(self.words.FREE_POINTS.format(instruction=self._asked()))
        return ""

    def _asked(self) -> str:
        request = self.request
        return (request.template if request.kind == "template" else request.instruction).strip()

    def _messages(self, text: str, task: str, again: bool) -> tuple[Message, ...]:
        opening, closing = fences(text)
        system = self.words.SYSTEM.format(open=opening, close=closing, language=self.name)
        material = self.words.MATERIAL.format(open=opening, text=text, close=closing)
        if again:
            task = f"{task}\n{self.words.AGAIN.format(language=self.name)}"
        return ("system", system), ("user", f"{material}\n\n{task}")


def fences(text: str) -> tuple[str, str]:
    """Returns the marks around a text: made of its own hash, so that no text can hold them."""
    mark = hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:6]
    return f"<<{mark}>>", f"<</{mark}>>"
