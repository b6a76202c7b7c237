"""Cleaning up sound as cut and join: windows of a recording go to an engine, what it makes of them becomes one file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, cast

from engines.requests import SoundItem, SoundRequest, VadOptions
from media.packing import Chunk
from media.vad import Span
from workbench.errors import JobError
from workbench.tasks.work import Cuts, Recorded, Told

if TYPE_CHECKING:
    from workbench.machine.models import Models

WINDOWS_S = {"denoise": 20.0, "restore": 10.0}
"""So much is lost at the most when a server dies; restoring takes minutes for a minute on a processor."""
RATES = {"denoise": 48_000, "restore": 44_100}
MODELS = {"denoise": "deepfilternet3", "restore": "voicefixer"}
LOUDNESSES = ("keep", "-16", "-23")


class SoundWork(Recorded):
    """The task ``audio-to-audio``."""

    asked: type = SoundRequest

    def request(self, value: Mapping[str, Any]) -> SoundRequest:
        """Builds the request from its stored shape."""
        return SoundRequest.from_dict(dict(value))

    def vad(self, request: Any) -> VadOptions:
        """Returns the usual limits: this task does not look at them."""
        return VadOptions()

    def cutter(self, request: Any) -> Cuts:
        """Returns what cuts a recording into windows."""
        return WindowCutter(WINDOWS_S[cast(SoundRequest, request).kind])

    def item(self, told: Told) -> SoundItem:
        """Returns one window."""
        (start, end), *_ = told.pieces
        request = cast(SoundRequest, told.request)
        return SoundItem(str(told.pcm), round(start / WINDOWS_S[request.kind]), start, end, request.mode)

    def undecided(self, request: Any, language: str | None) -> bool:
        """Returns False: sound has no language."""
        return False

    def rate(self, request: Any) -> int | None:
        """Returns the rate in Hz that the model works at."""
        return RATES[cast(SoundRequest, request).kind]

    def model(self, request: Any, models: Models) -> str:
        """Returns the model of the wanted kind; raises JobError ``sound_no_library`` on machines that have none."""
        asked = cast(SoundRequest, request)
        check(asked)
        spec = models.named(MODELS[asked.kind])
        if not models.has_pack(spec):
            code = "sound_no_library" if spec.pack is None else "pack_missing"
            raise JobError(code, status=409, pack=spec.pack or "", title=spec.title, reason="")
        return spec.name


class WindowCutter:
    """Cuts a recording, once its length is known, into windows of ``window_s`` seconds."""

    def __init__(self, window_s: float) -> None:
        self._window_s = window_s

    def probed(self, duration_s: float | None) -> None:
        """Does nothing: what a file claims may be wrong."""

    def speech(self, spans: Iterable[Span]) -> list[Chunk]:
        """Returns nothing: windows lie everywhere."""
        return []

    def close(self, duration_s: float) -> list[Chunk]:
        """Returns all windows of a recording of ``duration_s`` seconds."""
        length = self._window_s
        n_windows = max(1, -int(-duration_s // length))
        return [
            Chunk(number, ((number * length, min((number + 1) * length, duration_s)),)) for number in range(n_windows)
        ]


def check(request: SoundRequest) -> None:
    """Raises JobError ``request_invalid`` with the ``field`` that is wrong and the ``value`` it has."""
    for fine, field in (
        (request.kind in MODELS, "kind"),
        (request.mode in (0, 1, 2), "mode"),
        (0.0 <= request.strength <= 1.0, "strength"),
        (request.loudness in LOUDNESSES, "loudness"),
    ):
        if not fine:
            raise JobError("request_invalid", status=422, field=field, value=str(getattr(request, field)))
