"""What the intake's child does for reading aloud: joins sentences, dubs videos, cuts out the sound of a voice."""

from __future__ import annotations

import time
import wave
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from media.errors import MediaError
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
    target = Path(order["target"])
    duration_s = write(_sounds(order, tell), target, KINDS[order["kind"]], order["title"], order["voice"])
    return {"duration_s": round(duration_s, 3)}


def dub(order: Mapping[str, Any], limits: MediaLimits, tell: Tell) -> dict[str, Any]:
    """Writes the video ``order["source"]``, which is called ``order["name"]``, with the sentences as its sound, to
    ``order["target_folder"]``; files are as in ``join``. Returns ``{"file", "media_type"}``.
    """
    from media.dubbing import dub as write

    folder = Path(order["target_folder"])
    file, media_type = write(Path(order["source"]), order["name"], lambda: _sounds(order, tell), folder, limits)
    return {"file": file, "media_type": media_type}


def _sounds(order: Mapping[str, Any], tell: Tell) -> Iterator[Sound]:
    """Yields sentences in order, each at its time where it has one."""
    folder, files = Path(order["folder"]), [(str(name), start) for name, start in order["files"]]
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


def cut_voice(order: Mapping[str, Any], limits: MediaLimits, tell: Tell) -> dict[str, Any]:
    """Writes what is heard from ``order["start"]`` to ``order["end"]`` seconds as a WAV file at 24 kHz, mono.

    Returns ``{"audio_s"}``; raises MediaError ``media_empty`` where nothing is heard there.
    """
    from media.codec import Recording

    first, last = round(order["start"] * RATE), round(order["end"] * RATE)
    kept, at = [], 0
    with Recording(Path(order["source"]), limits, RATE) as recording:
        for block in recording.blocks():
            kept.append(block[max(0, first - at) : max(0, last - at)])
            at += len(block)
            tell(min(1.0, at / max(1, last)))
            if at >= last:
                break
    samples = np.concatenate(kept).astype("<i2")
    if not len(samples):
        raise MediaError("media_empty")
    with wave.open(order["target"], "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(samples.tobytes())
    return {"audio_s": round(len(samples) / RATE, 3)}


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


WORKS = {"join_speech": join, "cut_voice": cut_voice, "dub_video": dub}
