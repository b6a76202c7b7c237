"""Speaks with IndexTTS-2.5 in the voice of a recording, through a package that others made of bilibili's own code."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.base import ModelSpec, Place, Report
from engines.errors import EngineError
from engines.requests_speaking import SoundsItem, SpeakItem
from engines.speaking.levelling import trimmed
from engines.speaking.pacing import finished, joined
from engines.speaking.phonemes import Phonemes
from engines.speaking.reference import SOUND, look
from engines.speaking.saying import INSIDE_S, language_of
from engines.speaking.wording import language_read, marked
from media.sentences import cut
from media.spoken import RATE

Floats = npt.NDArray[np.float32]

LANGUAGES = {"Chinese": "zh", "English": "en"}
"""Its others want dictionaries of their own, which the pack leaves out."""
_SEED = 20
_CODES_A_SIGN, _CODES_MORE, _MOST_CODES = 12, 60, 1_500
"""A code is 40 ms. Nobody says a sign more slowly than that: what goes on longer has lost its thread."""
_INCOMPLETE = ("missing", "Missing key", "size mismatch", "Error(s) in loading")


class IndexTtsEngine:
    """Runs SpeakItems, whose result is ``Spoken``, and SoundsItems, whose result is ``{"sounds"}``."""

    def __init__(self) -> None:
        self._model: Any = None
        self._torch: Any = None
        self._phonemes = Phonemes()

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads all networks; raises EngineError ``weights_damaged`` where the files lack a part."""
        # What is not in the folder would be fetched by the package itself, unchecked.
        os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
        import torch
        import transformers
        from indextts25.infer_v2_5 import IndexTTS2

        transformers.utils.logging.set_verbosity_error()
        if place.device == "cpu":
            torch.set_num_threads(place.threads)
        self._torch = torch
        half = place.precision == "bfloat16"
        try:
            self._model = IndexTTS2(str(weights / "config.yaml"), str(weights), half, place.device)
        except RuntimeError as error:
            if not any(sign in str(error) for sign in _INCOMPLETE):
                raise
            raise EngineError("weights_damaged", model=spec.title, folder=weights.name) from error

    def run(self, batch: Sequence[SpeakItem | SoundsItem], report: Report) -> list[dict[str, Any]]:
        """Reports and returns one result for each item; raises EngineError, or OSError where a file is not written."""
        results: list[dict[str, Any]] = []
        for position, item in enumerate(batch):
            if isinstance(item, SoundsItem):
                results.append({"sounds": self._phonemes.of(item.text, language_of(item.voice))})
            else:
                told = self._phonemes.of(item.text, language_of(item.voice), item.words)
                results.append(dict(finished(self._sound(item), item, told)))
            report(position, results[-1])
        return results

    def free_cache(self) -> None:
        """Gives back what the GPU's allocator keeps for later."""
        if self._torch is not None and self._torch.cuda.is_available():
            self._torch.cuda.empty_cache()

    def close(self) -> None:
        """Does nothing: all of it ends with the process."""

    def _sound(self, item: SpeakItem) -> Floats:
        """Returns what is said, without silence at its ends, at the network's own pace."""
        reference = look(Path(item.reference))
        language = LANGUAGES.get(language_read(item.text))
        if language is None:
            raise EngineError("aloud_language", status=422, language=language_read(item.text))
        self._torch.manual_seed(_SEED + item.take)
        pieces = [item.text[piece.start : piece.end] for piece in cut(item.text, item.most)]
        texts = [marked(piece, item.words, self._phonemes.normalized) for piece in pieces]
        voice = reference.folder / SOUND
        return joined([self._made(text, voice, language) for text in texts if any(map(str.isalnum, text))])

    def _made(self, text: str, voice: Path, language: str) -> Floats:
        from librosa import resample

        rate, told = self._model.infer(
            str(voice),
            text,
            None,
            language,
            interval_silence=round(INSIDE_S * 1_000),
            text_normalization=False,
            max_mel_tokens=min(_MOST_CODES, _CODES_MORE + _CODES_A_SIGN * len(text)),
        )
        sound = np.asarray(told, np.float32).reshape(-1) / np.float32(32768)
        return trimmed(np.asarray(resample(sound, orig_sr=rate, target_sr=RATE), np.float32) if len(sound) else sound)
