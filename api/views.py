"""Jobs as the API shows them: with the sentences of their errors and notes in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request

from api.errors import language_of
from workbench.texts import Texts

if TYPE_CHECKING:
    from workbench.jobs import JobView


class Views:
    """Shows jobs in one language."""

    def __init__(self, texts: Texts, language: str) -> None:
        self._texts = texts
        self._language = language

    def one(self, view: JobView) -> dict[str, Any]:
        """Returns plain JSON; ``error`` has ``message`` and ``hint`` added, each of ``notes`` has ``message``."""
        told = view.to_dict()
        if told["error"]:
            error = told["error"]
            message, hint = self._texts.error_sentence(self._language, error["code"], error["values"])
            told["error"] = {**error, "message": message, "hint": hint}
        told["notes"] = [
            {**note, "message": self._texts.note(self._language, note["code"], note.get("values"))}
            for note in told["notes"]
        ]
        return told

    def many(self, views: Iterable[JobView]) -> list[dict[str, Any]]:
        """Returns all in the same order."""
        return [self.one(view) for view in views]


async def _views(request: Request) -> Views:
    return Views(request.app.state.texts, language_of(request))


Shown = Annotated[Views, Depends(_views)]
