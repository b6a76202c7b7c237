"""Making a video sharper as cut and join: runs of frames go to an engine, what it makes of them becomes one file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast

from engines.requests import VadOptions
from engines.requests_video import VideoItem, VideoRequest
from media.packing import Chunk
from media.video_encoding import KINDS, QUALITIES
from media.video_facts import VideoFacts
from workbench.errors import JobError
from workbench.tasks.work import Cuts, Recorded, Told

if TYPE_CHECKING:
    from workbench.machine.models import Models

MODELS = {
    "clean": "basicvsr-clean",
    "compressed": "basicvsr-compressed",
    "blurred": "basicvsr-blurred",
    "quick": "lanczos",
}
UNIT = 100_000
"""Pixels of the video as it came that count as one: speeds and the time left are reckoned by these."""

SIZES = {"h264": 1.0, "h265": 0.65, "av1": 0.55}
"""How large a file is beside the same one in H.264."""


class VideoWork(Recorded):
    """The task ``video-to-video``."""

    asked: type = VideoRequest

    def request(self, value: Mapping[str, Any]) -> VideoRequest:
        """Builds the request from its stored shape."""
        return VideoRequest.from_dict(dict(value))

    def vad(self, request: Any) -> VadOptions:
        """Returns the usual limits: this task does not listen."""
        return VadOptions()

    def cutter(self, request: Any) -> Cuts:
        """Is never asked: a video is cut by its index."""
        raise NotImplementedError

    def item(self, told: Told) -> VideoItem:
        """Returns one run of frames."""
        asked = cast(VideoRequest, told.request)
        # What is only looked at has to play in every browser.
        codec = "h264" if asked.trial else asked.codec
        return VideoItem(str(told.source), str(told.folder), told.number, asked.scale, codec, asked.quality)

    def undecided(self, request: Any, language: str | None) -> bool:
        """Returns False: pictures have no language."""
        return False

    def rate(self, request: Any) -> int | None:
        """Returns None: sound is taken over as it is."""
        return None

    def model(self, request: Any, models: Models) -> str:
        """Returns the model for the kind of video; raises JobError ``request_invalid`` or ``pack_missing``."""
        asked = cast(VideoRequest, request)
        check(asked)
        spec = models.named(MODELS[asked.source])
        if not models.has_pack(spec):
            raise JobError("pack_missing", status=409, pack=spec.pack or "", title=spec.title)
        return spec.name


def check(request: VideoRequest) -> None:
    """Raises JobError ``request_invalid`` with the ``field`` that is wrong and the ``value`` it has."""
    for fine, field in (
        (request.source in MODELS, "source"),
        (request.scale in (2, 4), "scale"),
        (request.codec in KINDS, "codec"),
        (request.quality in QUALITIES, "quality"),
        (request.start >= 0, "start"),
        (request.end is None or request.end > request.start, "end"),
        (request.then_start >= 0, "then_start"),
        (request.then_end is None or request.then_end > request.then_start, "then_end"),
    ):
        if not fine:
            raise JobError("request_invalid", status=422, field=field, value=str(getattr(request, field)))


def n_frames_of(facts: VideoFacts, start: float, end: float | None) -> int:
    """Returns about how many frames a part has; ``end`` None is to the end of the video."""
    whole_s = facts.duration_s or 0.0
    return max(1, round(max(0.0, min(end or whole_s, whole_s) - start) * facts.frames_a_second))


def chunks_of(runs: Sequence[Sequence[int]], width: int, height: int) -> list[Chunk]:
    """Returns one chunk for each run of frames, as long as there are pixels in it."""
    unit = width * height / UNIT
    return [Chunk(number, ((first * unit, end * unit),)) for number, (first, end) in enumerate(runs)]
