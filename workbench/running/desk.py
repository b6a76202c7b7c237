"""What the ends of jobs that make files work with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from media.limits import MediaLimits
from workbench.artifacts import Artifacts
from workbench.events import Events
from workbench.history.history import History
from workbench.running.board import Board
from workbench.uploads import Uploads


class Writes(Protocol):
    """What is needed of ``engines.intake.intake.Intake``: it decodes and writes media in its sandbox."""

    def sound(
        self,
        order: Mapping[str, Any],
        limits: MediaLimits,
        on_share: Callable[[float], None],
        should_stop: Callable[[], bool],
    ) -> Mapping[str, Any]:
        """Does one order and returns what came of it; ``on_share`` is told how far it is, 0 to 1."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The board, the history, and where files are read and written."""

    board: Board
    history: History
    events: Events
    writes: Writes
    uploads: Uploads
    artifacts: Artifacts
    limits: MediaLimits
