"""Which model writes, a quick one or a careful one, and how much it is given at once."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engines.base import ModelSpec, Task
from engines.writing.choosing import QUALITIES, choose, fits, too_large
from engines.writing.counting import estimate
from workbench.errors import JobError
from workbench.writing.document import Document
from workbench.writing.setting import SIZES, Setting
from workbench.writing.wish import WriteRequest

if TYPE_CHECKING:
    from workbench.machine.models import Models

QUICK_KINDS = frozenset({"title", "chapters"})
LONG_TOKENS = 24_000
"""From about two hours of speech on, a careful model on a processor would take the rest of the day."""


def setting_of(request: WriteRequest, document: Document) -> Setting:
    """Returns what a piece of writing is made with; the same for the same request and document."""
    return Setting(request, document, estimate, SIZES[request.quality == "careful"])


def decided(request: WriteRequest, document: Document, powerful: bool) -> WriteRequest:
    """Returns a request whose ``auto`` has become ``quick`` or ``careful``, by its kind and the length of the text.

    ``powerful`` where a GPU or another server writes: length does not matter there.
    """
    if request.quality != "auto":
        return request
    n_tokens = sum(estimate(line.text) for line in document.lines)
    quick = request.kind in QUICK_KINDS or (n_tokens > LONG_TOKENS and not powerful)
    return replace(request, quality="quick" if quick else "careful")


def model_for(quality: str, models: Models) -> ModelSpec:
    """Returns the model that writes; raises JobError ``write_no_model``, ``write_nothing_fits``, ``pack_missing``."""
    if quality.startswith("model:"):
        spec = models.named(quality.removeprefix("model:"))
        if spec.task != Task.WRITE:
            raise JobError("request_invalid", status=422, field="quality", value=quality)
        return _with_pack(_fitting(spec, models), models)
    specs = models.of_task(Task.WRITE)
    if not specs:
        raise JobError("write_no_model", status=409)
    found = chosen(quality, models)
    if found is None:
        missing = lacking(models)
        raise _no_pack(missing) if missing is not None else JobError("write_nothing_fits", status=409)
    return found


def chosen(quality: str, models: Models) -> ModelSpec | None:
    """Returns the model that ``quick`` or ``careful`` means here: of those on disk, else of those that can be had."""
    specs = [spec for spec in models.of_task(Task.WRITE) if models.has_pack(spec)]
    here = choose(specs, quality, models.machine, models.is_here)
    return here or choose(specs, quality, models.machine, models.can_be_had)


def lacking(models: Models) -> ModelSpec | None:
    """Returns a model whose pack is missing where no model of this machine has its own, None where one has."""
    own = [spec for spec in models.of_task(Task.WRITE) if spec.needs]
    return None if any(models.has_pack(spec) for spec in own) else next(iter(own), None)


def is_powerful(models: Models) -> bool:
    """Tells whether length does not matter here: a GPU or another server writes."""
    found = chosen("careful", models)
    return bool(models.machine.gpus) or (found is not None and not found.download_bytes)


def _fitting(spec: ModelSpec, models: Models) -> ModelSpec:
    """Returns a model that fits; raises JobError ``write_too_large`` with the numbers and the nearest that does."""
    reason = too_large(spec, models.of_task(Task.WRITE), models.machine)
    if reason is not None:
        nearest = models.title(reason.nearest) if reason.nearest else "-"
        values = {"title": spec.title, "needs_mib": reason.needs_mib, "room_mib": reason.room_mib, "nearest": nearest}
        raise JobError("write_too_large", status=409, **values)
    return spec


def choices(models: Models) -> dict[str, Any]:
    """Returns what writes here: ``{"models", "quick", "careful", "pack"}``.

    Each of ``models`` is ``{"name", "title", "licence", "download_bytes", "installed", "pack"}``; ``pack`` names what
    has to be installed first, None where nothing is missing. ``quick`` and ``careful`` are names, or None.
    """
    specs = sorted(models.of_task(Task.WRITE), key=lambda spec: spec.rank)
    told = [
        {
            "name": spec.name,
            "title": spec.title,
            "licence": spec.licence,
            "download_bytes": spec.download_bytes,
            "installed": models.is_here(spec),
            "pack": None if models.has_pack(spec) else spec.pack,
        }
        for spec in specs
        if fits(spec, models.machine)
    ]
    found = {quality: chosen(quality, models) for quality in QUALITIES}
    missing = None if any(found.values()) else lacking(models)
    named = {quality: spec.name if spec else None for quality, spec in found.items()}
    return {"models": told, **named, "pack": missing.pack if missing else None}


def _with_pack(spec: ModelSpec, models: Models) -> ModelSpec:
    if not models.has_pack(spec):
        raise _no_pack(spec)
    return spec


def _no_pack(spec: ModelSpec) -> JobError:
    return JobError("pack_missing", status=409, pack=spec.pack or "", title=spec.title)
