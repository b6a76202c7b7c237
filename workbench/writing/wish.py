"""What a person chose for writing from a transcript or a text."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from engines.writing.sizes import CONTEXT
from workbench.errors import JobError
from workbench.writing.languages import NAMES

KINDS = ("polish", "summary", "minutes", "chapters", "title", "subtitles", "translate", "free", "template")
STYLES = ("standard", "formal", "casual", "concise", "detailed")
LENGTHS = ("short", "medium", "long")
LINE_BY_LINE = frozenset({"polish", "subtitles", "translate"})
"""Kinds of which each sentence of the source is a sentence of the result."""
TRANSLATIONS = frozenset({"subtitles", "translate"})
MOST_INSTRUCTION, MOST_TEMPLATE = 2000, 8000


@dataclass(frozen=True, slots=True)
class WriteRequest:
    """What is to be written.

    ``style`` is for ``polish``, ``length`` for ``summary``, ``instruction`` for ``free``; ``template`` is the text of
    an office template, ``template_name`` what the office calls it. ``language`` is that of the result, None is that of
    the source. ``quality`` is ``auto``, ``quick``, ``careful`` or ``model:NAME``. ``thinking`` lets a model think
    first, where it can. ``context`` is how many tokens the model takes, question and answer together; nobody chooses
    it.
    """

    kind: str = "polish"
    style: str = "standard"
    length: str = "medium"
    language: str | None = None
    instruction: str = ""
    template: str = ""
    template_name: str = ""
    quality: str = "auto"
    thinking: bool = False
    context: int = CONTEXT

    @property
    def into(self) -> str | None:
        """The language that is translated into, None where the request is no translation."""
        return self.language if self.kind in TRANSLATIONS else None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON; ``from_dict`` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Builds a request from ``to_dict``'s shape; unknown keys are ignored, absent ones take their defaults."""
        return cls(**{f.name: value[f.name] for f in fields(cls) if f.name in value})


def check(request: WriteRequest) -> None:
    """Raises JobError ``request_invalid`` with the ``field`` that is wrong and the ``value`` it has."""
    needs_language = request.kind in TRANSLATIONS
    for fine, field in (
        (request.kind in KINDS, "kind"),
        (request.style in STYLES, "style"),
        (request.length in LENGTHS, "length"),
        (request.language in NAMES or (request.language is None and not needs_language), "language"),
        (len(request.instruction) <= MOST_INSTRUCTION, "instruction"),
        (request.kind != "free" or bool(request.instruction.strip()), "instruction"),
        (len(request.template) <= MOST_TEMPLATE, "template"),
        (request.kind != "template" or bool(request.template.strip()), "template"),
        (request.quality in ("auto", "quick", "careful") or request.quality.startswith("model:"), "quality"),
    ):
        if not fine:
            raise JobError("request_invalid", status=422, field=field, value=str(getattr(request, field))[:200])
