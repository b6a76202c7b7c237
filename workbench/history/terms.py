"""Who accepted the conditions of a model's licence, and when."""

from __future__ import annotations

from dataclasses import dataclass

from engines.base import ModelSpec
from workbench.history.database import Database


@dataclass(frozen=True, slots=True)
class Accepted:
    """The conditions of a licence were accepted; ``at`` is in seconds since 1970."""

    licence: str
    link: str
    who: str
    at: float


def accepted_of(history: Database, spec: ModelSpec) -> Accepted | None:
    """Returns who accepted a model's licence as it is now; None where nobody did."""
    with history.reading() as db:
        row = db.execute("SELECT * FROM accepted_terms WHERE model = ?", (spec.name,)).fetchone()
    if row is None or (row["licence"], row["link"]) != (spec.licence, spec.terms):
        return None
    return Accepted(row["licence"], row["link"], row["who"], row["accepted_at"])


def accept(history: Database, spec: ModelSpec, who: str) -> None:
    """Writes down that somebody accepted a model's licence."""
    with history.transaction() as db:
        db.execute(
            "INSERT OR REPLACE INTO accepted_terms VALUES (?, ?, ?, ?, ?)",
            (spec.name, spec.licence, spec.terms, who, history.clock()),
        )
