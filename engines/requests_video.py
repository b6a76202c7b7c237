"""What a person chose for making a video sharper, and one run of frames for an engine."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class VideoRequest:
    """What a person chose for making a video sharper.

    ``source`` is what kind of video it is: ``clean``, ``compressed``, ``blurred``, or ``quick`` for enlarging without a
    model. ``scale`` is 2 or 4. ``codec`` is ``h264``, ``h265`` or ``av1``; ``quality`` is ``small``, ``good`` or
    ``best``. ``start`` and ``end`` are the wanted part in seconds, ``end`` None is to its end. ``trial`` marks a second
    that is done to be looked at; ``then_start`` and ``then_end`` are the part that is wanted after it.
    """

    source: str = "clean"
    scale: int = 4
    codec: str = "h264"
    quality: str = "good"
    start: float = 0.0
    end: float | None = None
    trial: bool = False
    then_start: float = 0.0
    then_end: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON; ``from_dict`` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Builds a request from ``to_dict``'s shape; unknown keys are ignored, absent ones take their defaults."""
        return cls(**{f.name: value[f.name] for f in fields(cls) if f.name in value})


@dataclass(frozen=True, slots=True)
class VideoItem:
    """One run of frames: ``number`` in the index (``media.video_index``) of ``folder``, where its result is written.

    ``video`` is the file as it came.
    """

    video: str
    folder: str
    number: int
    scale: int = 4
    codec: str = "h264"
    quality: str = "good"
