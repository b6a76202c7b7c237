"""Who is heard when: local voices in windows of ten seconds, each with its CAM++ embedding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.base import ModelSpec, Place, Report
from engines.errors import EngineError
from engines.requests import VoicesItem
from engines.silero import Silero, weights_path
from engines.speakers.campplus import SHORTEST_S, Campplus
from engines.speakers.parting import parted, taken
from engines.speakers.segmentation import Segmentation
from engines.speakers.speech import at_frames, chances_of, judged, share_of
from media.audio import read_pieces
from media.voices import FRAME_S, FRAMES_A_WINDOW, SAMPLE_RATE, WINDOW_S, WINDOW_SAMPLES, Voice, Window

Floats = npt.NDArray[np.float32]
Flags = npt.NDArray[np.bool_]

MOST_SOUND_S = 4.0
"""So much of a voice is enough for its embedding; the cost is that of the sound, and more gave no better answers."""
SHORTEST_VOICE_S = 0.25
WARM_S = 2.0
"""Silero knows what came before; so much of it is heard, that a chunk's first window is judged like any other."""
_TOGETHER = 8


class SpeakersEngine:
    """Runs VoicesItems; the result of one is ``{"windows": [Window.to_dict()], "audio_s"}``."""

    def __init__(self) -> None:
        self._segmentation: Segmentation | None = None
        self._campplus: Campplus | None = None
        self._silero: Silero | None = None

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads both networks; raises EngineError where a file is not what ``spec`` describes."""
        import torch

        # Two threads cost twenty times the CPU time of one here: waiting threads spin between the small layers.
        torch.set_num_threads(1)
        self._segmentation = Segmentation(weights / "segmentation-3.0.bin", place.device)
        self._campplus = Campplus(weights / "campplus_cn_en_common.pt", place.device)
        self._silero = Silero(weights_path())

    def run(self, batch: Sequence[VoicesItem], report: Report) -> list[dict[str, Any]]:
        """Reports and returns one result for each item; raises EngineError, or OSError where a file cannot be read."""
        if self._segmentation is None or self._campplus is None or self._silero is None:
            raise EngineError("engine_failed", reason="not loaded")
        results = []
        for position, item in enumerate(batch):
            results.append(self._item(item, self._segmentation, self._campplus, self._silero))
            report(position, results[-1])
        return results

    def close(self) -> None:
        """Frees the networks."""
        self._segmentation = self._campplus = self._silero = None

    def _item(self, item: VoicesItem, segmentation: Segmentation, campplus: Campplus, silero: Silero) -> dict[str, Any]:
        found: list[Window] = []
        chances, begun = _speech(item, silero)
        likely: list[Floats] = []
        for first in range(0, len(item.starts), _TOGETHER):
            sounds = [_sound(item, start) for start in item.starts[first : first + _TOGETHER]]
            padded = np.stack([np.pad(sound, (0, WINDOW_SAMPLES - len(sound))) for sound in sounds])
            likely += list(segmentation.classes(padded))
        heard = [at_frames(chances, start - begun, FRAMES_A_WINDOW) for start in item.starts]
        share = share_of(np.concatenate(likely), np.concatenate(heard)) if likely else 0.0
        for start, classes, chance in zip(item.starts, likely, heard, strict=True):
            active, speech = judged(classes, chance, share)
            found.append(Window(start, _voices(_sound(item, start), active, campplus), speech))
        return {"windows": [window.to_dict() for window in found], "audio_s": WINDOW_S * len(item.starts)}


def _speech(item: VoicesItem, silero: Silero) -> tuple[Floats, float]:
    """Returns Silero's probabilities of speech for all windows of an item, and the second that they begin at."""
    if not item.starts:
        return np.zeros(0, np.float32), 0.0
    begun = max(0.0, item.starts[0] - WARM_S)
    return chances_of(silero, read_pieces(Path(item.pcm), ((begun, item.starts[-1] + WINDOW_S),))), begun


def _sound(item: VoicesItem, start: float) -> Floats:
    return read_pieces(Path(item.pcm), ((start, start + WINDOW_S),))[:WINDOW_SAMPLES]


def _voices(sound: Floats, active: Flags, campplus: Campplus) -> tuple[Voice, ...]:
    """Returns the voices of one window that are long enough for an embedding."""
    alone = active.sum(axis=1) == 1
    kept: list[tuple[Flags, float]] = []
    pieces: list[Floats] = []
    for number in range(active.shape[1]):
        mine = active[:, number]
        clear = mine & alone
        alone_s = float(clear.sum()) * FRAME_S
        # Who never speaks alone is known from the mixture: better a doubtful voice than none.
        used = clear if alone_s >= SHORTEST_VOICE_S else mine
        piece = taken(sound, used, MOST_SOUND_S)
        if len(piece) >= max(SHORTEST_S, SHORTEST_VOICE_S) * SAMPLE_RATE:
            kept.append((mine, alone_s))
            pieces.append(piece)
    embeddings = campplus.embed(pieces)
    voices: list[Voice] = []
    for number, (mine, alone_s) in enumerate(kept):
        several = parted(sound, mine, mine & alone, number, campplus)
        voices += several or [Voice(mine, embeddings[number], alone_s, number)]
    return tuple(voices)
