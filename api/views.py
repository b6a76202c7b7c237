"""Jobs as the API shows them: with the sentences of their errors and notes in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, Any

from fastapi import Depends, Request

from api.errors import language_of
from engines.catalog_writing import ANOTHER_SERVER
from workbench.jobs import JobView
from workbench.texts import Texts


class Views:
    """Shows jobs in one language."""

    def __init__(self, texts: Texts, language: str) -> None:
        self._texts = texts
        self._language = language

    def one(self, view: JobView) -> dict[str, Any]:
        """Returns plain JSON; ``error`` has ``message`` and ``hint`` added, each of ``notes`` has ``message``."""
        told = view.to_dict()
        told["error"] = self.error(told["error"])
        if told.get("model") == ANOTHER_SERVER:
            told["model_title"] = self.say("model.another-server")
        if told.get("speakers"):
            speakers = told["speakers"]
            error, notes = self.error(speakers["error"]), self._notes(speakers["notes"])
            told["speakers"] = {**speakers, "error": error, "notes": notes}
        told["notes"] = self._notes(told["notes"])
        return told

    def _notes(self, notes: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [
            {**note, "message": self._texts.note(self._language, note["code"], note.get("values"))} for note in notes
        ]

    def error(self, told: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """Returns ``{"code", "values"}`` with ``message`` and ``hint`` added; None for None."""
        if not told:
            return None
        message, hint = self._texts.error_sentence(self._language, told["code"], told["values"])
        return {**told, "message": message, "hint": hint}

    def model(self, told: Mapping[str, Any]) -> dict[str, Any]:
        """Returns a model's facts; what is no model of this machine has a name in the reader's language."""
        named = {"title": self.say("model.another-server")} if told.get("name") == ANOTHER_SERVER else {}
        return {**told, **named}

    def say(self, key: str, **values: object) -> str:
        """Returns a sentence."""
        return self._texts.say(self._language, key, **values)

    def speaker(self, key: str) -> str:
        """Returns what a speaker without a name is called."""
        return self._texts.say(self._language, "speaker.unnamed", number=key)

    def cleaned(self, title: str) -> str:
        """Returns what the file of a cleaned recording is called, without its ending."""
        return self._texts.say(self._language, "sound.file", title=title)

    def many(self, views: Iterable[JobView]) -> list[dict[str, Any]]:
        """Returns all in the same order."""
        return [self.one(view) for view in views]


async def _views(request: Request) -> Views:
    return Views(request.app.state.texts, language_of(request))


Shown = Annotated[Views, Depends(_views)]
