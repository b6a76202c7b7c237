"""Translates one pair of languages with a small model made for it: OPUS-MT through CTranslate2, on the processor."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from engines.base import ModelSpec, Place, Report
from engines.errors import EngineError
from engines.requests_writing import TranslateItem, Written
from engines.writing.shown import Shown
from engines.writing.unfolding import Unfolding

TOGETHER = 4
"""So many sentences are translated in one go: a stop is heard, and text is shown, between."""
_WORD = "\u2581"
"""SentencePiece puts it before a word."""
_BEAM, _BEAM_AGAIN = 4, 6
_MOST_TOKENS = 480
"""Of one sentence, in and out; the network was trained on shorter ones."""
_LETTERS = {"zh": re.compile(r"[\u3400-\u9fff]")}
"""What holds none of these is in no need of translation: numbers, and words that are written so already."""


class OpusEngine:
    """Runs TranslateItems one after another; the result of each is a ``Written`` with a numbered line for each line."""

    def __init__(self) -> None:
        self._pieces: Any = None
        self._translator: Any = None
        self._script: Any = None
        self._from = ""

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads the table of word pieces and the network; raises EngineError ``weights_damaged`` where they are not."""
        import ctranslate2
        from opencc import OpenCC
        from sentencepiece import SentencePieceProcessor

        try:
            self._pieces = SentencePieceProcessor(model_file=str(weights / "sentencepiece.model"))
            self._translator = ctranslate2.Translator(
                str(weights), device="cpu", compute_type="int8", inter_threads=1, intra_threads=max(1, place.threads)
            )
        except (OSError, RuntimeError, ValueError) as error:
            raise EngineError("weights_damaged", status=500, model=spec.title, folder=str(weights)) from error
        self._from = spec.pair[0] if spec.pair else ""
        # It has seen few traditional characters.
        self._script = OpenCC("t2s") if self._from == "zh" else None

    def run(self, batch: Sequence[TranslateItem], report: Report) -> list[dict[str, Any]]:
        """Reports what is translated as it is; returns one ``Written`` for each item."""
        results = []
        for index, item in enumerate(batch):
            if not isinstance(item, TranslateItem):
                raise TypeError("an item that is no TranslateItem")
            results.append(self._lines(item, Shown(report, index, time.monotonic)))
            report(index, results[-1])
        return results

    def close(self) -> None:
        """Frees the network."""
        self._translator = self._pieces = None

    def _lines(self, item: TranslateItem, shown: Shown) -> dict[str, Any]:
        text, counted = Unfolding(), [0, 0]
        shown.tell(text)
        done: list[str] = []
        told = 0
        sentences = self._sentences([one for line in item.lines for one in line], item.again, counted)
        for translated in sentences:
            done += translated
            while told < len(item.lines) and len(done) >= len(item.lines[told]):
                n = len(item.lines[told])
                line, done = " ".join(filter(None, done[:n])), done[n:]
                told += 1
                text.feed(f"[{told}] {line}\n")
            shown.tell(text)
        text.close()
        written: Written = {
            "text": text.text, "reasoning": "", "n_prompt": counted[0], "n_tokens": counted[1], "finish": "stop",
        }  # fmt: skip
        return dict(written)

    def _sentences(self, texts: Sequence[str], again: bool, counted: list[int]) -> Iterator[list[str]]:
        """Yields the translations in order, a few at a time; adds the tokens read and written to ``counted``."""
        for first in range(0, len(texts), TOGETHER):
            found = list(texts[first : first + TOGETHER])
            needed = [at for at, text in enumerate(found) if self._needs(text)]
            tokens = [self._tokens(found[at]) for at in needed]
            for at, words in zip(needed, self._translated(tokens, again), strict=True):
                found[at] = "".join(words).replace(_WORD, " ").strip()
                counted[1] += len(words)
            counted[0] += sum(map(len, tokens))
            yield found

    def _translated(self, tokens: Sequence[Sequence[str]], again: bool) -> list[list[str]]:
        if not tokens:
            return []
        results = self._translator.translate_batch(
            list(tokens),
            beam_size=_BEAM_AGAIN if again else _BEAM,
            length_penalty=0.2,
            # A second try is for what went round in circles or was left out.
            no_repeat_ngram_size=3 if again else 0,
            replace_unknowns=True,
            max_input_length=0,
            max_decoding_length=_MOST_TOKENS,
        )
        return [result.hypotheses[0] for result in results]

    def _needs(self, text: str) -> bool:
        letters = _LETTERS.get(self._from)
        return letters is None or bool(letters.search(text))

    def _tokens(self, text: str) -> list[str]:
        simplified = self._script.convert(text) if self._script is not None else text
        return list(self._pieces.encode(simplified, out_type=str))
