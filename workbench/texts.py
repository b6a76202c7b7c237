"""Every sentence that a person reads, in each language."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

LANGUAGES = ("en", "zh")
log = logging.getLogger(__name__)


class Texts:
    """The sentences of all ``<area>.<language>.json`` files of one folder.

    Files are read once, when the first sentence is asked for. A missing key or value raises KeyError when ``strict``
    (the tests), and is otherwise logged and shown as the key itself, so that a page never breaks over a sentence.
    """

    def __init__(self, folder: Path, strict: bool = False) -> None:
        self._folder = folder
        self._strict = strict

    @cached_property
    def _sentences(self) -> dict[str, dict[str, str]]:
        return {language: self._read(language) for language in LANGUAGES}

    def _read(self, language: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for path in sorted(self._folder.glob(f"*.{language}.json")):
            found.update(json.loads(path.read_text(encoding="utf-8")))
        return found

    def all(self, language: str) -> Mapping[str, str]:
        """Returns every sentence of one language by its key, with its ``{placeholders}``."""
        return self._sentences[nearest(language)]

    def say(self, language: str, key: str, /, **values: object) -> str:
        """Returns one sentence with its values filled in, whatever they are called; ``n`` of 1 takes ``<key>.one``."""
        sentences = self.all(language)
        template = sentences.get(f"{key}.one" if values.get("n") == 1 and f"{key}.one" in sentences else key)
        if template is None:
            return self._lost(key, language)
        try:
            return template.format_map(values)
        except (KeyError, IndexError, ValueError):
            return self._lost(f"{key} {values}", language)

    def has(self, language: str, key: str) -> bool:
        """Tells whether a sentence exists."""
        return key in self.all(language)

    def error_sentence(self, language: str, code: str, values: Mapping[str, object] | None = None) -> tuple[str, str]:
        """Returns what happened and what the person can do; the second is empty where there is nothing to do."""
        values = self._readable(values or {}, language)
        hint_key = f"error.{code}.hint"
        hint = self.say(language, hint_key, **values) if self.has(language, hint_key) else ""
        return self.say(language, f"error.{code}", **values), hint

    def note(self, language: str, code: str, values: Mapping[str, object] | None = None) -> str:
        """Returns the sentence of a note on a job."""
        return self.say(language, f"note.{code}", **self._readable(values or {}, language))

    def _readable(self, values: Mapping[str, object], language: str) -> dict[str, object]:
        """Returns the values as a sentence shows them: lists joined, times as ``0:31-0:58``, reasons in words."""
        return {name: self._shown(value, language) for name, value in values.items()}

    def _shown(self, value: object, language: str) -> object:
        if isinstance(value, (list, tuple)):
            comma = "、" if nearest(language) == "zh" else ", "
            return comma.join(str(self._shown(item, language)) for item in value)
        if isinstance(value, Mapping) and {"start", "end"} <= value.keys():
            return f"{clock_time(float(value['start']))}-{clock_time(float(value['end']))}"
        if isinstance(value, Mapping) and {"place", "reason"} <= value.keys():
            reason = str(value["reason"])
            key = f"reason.{reason.replace(' ', '_')}"
            words = self.say(language, key) if self.has(language, key) else reason
            return self.say(language, "reason.at", place=value["place"], reason=words)
        return value

    def _lost(self, key: str, language: str) -> str:
        if self._strict:
            raise KeyError(f"no sentence for {key} in {language}")
        log.warning("no sentence for %s in %s", key, language)
        return key


def nearest(language: str | None) -> str:
    """Returns ``zh`` for every kind of Chinese and ``en`` for all else."""
    return "zh" if (language or "").lower().startswith("zh") else "en"


def clock_time(seconds: float) -> str:
    """Returns ``0:31`` or ``1:02:03``."""
    whole = int(seconds)
    hours, minutes, rest = whole // 3600, whole % 3600 // 60, whole % 60
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
