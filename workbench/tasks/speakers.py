"""Telling speakers apart as cut and join: windows of a recording go to an engine, their voices become turns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from engines.base import Task
from engines.requests import SpeakersRequest, VadOptions, VoicesItem
from media.grouping import Grouping
from media.packing import Chunk
from media.vad import Span
from media.voices import HOP_S, WINDOW_S, Speakers, Window, tell_apart
from workbench.errors import JobError
from workbench.tasks.work import Cuts, Recorded, Told

if TYPE_CHECKING:
    from workbench.machine.models import Models

CHUNK_S = 60.0
"""Between two chunks at the most so much is lost when a server dies; on two cores it takes about two seconds."""
MOST_SPEAKERS = 30


class SpeakersWork(Recorded):
    """The task ``speaker-diarization``."""

    asked: type = SpeakersRequest

    def request(self, value: Mapping[str, Any]) -> SpeakersRequest:
        """Builds the request from its stored shape."""
        return SpeakersRequest.from_dict(dict(value))

    def vad(self, request: Any) -> VadOptions:
        """Returns the usual limits: this task does not look at them."""
        return VadOptions()

    def cutter(self, request: Any) -> Cuts:
        """Returns what cuts a recording into stretches of a minute."""
        return NoCutter() if request.channels else MinuteCutter()

    def item(self, told: Told) -> VoicesItem:
        """Returns the windows of one chunk."""
        (start, end), *_ = told.pieces
        return VoicesItem(str(told.pcm), starts_between(start, end))

    def undecided(self, request: Any, language: str | None) -> bool:
        """Returns False: voices have no language."""
        return False

    def rate(self, request: Any) -> int | None:
        """Returns None: 16 kHz is what speech is understood at."""
        return None

    def model(self, request: Any, models: Models) -> str:
        """Returns the one model there is."""
        missing = pack_missing(cast(SpeakersRequest, request), models)
        if missing is not None:
            raise missing
        return models.of_task(Task.SPEAKERS)[0].name


def pack_missing(request: SpeakersRequest, models: Models) -> JobError | None:
    """Returns why speakers cannot be told apart here; channels need no model."""
    spec = models.of_task(Task.SPEAKERS)[0]
    if request.channels or models.has_pack(spec):
        return None
    return JobError("pack_missing", status=409, pack=spec.pack, title=spec.title)


class MinuteCutter:
    """Cuts a recording, once its length is known, into chunks of a minute; the last window of each reaches beyond."""

    def probed(self, duration_s: float | None) -> None:
        """Does nothing: what a file claims may be wrong."""

    def speech(self, spans: Iterable[Span]) -> list[Chunk]:
        """Returns nothing: windows lie everywhere."""
        return []

    def close(self, duration_s: float) -> list[Chunk]:
        """Returns all chunks of a recording of ``duration_s`` seconds."""
        return minutes(duration_s)


class NoCutter(MinuteCutter):
    """Cuts nothing: levels of channels need no engine."""

    def close(self, duration_s: float) -> list[Chunk]:
        """Returns nothing."""
        return []


def minutes(duration_s: float) -> list[Chunk]:
    """Returns the chunks of a recording; each says where its windows begin and where the last of them ends."""
    starts = starts_between(0.0, duration_s)
    n_windows = round(CHUNK_S / HOP_S)
    return [
        Chunk(number, ((some[0], min(some[-1] + WINDOW_S, max(duration_s, HOP_S))),))
        for number, some in enumerate(starts[at : at + n_windows] for at in range(0, len(starts), n_windows))
    ]


def starts_between(start: float, end: float) -> tuple[float, ...]:
    """Returns where windows begin so that the stretch is covered: every ``HOP_S`` seconds, the last one reaching its
    end.
    """
    n_more = max(0, -int(-(end - start - WINDOW_S) // HOP_S))
    return tuple(round(start + number * HOP_S, 3) for number in range(n_more + 1))


def grouping(request: SpeakersRequest) -> Grouping:
    """Returns how many people there may be."""
    if request.n_speakers is not None:
        return Grouping(request.n_speakers, request.n_speakers)
    return Grouping(request.at_least or 1, request.at_most or MOST_SPEAKERS)


def join(results: Iterable[Mapping[str, Any]], request: SpeakersRequest, duration_s: float) -> Speakers:
    """Returns who spoke when from the results of all chunks, in any order."""
    windows = sorted((Window.from_dict(w) for r in results for w in r["windows"]), key=lambda window: window.start)
    return tell_apart(windows, duration_s, grouping(request))
