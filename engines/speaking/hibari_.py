"""Speaks English with the small network that hibari-tts carries: a sixth of Kokoro's time, one voice."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.base import ModelSpec, Place, Report
from engines.requests_speaking import SoundsItem, SpeakItem
from engines.speaking.phonemes import Phonemes
from engines.speaking.saying import say_all
from engines.speaking.symbols import ids_of

Floats = npt.NDArray[np.float32]
_SEED = 1
"""The network adds breath from random numbers; the same ones each time make the same sound each time."""


class HibariEngine:
    """Runs SpeakItems, whose result is ``Spoken``, and SoundsItems, whose result is ``{"sounds"}``."""

    def __init__(self) -> None:
        self._speaker: Any = None
        self._phonemes = Phonemes()

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads the network from the folder of its package."""
        from hibari import Hibari

        self._speaker = Hibari(model=str(weights / spec.files[0].name), threads=place.threads)

    def run(self, batch: Sequence[SpeakItem | SoundsItem], report: Report) -> list[dict[str, Any]]:
        """Reports and returns one result for each item; raises OSError where a file cannot be written."""
        return say_all(batch, report, self._phonemes, self._say)

    def close(self) -> None:
        """Does nothing: all of it ends with the process."""

    def _say(self, phonemes: str, item: SpeakItem, speed: float) -> Floats:
        made = self._speaker.from_ids(ids_of(phonemes), speed, np.random.default_rng(_SEED))
        return np.asarray(made, np.float32).reshape(-1)
