"""Writing from a text as rounds of questions: parts are read, what is lost is asked for again, points are combined."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from engines.catalog_translating import TRANSLATING
from engines.requests_writing import TranslateItem, WriteItem
from workbench.errors import JobError
from workbench.tasks.work import Plan, Planned, Told
from workbench.writing.choosing import model_for, setting_of
from workbench.writing.course import course_of
from workbench.writing.document import Document
from workbench.writing.rounds import before, chunks_of
from workbench.writing.wish import WriteRequest, check

if TYPE_CHECKING:
    from workbench.machine.models import Models


_TRANSLATORS = frozenset(f"model:{spec.name}" for spec in TRANSLATING)


class WriteWork(Planned):
    """The task ``text-generation``; its input is a ``Document``, its unit of work a sign."""

    asked: type = WriteRequest

    def request(self, value: Mapping[str, Any]) -> WriteRequest:
        """Builds the request from its stored shape."""
        return WriteRequest.from_dict(dict(value))

    def plan(self, request: Any, source: Path) -> Plan:
        """Returns the first round; raises JobError ``write_empty`` where there is nothing to write from."""
        setting = setting_of(cast(WriteRequest, request), document_at(source))
        if not setting.sentences:
            raise JobError("write_empty", status=422)
        return Plan(chunks_of(course_of(setting, {}).asks))

    def item(self, told: Told) -> WriteItem | TranslateItem:
        """Returns one question, which follows from the answers to those before it."""
        request = cast(WriteRequest, told.request)
        setting = setting_of(request, document_at(told.source))
        asks = course_of(setting, before(told.results(), told.number)).asks
        ask = asks[told.number]
        return ask.lines_item() if request.quality in _TRANSLATORS else ask.item(request.thinking)

    def model(self, request: Any, models: Models) -> str:
        """Checks a request and returns the model of the wanted quality."""
        asked = cast(WriteRequest, request)
        check(asked)
        return model_for(asked.quality, models, asked.into).name


def document_at(source: Path) -> Document:
    """Reads the document of a job; raises JobError ``input_missing`` for anything else."""
    try:
        return Document.from_bytes(source.read_bytes())
    except (OSError, ValueError):
        raise JobError("input_missing", status=410) from None
