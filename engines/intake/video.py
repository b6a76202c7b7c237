"""What the intake's child does for sharper video: looks at one, finds its frames and scenes, and writes the result."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from media.limits import MediaLimits

Tell = Callable[[float], None]
STILL_SIDE = 960


def look(order: Mapping[str, Any], limits: MediaLimits, tell: Tell) -> dict[str, Any]:
    """Returns the facts of ``order["source"]``; writes its picture at ``order["at"]`` seconds to ``order["still"]``."""
    from media.video_source import Upright, VideoSource
    from media.video_source import look as look_at
    from media.video_stills import write_jpeg

    source, at = Path(order["source"]), float(order["at"])
    with VideoSource(source, limits) as video:
        facts, frame = look_at(video, lambda: tell(0.0))
        if at > 0 and frame.pts is not None:
            wanted = frame.pts + round(at / video.stream.time_base)
            video.seek(wanted)
            frame = next((later for later in video.frames() if later.pts >= wanted), frame)
        Path(order["still"]).parent.mkdir(parents=True, exist_ok=True)
        write_jpeg(Path(order["still"]), _small(Upright(facts).picture(frame), facts.pixel_shape))
    return {"facts": facts.to_dict()}


def index(order: Mapping[str, Any], limits: MediaLimits, tell: Tell) -> dict[str, Any]:
    """Writes the index of a part of ``order["source"]`` into ``order["folder"]``, unless it is there already."""
    from media.video_index import Part, make_index, read_index

    folder = Path(order["folder"])
    part = Part(float(order["start"]), order["end"])
    found = read_index(folder) or make_index(Path(order["source"]), folder, part, int(order["scale"]), limits, tell)
    notes = [*found.notes, *(["media_damaged"] if found.damaged else [])]
    return {"facts": found.facts.to_dict(), "n_frames": found.n_frames, "notes": notes}


def join(order: Mapping[str, Any], limits: MediaLimits, tell: Tell) -> dict[str, Any]:
    """Writes the result of the runs in ``order["folder"]``; returns ``media.video_joining.Joined`` as plain JSON."""
    from media import video_joining

    made = video_joining.join(
        Path(order["source"]), str(order["name"]), Path(order["folder"]), int(order["n_runs"]), limits, tell
    )
    return asdict(made)


def _small(picture: Any, shape: tuple[int, int]) -> Any:
    """Returns a picture as a screen shows it: with square pixels, and no larger."""
    import av

    height, width = picture.shape[0], picture.shape[1] * shape[0] / shape[1]
    share = min(1.0, STILL_SIDE / max(width, height))
    wanted = max(1, round(width * share)), max(1, round(height * share))
    if wanted == (picture.shape[1], height):
        return picture
    frame = av.VideoFrame.from_ndarray(picture, "rgb24")
    return frame.reformat(*wanted, interpolation="AREA").to_ndarray()


WORKS: Mapping[str, Callable[[Mapping[str, Any], MediaLimits, Tell], dict[str, Any]]] = {
    "video_look": look,
    "video_index": index,
    "video_join": join,
}
