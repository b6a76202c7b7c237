"""Licences with conditions: what has to be accepted before a model's weights are fetched."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from engines.base import ModelSpec
from workbench.errors import JobError
from workbench.history.database import Database
from workbench.history.terms import accept, accepted_of

MOST_NAME = 100


class Terms:
    """What was accepted on this machine; callable from any thread."""

    def __init__(self, history: Database) -> None:
        self._history = history

    def check(self, spec: ModelSpec) -> None:
        """Raises JobError ``terms_open`` for a model whose conditions nobody has accepted."""
        if spec.terms is not None and accepted_of(self._history, spec) is None:
            raise JobError("terms_open", model=spec.title, licence=spec.licence)

    def accept(self, spec: ModelSpec, who: str) -> None:
        """Writes down who accepted a model's conditions; raises JobError ``terms_none`` and ``terms_nobody``."""
        name = " ".join(who.split())[:MOST_NAME]
        if spec.terms is None:
            raise JobError("terms_none", status=422, model=spec.title)
        if not name:
            raise JobError("terms_nobody", status=422)
        accept(self._history, spec, name)

    def told(self, spec: ModelSpec) -> dict[str, Any] | None:
        """Returns ``{"link", "licence", "accepted": {"licence", "link", "who", "at"} or None}``; None for a model
        without conditions."""
        if spec.terms is None:
            return None
        accepted = accepted_of(self._history, spec)
        return {"link": spec.terms, "licence": spec.licence, "accepted": asdict(accepted) if accepted else None}
