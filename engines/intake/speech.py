"""What the intake's child does for reading aloud: sentences become one file, also while they are still being spoken."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from media.limits import MediaLimits
from media.sound_file import Sound
from media.spoken import RATE, blocks, length_s

Tell = Callable[[float], None]
LOOK_S = 0.05
SKIPPED = ".none"
"""Beside the place of a sentence that could not be spoken stands a file with this ending, so that nobody waits."""


def join(order: Mapping[str, Any], limits: MediaLimits, tell: Tell) -> dict[str, Any]:
    """Writes ``order["files"]`` (``[name, start in seconds or None]``) of ``order["folder"]`` to ``order["target"]``.

    With ``order["wait"]`` files may still be missing: each is waited for. Returns ``{"duration_s"}``.
    """
    from media.speech_file import KINDS, write

    del limits
    folder, files = Path(order["folder"]), [(str(name), start) for name, start in order["files"]]

    def sounds() -> Iterator[Sound]:
        at = 0.0
        for number, (name, start) in enumerate(files):
            path = folder / name
            if order.get("wait") and not _there(path, partial(tell, number / len(files))):
                continue
            if start is not None and start > at:
                yield from _silence(start - at)
                at = start
            yield from blocks([path])
            at += length_s(path)
            tell((number + 1) / len(files))

    target = Path(order["target"])
    duration_s = write(sounds(), target, KINDS[order["kind"]], order["title"], order["voice"])
    return {"duration_s": round(duration_s, 3)}


def _there(path: Path, tell: Callable[[], None]) -> bool:
    """Waits until a sentence is spoken; False where it never will be. The caller stops this process if nobody asks."""
    while not path.exists():
        if path.with_suffix(SKIPPED).exists():
            return False
        tell()
        time.sleep(LOOK_S)
    return True


def _silence(seconds: float) -> Iterator[Sound]:
    left = round(seconds * RATE)
    while left > 0:
        yield np.zeros((min(left, 10 * RATE), 1), np.float32)
        left -= 10 * RATE
