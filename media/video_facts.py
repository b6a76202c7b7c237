"""What a video is: its size, clock and colours, and whether it can be made sharper."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Self

from media.errors import MediaError

LONGEST_SIDE = 8192
"""What common players and encoders take."""
LARGEST_INPUT = 4096 * 2304
_HDR = (16, 18)
"""Transfer curves of high dynamic range, as ITU-T H.273 numbers them: PQ and HLG."""
_SD_HEIGHT = 576


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """One video as it came.

    ``width`` and ``height`` are those of upright pictures; ``rotation`` (degrees against the clock, a multiple of 90)
    is how decoded ones have to be turned. ``rate`` is frames a second on average and ``time_base`` the unit of frame
    times in seconds, both as fractions ``(n, d)``. ``matrix``, ``primaries``, ``transfer`` and ``full_range`` are the
    file's own, by the numbers of ITU-T H.273; 2 is not told. ``pixel_shape`` is the width of a pixel by its height.
    """

    width: int
    height: int
    rate: tuple[int, int]
    time_base: tuple[int, int]
    duration_s: float | None = None
    rotation: int = 0
    pixel_shape: tuple[int, int] = (1, 1)
    bits: int = 8
    matrix: int = 2
    primaries: int = 2
    transfer: int = 2
    full_range: bool = False
    codec: str = ""
    container: str = ""
    has_sound: bool = False
    n_subtitles: int = 0

    @property
    def coded_size(self) -> tuple[int, int]:
        """``(width, height)`` of pictures as they are decoded, before they are turned."""
        return (self.height, self.width) if self.rotation % 180 else (self.width, self.height)

    @property
    def frames_a_second(self) -> float:
        """The average rate."""
        return self.rate[0] / self.rate[1]

    @property
    def matrix_used(self) -> int:
        """The matrix that players take: the one that the file tells, else the usual one of its size."""
        if self.matrix not in (2, 0):
            return self.matrix
        return 6 if self.coded_size[1] <= _SD_HEIGHT else 1

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON; ``from_dict`` is its inverse."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Builds facts from ``to_dict``'s shape."""
        known = {f.name: value[f.name] for f in fields(cls) if f.name in value}
        for name in ("rate", "time_base", "pixel_shape"):
            if name in known:
                known[name] = (int(known[name][0]), int(known[name][1]))
        return cls(**known)


def check(facts: VideoFacts, scale: int) -> list[str]:
    """Returns codes of notes for the person; raises MediaError for a video that cannot be made ``scale`` times larger.

    ``video_hdr``: its brightness would come out wrong. ``video_too_large``, ``video_result_too_large``.
    """
    if facts.transfer in _HDR:
        raise MediaError("video_hdr")
    size = {"width": facts.width, "height": facts.height}
    if facts.width < 16 or facts.height < 16:
        raise MediaError("video_too_small", **size)
    if facts.width * facts.height > LARGEST_INPUT:
        raise MediaError("video_too_large", **size)
    if max(facts.width, facts.height) * scale > LONGEST_SIDE:
        largest = {"out_width": facts.width * scale, "out_height": facts.height * scale, "most": LONGEST_SIDE}
        raise MediaError("video_result_too_large", **size, **largest)
    return ["video_eight_bits"] if facts.bits > 8 else []
