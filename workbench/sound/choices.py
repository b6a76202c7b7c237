"""The ways of cleaning up sound, as this machine can do them."""

from __future__ import annotations

from typing import Any

from engines.base import HubSource
from workbench.history.history import History
from workbench.machine.models import Models
from workbench.tasks.sound import MODELS


def choices(models: Models, history: History) -> list[dict[str, Any]]:
    """Returns ``{"kind", "model", "title", "licence", "realtime_x", "pack", "can_run", "download_bytes",
    "installed", "unchecked", "source"}`` for each.

    ``realtime_x`` is how many seconds of sound a second of computing cleans, from real work where there was some.
    ``pack`` names what has to be installed first, None where nothing is missing; ``can_run`` is False where nothing
    helps.
    """
    known = {spec.name: spec for spec in models.all()}
    found = []
    for kind, name in MODELS.items():
        spec = known.get(name)
        if spec is None:
            continue
        has_pack = models.has_pack(spec)
        found.append(
            {
                "kind": kind,
                "model": name,
                "title": spec.title,
                "licence": spec.licence,
                "realtime_x": round(models.speed(spec, history), 3),
                "pack": None if has_pack else spec.pack,
                "can_run": has_pack or spec.pack is not None,
                "download_bytes": spec.download_bytes,
                "installed": models.is_here(spec),
                "unchecked": models.lies_unchecked(spec),
                "source": next((source.repo for source in spec.sources if isinstance(source, HubSource)), None),
            }
        )
    return found
