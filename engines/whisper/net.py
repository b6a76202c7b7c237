"""The Whisper network: a CTranslate2 model with its tokenizer, as plain arrays in and out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from engines.base import Place
from engines.errors import EngineError
from engines.whisper.features import FULL_WINDOW, SAMPLE_RATE, Floats, LogMel
from engines.whisper.plan import heard_frames

Encoded = npt.NDArray[Any]
"""Encoder output ``(n_items, n_frames / 2, d_model)`` on the CPU, float32 or float16."""

_MOST_POSITIONS = 448
_FIRST_TIME_WITHIN_S = 1.0


@dataclass(frozen=True, slots=True)
class Guess:
    """What the decoder wrote for one window: token ids with time tokens, mean log probability, and Whisper's own
    probability of no speech.

    ``in_pieces`` tells that utterances were decoded by themselves, so that none was written only because of another.
    """

    tokens: list[int]
    avg_logprob: float
    no_speech_prob: float
    in_pieces: bool = False


@dataclass(frozen=True, slots=True)
class Aligned:
    """Where each text token lies: ``path`` holds ``(token position, encoder frame of 0.02 s)``, ``probabilities`` one
    value for each token.
    """

    path: list[tuple[int, int]]
    probabilities: list[float]


@dataclass(frozen=True, slots=True)
class Draw:
    """How tokens are chosen: beam search, in which no run of ``no_repeat`` tokens comes twice (0: any may).

    Nothing is drawn by chance: CTranslate2 seeds its random numbers once for each of its threads, so samples would
    depend on what ran before, and a resumed recording would not get the words of an undisturbed one.
    """

    beam_size: int = 5
    no_repeat: int = 0


class WhisperNet:
    """Loads on construction; raises EngineError where the folder holds no Whisper model or the device cannot run it."""

    def __init__(self, weights: Path, place: Place) -> None:
        import ctranslate2
        import tokenizers

        device, _, index = place.device.partition(":")
        precision = nearest_precision(place.precision, ctranslate2.get_supported_compute_types(device, int(index or 0)))
        self._storage = ctranslate2.StorageView
        self._model = ctranslate2.models.Whisper(
            str(weights),
            device=device,
            device_index=int(index or 0),
            compute_type=precision,
            intra_threads=place.threads,
        )
        self.tokenizer = tokenizers.Tokenizer.from_file(str(weights / "tokenizer.json"))
        self.on_gpu = device == "cuda"
        self.precision = precision
        self.multilingual: bool = self._model.is_multilingual
        self._empty: dict[int, Encoded] = {}
        self._mel = LogMel(self._model.n_mels)
        self._suppressed = suppressed_tokens(self.tokenizer)
        self.end = self.token("<|endoftext|>")
        self.first_time = self.token("<|notimestamps|>") + 1

    def token(self, text: str) -> int:
        """Returns the id of a special token; raises EngineError where the vocabulary lacks it."""
        found = self.tokenizer.token_to_id(text)
        if found is None:
            raise EngineError("weights_damaged", model="whisper", file="tokenizer.json")
        return int(found)

    def decode(self, tokens: Sequence[int]) -> str:
        """Returns the text of the tokens, without special and time tokens."""
        return str(self.tokenizer.decode([token for token in tokens if token < self.end]))

    def encode(self, sounds: Sequence[Floats], n_frames: int) -> Encoded:
        """Encodes sounds ``(n_samples,)`` in windows of ``n_frames`` each.

        On a CPU a window shorter than the full one is computed only as far as ``heard_frames`` says; the rest is that
        of an empty window, so that sounds of many lengths are decoded together and no silence is encoded.
        """
        if self.on_gpu or n_frames == FULL_WINDOW:
            return self._encode([self._mel(sound, n_frames) for sound in sounds])
        rest = self.empty(n_frames)
        rows = []
        for sound in sounds:
            heard = min(n_frames, heard_frames(len(sound) / SAMPLE_RATE))
            rows.append(np.concatenate([self._encode([self._mel(sound, heard)]), rest[:, heard // 2 :]], axis=1))
        return np.concatenate(rows)

    def _encode(self, pictures: Sequence[Floats]) -> Encoded:
        """Encodes pictures of one shape.

        On a CPU one at a time: eight windows of 3,000 frames in one call cost 1.7 times as much as eight calls, because
        they leave the caches.
        """
        together = 16 if self.on_gpu else 1
        parts = []
        for at in range(0, len(pictures), together):
            stacked = self._storage.from_array(np.stack(pictures[at : at + together]))
            parts.append(np.array(self._model.encode(stacked, to_cpu=self.on_gpu)))
        return np.concatenate(parts) if len(parts) != 1 else parts[0]

    def languages(self, encoded: Encoded) -> list[dict[str, float]]:
        """Returns the probability of each language code for each window, best first."""
        found = self._model.detect_language(self._view(encoded))
        return [{token[2:-2]: float(probability) for token, probability in ranked} for ranked in found]

    def prompt(self, language: str, translate: bool, hotwords: str) -> list[int]:
        """Returns the tokens that the decoder starts from; hotwords come as previous text, at most half of the
        positions.
        """
        before: list[int] = []
        if hotwords.strip():
            words = self.tokenizer.encode(" " + hotwords.strip(), add_special_tokens=False).ids
            before = [self.token("<|startofprev|>"), *words[: _MOST_POSITIONS // 2 - 1]]
        return before + self.start_sequence(language, translate)

    def start_sequence(self, language: str, translate: bool) -> list[int]:
        """Returns start-of-transcript, and language and task where the model knows more than English."""
        start = [self.token("<|startoftranscript|>")]
        if self.multilingual:
            start += [self.token(f"<|{language}|>"), self.token("<|translate|>" if translate else "<|transcribe|>")]
        return start

    def generate(self, encoded: Encoded, prompts: Sequence[list[int]], limit: int, draw: Draw) -> list[Guess]:
        """Writes at most ``limit`` tokens for each window; the prompts have one length."""
        length = len(prompts[0])
        results = self._model.generate(
            self._view(encoded),
            list(prompts),
            beam_size=draw.beam_size,
            no_repeat_ngram_size=draw.no_repeat,
            # CTranslate2 stops at the lesser of half of max_length and max_length less the prompt.
            max_length=min(_MOST_POSITIONS, max(2 * limit, limit + length)),
            return_scores=True,
            return_no_speech_prob=True,
            max_initial_timestamp_index=round(_FIRST_TIME_WITHIN_S / 0.02),
            suppress_blank=True,
            suppress_tokens=self._suppressed,
        )
        return [_guess(result) for result in results]

    def align(
        self, encoded: Encoded, start: list[int], texts: Sequence[list[int]], n_frames: Sequence[int]
    ) -> list[Aligned]:
        """Finds where the text tokens of each window lie; ``n_frames`` are the mel frames of sound in each."""
        results = self._model.align(self._view(encoded), start, list(texts), [min(n, FULL_WINDOW) for n in n_frames])
        return [
            Aligned([(int(a), int(b)) for a, b in r.alignments], [float(p) for p in r.text_token_probs])
            for r in results
        ]

    def empty(self, n_frames: int) -> Encoded:
        """Returns the encoding ``(1, n_frames / 2, d_model)`` of a window in which nothing is heard."""
        if n_frames not in self._empty:
            self._empty[n_frames] = self._encode([self._mel(np.zeros(2 * SAMPLE_RATE, np.float32), n_frames)])
        return self._empty[n_frames]

    def close(self) -> None:
        """Frees the model's memory on its device."""
        self._model.unload_model()

    def _view(self, encoded: Encoded) -> Any:
        return self._storage.from_array(np.ascontiguousarray(encoded))


def nearest_precision(wanted: str, supported: set[str]) -> str:
    """Returns ``wanted``, or the nearest that the device computes: an old GPU has no fast float16, a CPU no float16 at
    all.
    """
    nearest = {
        "float16": ("float16", "int8_float16", "float32"),
        "int8_float16": ("int8_float16", "int8_float32", "int8", "float16", "float32"),
        "int8": ("int8", "int8_float32", "float32"),
    }
    for precision in (*nearest.get(wanted, (wanted,)), "float32"):
        if precision in supported:
            return precision
    return "default"


_MARKS = '"#()*+/:;<=>@[\\]^_`{|}~「」『』'
_MARK_RUNS = (
    "<<",
    ">>",
    "<<<",
    ">>>",
    "--",
    "---",
    "-(",
    "-[",
    "('",
    '("',
    "((",
    "))",
    "(((",
    ")))",
    "[[",
    "]]",
    "{{",
    "}}",
    "♪♪",
    "♪♪♪",
)
_MUSIC = "♩♪♫♬♭♮♯"


def suppressed_tokens(tokenizer: Any) -> list[int]:
    """Returns the tokens that are never speech: brackets, music signs, speaker marks, and the special ones
    (whisper/tokenizer.py).
    """

    def ids(text: str) -> list[int]:
        return list(tokenizer.encode(text, add_special_tokens=False).ids)

    found = {ids(" -")[0], ids(" '")[0]}
    for sign in (*_MARKS, *_MARK_RUNS, *_MUSIC):
        for tokens in (ids(sign), ids(" " + sign)):
            if len(tokens) == 1 or sign in _MUSIC:
                found.add(tokens[0])
    special = ("transcribe", "translate", "startoftranscript", "startofprev", "startoflm", "nospeech", "nocaptions")
    found.update(token for name in special if (token := tokenizer.token_to_id(f"<|{name}|>")) is not None)
    return sorted(found)


def _guess(result: Any) -> Guess:
    tokens = [int(token) for token in result.sequences_ids[0]]
    total = float(result.scores[0]) * len(tokens)
    return Guess(tokens, total / (len(tokens) + 1), float(result.no_speech_prob))
