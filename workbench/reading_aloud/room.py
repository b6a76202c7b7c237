"""Sets up reading aloud beside the other tasks of a workbench."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from engines.base import Task
from engines.residency.residency import Residency
from engines.speaking.voices import FROM_RECORDINGS
from workbench.acceptance import Acceptance
from workbench.machine.models import Models
from workbench.reading_aloud.ending import AloudEnding
from workbench.reading_aloud.hearing import Hearing
from workbench.reading_aloud.own_voices import OwnVoices
from workbench.reading_aloud.reading import ReadingAloud
from workbench.reading_aloud.samples import Samples
from workbench.running.desk import Desk
from workbench.running.finishing import Endings
from workbench.settings import Settings
from workbench.tasks.rewriting import TextRewriter


def reading_aloud(
    desk: Desk, models: Models, acceptance: Acceptance, residency: Residency, endings: Endings, settings: Settings,
    drop: Callable[[Sequence[str]], None],
) -> ReadingAloud:  # fmt: skip
    """Returns the room, whose endings are given to ``endings``; ``drop`` puts jobs into the bin."""
    hearing = Hearing(desk.board, desk.events, models, residency, TextRewriter())
    endings.give(Task.ALOUD, AloudEnding(desk, hearing, endings.go_on))
    samples = Samples(residency, models, settings.data / "voice-samples")
    own = OwnVoices(desk, settings.data, lambda: [residency.unload(name) for name in FROM_RECORDINGS], drop)
    return ReadingAloud(desk, models, acceptance, samples, own)
