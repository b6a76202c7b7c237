"""What all live sessions of a server share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from media.audio import Samples
from media.vad import Floats
from workbench.events import Events
from workbench.history.history import History
from workbench.running.board import ActiveJob, Board
from workbench.running.finishing import Endings
from workbench.tasks.rewriting import Rewriter
from workbench.uploads import Uploads


class Ear(Protocol):
    """What is needed of ``engines.silero.Silero``."""

    def feed(self, samples: Samples) -> tuple[Floats, Floats]: ...
    def close(self) -> tuple[Floats, Floats]: ...


@dataclass(frozen=True, slots=True)
class LiveRoom:
    """``commit`` writes down a result of a chunk that was heard before the chunk was there."""

    board: Board
    history: History
    events: Events
    endings: Endings
    uploads: Uploads
    rewriter: Rewriter
    ear: Callable[[], Ear]
    commit: Callable[[ActiveJob, int, Mapping[str, Any]], None]
