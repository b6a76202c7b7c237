"""Windows become one sound again: each is faded into the next over what both hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from media.sound_file import Sound


@dataclass(frozen=True, slots=True)
class Window:
    """A window of a sound, in samples; what was made of it reaches beyond ``end`` into the next one."""

    number: int
    start: int
    end: int


def joined(windows: Iterable[Window], read: Callable[[Window], Sound]) -> Iterator[Sound]:
    """Yields the whole sound window by window; ``read`` returns what was made of one, its overlap included.

    Windows come in order and without holes between them.
    """
    tail: Sound | None = None
    for window in windows:
        sound = read(window)
        if tail is not None and len(tail):
            n_both = min(len(tail), len(sound))
            sound = np.concatenate([faded(tail[:n_both], sound[:n_both]), sound[n_both:]])
        n_own = window.end - window.start
        tail = sound[n_own:]
        yield sound[:n_own]


def faded(leaving: Sound, coming: Sound) -> Sound:
    """Returns a fade from one sound to another of the same shape ``(n_samples, n_channels)``.

    The weights are scaled by how alike the two are: equal ones pass unchanged, unlike ones lose no power half way.
    """
    place = (np.arange(len(leaving), dtype=np.float32) + 0.5) / max(1, len(leaving))
    weight = (0.5 - 0.5 * np.cos(np.pi * place))[:, None]
    power = np.sqrt((leaving**2).sum(axis=0) * (coming**2).sum(axis=0))
    alike = np.clip(np.where(power > 0, (leaving * coming).sum(axis=0) / np.maximum(power, 1e-20), 1.0), 0.0, 1.0)
    scale = np.sqrt(weight**2 + (1 - weight) ** 2 + 2 * alike * weight * (1 - weight))
    return np.asarray(((1 - weight) * leaving + weight * coming) / scale, np.float32)
