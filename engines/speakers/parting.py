"""What the segmentation takes for one voice in a window may be two people who follow each other: CAM++ tells."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from engines.speakers.campplus import Campplus
from media.grouping import labels_of
from media.voices import FRAME_S, FRAME_SAMPLES, SAMPLE_RATE, WINDOW_SAMPLES, Voice, runs

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

LIKE = 0.3
"""Stretches less like each other (cosine) are two people's: 0.25 to 0.4 gave the same in 24 joined meetings."""
SHORTEST_S = 0.7
LONGEST_S = 2.0
"""So much of a stretch is listened to; with 4 s the answers were the same."""
_STEP = SAMPLE_RATE // 4
PAUSE_S = 0.25
"""Nobody follows somebody else without a pause of this length; shorter ones part no stretches."""


def parted(sound: Floats, mine: Flags, alone: Flags, of: int, campplus: Campplus) -> list[Voice]:
    """Returns the people in voice number ``of`` of a window; nothing where all of it is one person's.

    ``sound`` is the window's at 16 kHz, ``mine`` ``(589,)`` the frames in which the voice is heard, ``alone`` those in
    which no other is.
    """
    found = stretches(alone)
    if len(found) < 2:
        return []
    seconds = np.array([float(alone[first:last].sum()) * FRAME_S for first, last in found], np.float32)
    embeddings = campplus.embed([taken(sound, _within(alone, span), LONGEST_S) for span in found])
    labels = labels_of(embeddings, LIKE)
    if labels.max() == 0:
        return []
    nearest = labels[_nearest(found, len(mine))]
    voices = []
    for label in range(int(labels.max()) + 1):
        his = labels == label
        mean = (embeddings[his] * seconds[his, None]).sum(axis=0)
        embedding = mean / max(float(np.linalg.norm(mean)), 1e-9)
        voices.append(Voice(mine & (nearest == label), embedding, float(seconds[his].sum()), of))
    return voices


def stretches(alone: Flags) -> list[tuple[int, int]]:
    """Returns what lies between pauses as ``(first, last + 1)`` frames, if it is long enough to tell whose it is."""
    found: list[tuple[int, int]] = []
    for first, last in runs(alone):
        if found and (first - found[-1][1]) * FRAME_S < PAUSE_S:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return [(first, last) for first, last in found if alone[first:last].sum() * FRAME_S >= SHORTEST_S]


def taken(sound: Floats, frames: Flags, most_s: float) -> Floats:
    """Returns the sound ``(n_samples,)`` of those frames of a window, the first ``most_s`` seconds of it, in whole
    quarters of a second: torch keeps what it has prepared for each length, and with any length its memory grew.
    """
    samples = np.repeat(frames, FRAME_SAMPLES)
    samples = np.pad(samples, (0, max(0, WINDOW_SAMPLES - len(samples))))[: len(sound)]
    found = sound[samples][: int(most_s * SAMPLE_RATE)]
    return found[: len(found) - len(found) % _STEP]


def _within(alone: Flags, span: tuple[int, int]) -> Flags:
    found = np.zeros_like(alone)
    found[span[0] : span[1]] = alone[span[0] : span[1]]
    return found


def _nearest(found: Sequence[tuple[int, int]], n_frames: int) -> npt.NDArray[np.int64]:
    """Returns the number of the nearest stretch of each frame."""
    frames = np.arange(n_frames)
    apart = [np.maximum(np.maximum(first - frames, frames - last + 1), 0) for first, last in found]
    return np.stack(apart).argmin(axis=0)
