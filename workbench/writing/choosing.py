"""Which model writes, a quick one or a careful one, and how much it is given at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engines.base import ModelSpec, Task
from engines.writing.choosing import LEAST_CAREFUL, QUALITIES, choose, fits, too_large
from engines.writing.counting import estimate
from workbench.errors import JobError
from workbench.writing.document import Document
from workbench.writing.setting import Setting
from workbench.writing.sizes import check_room, sizes_for
from workbench.writing.wish import WriteRequest

if TYPE_CHECKING:
    from workbench.machine.models import Models

QUICK_KINDS = frozenset({"title", "chapters"})
LONG_TOKENS = 24_000
"""From about two hours of speech on, a careful model on a processor would take the rest of the day."""
BETTER_RANK = 30
"""From 4B on a model that can do everything translates better than a small one made for a pair of languages."""


def setting_of(request: WriteRequest, document: Document) -> Setting:
    """Returns what a piece of writing is made with; the same for the same request and document."""
    return Setting(request, document, estimate, sizes_for(request))


def decided(
    request: WriteRequest, document: Document, models: Models, context: Callable[[ModelSpec], int]
) -> WriteRequest:
    """Returns a request whose ``auto`` has become a quality or a model, by its kind, languages and length.

    ``context`` tells how many tokens a model takes. Raises what ``model_for`` raises, and JobError
    ``write_other_pair`` and ``text_too_long_for_model``.
    """
    spoken = setting_of(request, document).spoken_language
    quality = request.quality
    special = translator(request, spoken, models) if quality in ("auto", "quick") else None
    if special is not None:
        return replace(request, quality=f"model:{special.name}")
    if quality == "auto":
        n_tokens = sum(estimate(line.text) for line in document.lines)
        quick = request.kind in QUICK_KINDS or (n_tokens > LONG_TOKENS and not is_powerful(models))
        request = replace(request, quality="quick" if quick else "careful")
    spec = model_for(request.quality, models, request.into)
    if spec.pair is not None and spec.pair[0] != spoken:
        raise JobError("write_other_pair", status=422, title=spec.title)
    request = replace(request, context=context(spec))
    if spec.pair is None:
        check_room(request, spec.title)
    return request


def translator(request: WriteRequest, spoken: str, models: Models) -> ModelSpec | None:
    """Returns the small model made for just these two languages, where it is the better choice here."""
    return next((spec for spec in usual_translators(models) if spec.pair == (spoken, request.into)), None)


def usual_translators(models: Models) -> list[ModelSpec]:
    """Returns the models for pairs of languages that can be had, where no large model does better."""
    found = [spec for spec in models.of_task(Task.WRITE) if spec.pair and models.has_pack(spec)]
    if not found:
        return []
    careful = chosen("careful", models)
    if careful is not None and (careful.rank >= BETTER_RANK or not careful.download_bytes):
        return []
    return [spec for spec in found if models.is_here(spec) or models.can_be_had(spec)]


def model_for(quality: str, models: Models, into: str | None = None) -> ModelSpec:
    """Returns the model that writes; ``into`` is the language of a translation.

    Raises JobError ``write_no_model``, ``write_nothing_fits``, ``pack_missing``, ``request_invalid``.
    """
    if quality.startswith("model:"):
        spec = models.named(quality.removeprefix("model:"))
        if spec.task != Task.WRITE or (spec.pair is not None and spec.pair[1] != into):
            raise JobError("request_invalid", status=422, field="quality", value=quality)
        return _with_pack(_fitting(spec, models), models)
    specs = writers(models)
    if not specs:
        raise JobError("write_no_model", status=409)
    found = chosen(quality, models)
    if found is None:
        missing = lacking(models)
        raise _no_pack(missing) if missing is not None else JobError("write_nothing_fits", status=409)
    return found


def writers(models: Models) -> list[ModelSpec]:
    """Returns the models that can do every kind of writing."""
    return [spec for spec in models.of_task(Task.WRITE) if spec.pair is None]


def chosen(quality: str, models: Models) -> ModelSpec | None:
    """Returns the model that ``quick`` or ``careful`` means here: of those on disk, else of those that can be had.

    One on disk that is too small to be careful gives way to what can be had.
    """
    specs = [spec for spec in writers(models) if models.has_pack(spec)]
    here = choose(specs, quality, models.machine, models.is_here)
    if here is not None and (quality == "quick" or here.rank >= LEAST_CAREFUL):
        return here
    return choose(specs, quality, models.machine, models.can_be_had) or here


def lacking(models: Models) -> ModelSpec | None:
    """Returns a model whose pack is missing where no model of this machine has its own, None where one has."""
    own = [spec for spec in writers(models) if spec.needs]
    return None if any(models.has_pack(spec) for spec in own) else next(iter(own), None)


def is_powerful(models: Models) -> bool:
    """Tells whether length does not matter here: a GPU or another server writes."""
    found = chosen("careful", models)
    return bool(models.machine.gpus) or (found is not None and not found.download_bytes)


def _fitting(spec: ModelSpec, models: Models) -> ModelSpec:
    """Returns a model that fits; raises JobError ``write_too_large`` with the numbers and the nearest that does."""
    reason = too_large(spec, writers(models), models.machine)
    if reason is not None:
        nearest = models.title(reason.nearest) if reason.nearest else "-"
        values = {"title": spec.title, "needs_mib": reason.needs_mib, "room_mib": reason.room_mib, "nearest": nearest}
        raise JobError("write_too_large", status=409, **values)
    return spec


def choices(models: Models) -> dict[str, Any]:
    """Returns what writes here: ``{"models", "translators", "quick", "careful", "quick_kinds", ...}``.

    Each of ``models`` is ``{"name", "title", "licence", "download_bytes", "installed", "unchecked", "pack"}``; ``pack``
    names what has to be installed first, None where nothing is missing. ``quick`` and ``careful`` are names, or None;
    ``quick_kinds`` and ``long_is_quick`` tell what ``auto`` makes of them. Each of ``translators`` also has ``from``,
    ``into`` and ``usual``: whether it is taken unasked.
    """
    specs = sorted(writers(models), key=lambda spec: spec.rank)
    told = [_choice(spec, models) for spec in specs if fits(spec, models.machine)]
    usual = {spec.name for spec in usual_translators(models)}
    translators = [
        {**_choice(spec, models), "from": spec.pair[0], "into": spec.pair[1], "usual": spec.name in usual}
        for spec in models.of_task(Task.WRITE)
        if spec.pair is not None
    ]
    found = {quality: chosen(quality, models) for quality in QUALITIES}
    missing = None if any(found.values()) else lacking(models)
    named = {quality: spec.name if spec else None for quality, spec in found.items()}
    ways = {"quick_kinds": sorted(QUICK_KINDS), "long_is_quick": not is_powerful(models)}
    return {"models": told, "translators": translators, **named, **ways, "pack": missing.pack if missing else None}


def _choice(spec: ModelSpec, models: Models) -> dict[str, Any]:
    return {
        "name": spec.name,
        "title": spec.title,
        "licence": spec.licence,
        "download_bytes": spec.download_bytes,
        "installed": models.is_here(spec),
        "unchecked": models.lies_unchecked(spec),
        "pack": None if models.has_pack(spec) else spec.pack,
    }


def _with_pack(spec: ModelSpec, models: Models) -> ModelSpec:
    if not models.has_pack(spec):
        raise _no_pack(spec)
    return spec


def _no_pack(spec: ModelSpec) -> JobError:
    return JobError("pack_missing", status=409, pack=spec.pack or "", title=spec.title)
