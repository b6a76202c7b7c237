"""What the intake's child does for cleaning up sound: decodes at full rate, and writes the cleaned file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from media.crossfade import Window
from media.limits import MediaLimits

BYTES_A_SECOND = 48_000 * 2 * 2
MOST_CHANNELS = 2

Tell = Callable[[float], None]


def decode(order: Mapping[str, Any], limits: MediaLimits, tell: Tell) -> dict[str, Any]:
    """Decodes ``order["source"]`` into ``order["folder"]`` at ``order["rate"]`` Hz, one or two channels.

    Returns the mark of the sound. One that is complete already is left as it is.
    """
    from media.codec import Recording
    from media.sound_file import SoundWriter, read_mark

    folder, rate = Path(order["folder"]), int(order["rate"])
    mark = read_mark(folder)
    if mark is None or mark.rate != rate:
        with (
            Recording(Path(order["source"]), limits, rate, MOST_CHANNELS) as recording,
            SoundWriter(folder, rate, recording.n_channels) as writer,
        ):
            done = 0
            for block in recording.blocks():
                writer.write(block)
                done += len(block)
                tell(min(1.0, done / rate / recording.duration_s) if recording.duration_s else 0.0)
            mark = writer.finish(recording.damaged)
    return {"mark": asdict(mark)}


def finish(order: Mapping[str, Any], limits: MediaLimits, tell: Tell) -> dict[str, Any]:
    """Joins the windows in ``order["folder"]`` and writes the cleaned file beside them; see ``media.cleaning``."""
    from media import cleaning

    told = {**order["wishes"], "missing": tuple(order["wishes"]["missing"]), "plain": bool(order.get("plain"))}
    wishes = cleaning.Wishes(**told)
    windows = [Window(*window) for window in order["windows"]]
    return cleaning.finish(
        Path(order["source"]), str(order["name"]), Path(order["folder"]), windows, wishes, limits, tell
    )


WORKS: Mapping[str, Callable[[Mapping[str, Any], MediaLimits, Tell], dict[str, Any]]] = {
    "decode": decode,
    "finish": finish,
}
