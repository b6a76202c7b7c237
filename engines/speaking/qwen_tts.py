"""Speaks with Qwen3-TTS 0.6B through Qwen's own package: fixed voices, or the voice of a recording."""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.base import ModelSpec, Place, Report
from engines.errors import EngineError
from engines.requests_speaking import SoundsItem, SpeakItem
from engines.speaking.levelling import silence, trimmed
from engines.speaking.pacing import finished, joined
from engines.speaking.phonemes import Phonemes
from engines.speaking.reference import Reference, look
from engines.speaking.saying import language_of
from engines.speaking.wording import language_read, respelt
from media.sentences import cut
from media.spoken import RATE

Floats = npt.NDArray[np.float32]

AT_ONCE = 4
"""Sentences that a GPU speaks together: more are hardly faster, and the first of them is heard later."""
_SEED = 20
_STEPS_A_SIGN, _STEPS_MORE = 9, 75
"""A step is 80 ms. Nobody says a sign more slowly than that: what goes on longer has lost its thread."""
_MOST_STEPS = 2_048


class QwenTtsEngine:
    """Runs SpeakItems, whose result is ``Spoken``, and SoundsItems, whose result is ``{"sounds"}``."""

    def __init__(self) -> None:
        self._model: Any = None
        self._torch: Any = None
        self._at_once = 1
        self._phonemes = Phonemes()
        self._prompts: dict[Path, tuple[Reference, Any]] = {}

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads networks and codec; raises EngineError ``weights_damaged`` where the files lack a part."""
        os.environ.update(HF_HUB_OFFLINE="1", TRANSFORMERS_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
        import torch
        import transformers

        transformers.utils.logging.set_verbosity_error()
        # Another codec of the package needs them, which these models do not have.
        _stand_in("sox")
        _stand_in("torchaudio.compliance.kaldi")
        from qwen_tts import Qwen3TTSModel

        if place.device == "cpu":
            torch.set_num_threads(place.threads)
        self._torch = torch
        self._at_once = 1 if place.device == "cpu" else AT_ONCE
        self._model = Qwen3TTSModel.from_pretrained(
            str(weights),
            device_map=place.device,
            dtype=getattr(torch, place.precision),
            attn_implementation="sdpa",
        )
        _check_whole(self._model.model, weights / "model.safetensors", spec)

    def run(self, batch: Sequence[SpeakItem | SoundsItem], report: Report) -> list[dict[str, Any]]:
        """Reports and returns one result for each item; raises EngineError, or OSError where a file is not written."""
        results: list[dict[str, Any]] = [{} for _ in batch]
        spoken: list[int] = []
        for position, item in enumerate(batch):
            if isinstance(item, SoundsItem):
                results[position] = {"sounds": self._phonemes.of(item.text, language_of(item.voice))}
                report(position, results[position])
            else:
                spoken.append(position)
        for at in range(0, len(spoken), self._at_once):
            group = spoken[at : at + self._at_once]
            items = [item for position in group if isinstance(item := batch[position], SpeakItem)]
            for position, item, sound in zip(group, items, self._sounds(items), strict=True):
                told = self._phonemes.of(item.text, language_of(item.voice), item.words)
                results[position] = dict(finished(sound, item, told))
                report(position, results[position])
        return results

    def free_cache(self) -> None:
        """Gives back what the GPU's allocator keeps for later."""
        if self._torch is not None and self._torch.cuda.is_available():
            self._torch.cuda.empty_cache()

    def close(self) -> None:
        """Does nothing: all of it ends with the process."""

    def _sounds(self, items: Sequence[SpeakItem]) -> list[Floats]:
        """Returns what is said for each item, without silence at its ends, at the network's own pace."""
        texts: list[str] = []
        owners: list[int] = []
        for number, item in enumerate(items):
            said = respelt(item.text, item.words, self._phonemes.normalized)
            for piece in cut(said, item.most):
                texts.append(said[piece.start : piece.end].strip())
                owners.append(number)
        if not texts:
            return [silence(0) for _ in items]
        made = self._made(texts, [items[owner] for owner in owners])
        return [joined([trimmed(sound) for sound, owner in zip(made, owners, strict=True) if owner == number])
                for number in range(len(items))]  # fmt: skip

    def _made(self, texts: list[str], items: list[SpeakItem]) -> list[Floats]:
        self._torch.manual_seed(_SEED + items[0].take)
        options = {"max_new_tokens": min(_MOST_STEPS, _STEPS_MORE + _STEPS_A_SIGN * max(map(len, texts)))}
        languages = [language_read(text) for text in texts]
        if self._model.model.tts_model_type == "base":
            prompts = [self._prompt(Path(item.reference)) for item in items]
            found, rate = self._model.generate_voice_clone(texts, languages, voice_clone_prompt=prompts, **options)
        else:
            speakers = [item.voice for item in items]
            self._check_speakers(speakers)
            found, rate = self._model.generate_custom_voice(texts, speakers, languages, **options)
        if rate != RATE:
            raise EngineError("engine_failed", reason=f"{rate} Hz")
        return [np.asarray(sound, np.float32).reshape(-1) for sound in found]

    def _check_speakers(self, speakers: list[str]) -> None:
        known = {str(one).lower() for one in self._model.get_supported_speakers() or ()}
        for name in speakers:
            if name.lower() not in known:
                raise EngineError("aloud_no_voice", status=422, voice=name)

    def _prompt(self, folder: Path) -> Any:
        """Returns the voice of a recording; what is known of one that was taken back is forgotten."""
        try:
            reference = look(folder)
        except EngineError:
            self._prompts.pop(folder, None)
            raise
        known = self._prompts.get(folder)
        if known is None or known[0] != reference:
            sound = reference.sound()
            made = self._model.create_voice_clone_prompt((sound, RATE), reference.text)[0]
            known = self._prompts[folder] = (reference, made)
        return known[1]


def _check_whole(model: Any, file: Path, spec: ModelSpec) -> None:
    """What a file lacks is filled with random numbers, and only a line of the log would say so."""
    from safetensors import safe_open

    with safe_open(str(file), framework="np") as opened:
        there = set(opened.keys())
    if missing := [name for name, _ in model.named_parameters() if name not in there]:
        raise EngineError("weights_damaged", model=spec.title, folder=file.parent.name, lacking=missing[:3])


def _stand_in(name: str) -> None:
    """Puts an empty module where a package would be looked for that is not here."""
    if importlib.util.find_spec(name.partition(".")[0]) is not None:
        return
    above: ModuleType | None = None
    parts = name.split(".")
    for n_parts in range(1, len(parts) + 1):
        whole = ".".join(parts[:n_parts])
        module = ModuleType(whole)
        module.__spec__ = ModuleSpec(whole, None, is_package=n_parts < len(parts))
        sys.modules[whole] = module
        if above is not None:
            setattr(above, parts[n_parts - 1], module)
        above = module
