"""Voices in a recording: what was heard in short windows, and who is the same person across them.

Follows the usual order of pyannote's pipeline (Bredin 2023, "pyannote.audio 2.1 speaker diarization pipeline"): local
voices in overlapping windows, one embedding each, clustering over the whole recording, then counting per frame.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from media.grouping import Grouping, group

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

SAMPLE_RATE = 16_000
WINDOW_S = 10.0
WINDOW_SAMPLES = 160_000
HOP_S = 5.0
"""Each second is heard in two windows: with ten the words of 30 s of telephone were given to the same people."""
FRAME_SAMPLES = 270
FRAME_S = FRAME_SAMPLES / SAMPLE_RATE
FRAMES_A_WINDOW = 589
FRAME_LATE_S = 360 / SAMPLE_RATE
"""A frame tells of the 991 samples from its place on: its middle lies so far behind that of its own 270."""
MOST_AT_ONCE = 3
CLEAR_S = 1.0
"""Voices heard alone for so long in a window decide about the groups; shorter ones are given to the nearest."""


@dataclass(frozen=True, slots=True, eq=False)
class Voice:
    """One voice in one window: ``active`` ``(589,)`` frames, its embedding of length 1, and seconds heard alone.

    ``of`` numbers what the segmentation took for one voice: two with the same number may be one person or two, others
    are two people. None is a voice by itself.
    """

    active: Flags
    embedding: Floats
    alone_s: float
    of: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON of about 700 bytes; embeddings are kept in half precision."""
        return {
            "runs": [[int(a), int(b)] for a, b in runs(self.active)],
            "embedding": base64.b64encode(self.embedding.astype("<f2").tobytes()).decode("ascii"),
            "alone_s": round(self.alone_s, 3),
            "of": self.of,
        }

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Builds a voice from ``to_dict``'s shape."""
        active = np.zeros(FRAMES_A_WINDOW, bool)
        for first, last in value["runs"]:
            active[first:last] = True
        embedding = np.frombuffer(base64.b64decode(value["embedding"]), "<f2").astype(np.float32)
        return cls(
            active, embedding / max(float(np.linalg.norm(embedding)), 1e-9), float(value["alone_s"]), value.get("of")
        )


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Ten seconds of the recording from ``start`` (seconds) and the voices in them.

    ``speech`` ``(589,)`` is how likely it is in each frame that anybody speaks; without it, it is where voices are.
    """

    start: float
    voices: tuple[Voice, ...]
    speech: Floats | None = None

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON; probabilities are kept in a byte each."""
        told: dict[str, Any] = {"start": self.start, "voices": [voice.to_dict() for voice in self.voices]}
        if self.speech is not None:
            told["speech"] = base64.b64encode(np.rint(self.speech * 255).astype(np.uint8).tobytes()).decode("ascii")
        return told

    @classmethod
    def from_dict(cls, value: dict[str, Any]) -> Self:
        """Builds a window from ``to_dict``'s shape."""
        speech = None
        if "speech" in value:
            speech = np.frombuffer(base64.b64decode(value["speech"]), np.uint8).astype(np.float32) / np.float32(255)
        return cls(float(value["start"]), tuple(Voice.from_dict(voice) for voice in value["voices"]), speech)


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch in which one speaker is heard; ``speaker`` is 0, 1, 2 ... in the order of first appearance."""

    start: float
    end: float
    speaker: int


@dataclass(frozen=True, slots=True, eq=False)
class Speakers:
    """Who spoke when: turns in order of time (those of two speakers may overlap) and each speaker's mean embedding."""

    turns: tuple[Turn, ...]
    embeddings: Floats
    speech_s: tuple[float, ...]


def runs(flags: Flags) -> list[tuple[int, int]]:
    """Returns the stretches of true values as ``(first, last + 1)``."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], flags, [False]))))
    return [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]


def tell_apart(windows: Sequence[Window], duration_s: float, wanted: Grouping) -> Speakers:
    """Returns who spoke when in a recording; ``wanted`` says how many people there may be."""
    voices = [voice for window in windows for voice in window.voices]
    if not voices:
        return Speakers((), np.zeros((0, 0), np.float32), ())
    embeddings = np.stack([voice.embedding for voice in voices])
    seconds = np.array([voice.alone_s for voice in voices], np.float32)
    clear = seconds >= CLEAR_S
    if not clear.any():
        clear = seconds >= seconds.max()
    centres = group(embeddings[clear], seconds[clear], wanted)
    speakers = _assigned(windows, embeddings @ centres.T)
    active = _painted(windows, speakers, len(centres), duration_s)
    return _told(active, centres, duration_s)


def _assigned(windows: Sequence[Window], likeness: Floats) -> list[list[int]]:
    """Returns the speaker of each voice of each window: the likest, but two voices of one window are two people, unless
    they are parts of one.
    """
    found: list[list[int]] = []
    at = 0
    for window in windows:
        n = len(window.voices)
        part = likeness[at : at + n].copy()
        at += n
        chosen = [-1] * n
        others = [np.array([i != j and (a.of is None or a.of != b.of) for j, b in enumerate(window.voices)], bool)
                  for i, a in enumerate(window.voices)]  # fmt: skip
        while np.isfinite(part).any():
            voice, speaker = np.unravel_index(int(part.argmax()), part.shape)
            chosen[int(voice)] = int(speaker)
            part[voice, :] = -np.inf
            part[others[int(voice)], speaker] = -np.inf
        # More voices than people: what is left over is one of them heard twice.
        found.append([c if c >= 0 else int(likeness[at - n + i].argmax()) for i, c in enumerate(chosen)])
    return found


def _painted(windows: Sequence[Window], speakers: Sequence[Sequence[int]], n_speakers: int, duration_s: float) -> Flags:
    """Returns ``(n_frames, n_speakers)``: somebody is active where the windows over a frame think so together, as many
    as they heard on average, and those whom they heard most surely.
    """
    n_frames = int(np.ceil(duration_s / FRAME_S)) + FRAMES_A_WINDOW
    votes = np.zeros((n_frames, n_speakers), np.int16)
    heard = np.zeros(n_frames, np.int16)
    sure = np.zeros(n_frames, np.int16)
    speech = np.zeros(n_frames, np.float32)
    # At its borders a window knows only what came before or after: the network is least sure there who speaks.
    frames = np.arange(FRAMES_A_WINDOW, dtype=np.int16)
    surety = 1 + np.minimum(frames, frames[::-1])
    for window, chosen in zip(windows, speakers, strict=True):
        first = round(window.start / FRAME_S)
        place = slice(first, first + FRAMES_A_WINDOW)
        sure[place] += surety
        for voice, speaker in zip(window.voices, chosen, strict=True):
            votes[place, speaker] += voice.active * surety
            heard[place] += voice.active * surety
        speech[place] += _speech(window) * surety
    speaks = _bridged(speech > 0.5 * sure, heard > 0)
    n_active = np.where(speaks, np.maximum(1, np.floor(heard / np.maximum(sure, 1) + 0.5)), 0).astype(int)
    order = np.argsort(-votes, axis=1, kind="stable")
    active = np.zeros(votes.shape, bool)
    rows = np.arange(n_frames)
    for rank in range(min(MOST_AT_ONCE, n_speakers)):
        who = order[:, rank]
        active[rows, who] |= (n_active > rank) & (votes[rows, who] > 0)
    return active[: max(1, int(np.ceil(duration_s / FRAME_S)))]


def _speech(window: Window) -> Floats:
    if window.speech is not None:
        return window.speech
    found = np.zeros(FRAMES_A_WINDOW, bool)
    for voice in window.voices:
        found |= voice.active
    return found.astype(np.float32)


def _bridged(speaks: Flags, heard: Flags) -> Flags:
    """Takes silence that is too short for a pause as speech, where a voice may be active throughout."""
    found = speaks.copy()
    for first, last in runs(~speaks):
        if first > 0 and last < len(speaks) and (last - first) * FRAME_S < PAUSE_S and heard[first:last].all():
            found[first:last] = True
    return found


PAUSE_S = 0.3
"""Silence up to this length, in which nobody else speaks, does not end a turn: NIST's rule for references."""
SHORTEST_TURN_S = 0.1


def _told(active: Flags, centres: Floats, duration_s: float) -> Speakers:
    found: list[tuple[float, float, int]] = []
    alone = active.sum(axis=1) == 0
    for speaker in range(active.shape[1]):
        joined: list[list[int]] = []
        for first, last in runs(active[:, speaker]):
            gap = slice(joined[-1][1], first) if joined else slice(0, 0)
            if joined and (first - joined[-1][1]) * FRAME_S <= PAUSE_S and alone[gap].all():
                joined[-1][1] = last
            else:
                joined.append([first, last])
        found += [
            (first * FRAME_S + FRAME_LATE_S, min(last * FRAME_S + FRAME_LATE_S, duration_s), speaker)
            for first, last in joined
            if (last - first) * FRAME_S >= SHORTEST_TURN_S and first * FRAME_S + FRAME_LATE_S < duration_s
        ]
    found.sort()
    order: dict[int, int] = {}
    for _, _, speaker in found:
        order.setdefault(speaker, len(order))
    turns = tuple(
        Turn(round(start, 3), min(round(end, 3), duration_s), order[speaker]) for start, end, speaker in found
    )
    speech = [0.0] * len(order)
    for turn in turns:
        speech[turn.speaker] += turn.end - turn.start
    return Speakers(turns, centres[list(order)], tuple(round(seconds, 2) for seconds in speech))
