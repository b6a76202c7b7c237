"""Writes with Qwen3's own weights through transformers: on a GPU, or on a processor where llama.cpp is not wanted."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engines.base import ModelSpec, Place, Report
from engines.errors import EngineError, OutOfMemory
from engines.requests_writing import WriteItem, Written
from engines.writing.detokenizing import Detokenizing
from engines.writing.llama import too_long
from engines.writing.shown import Shown
from engines.writing.sizes import context_of
from engines.writing.unfolding import Unfolding


class TransformersEngine:
    """Runs WriteItems one after another; the result of each is a ``Written``. A ``json_schema`` is not heeded."""

    def __init__(self) -> None:
        self._model: Any = None
        self._tokenizer: Any = None
        self._title = ""
        self._context = 0

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads tokenizer and model; raises EngineError ``weights_damaged`` where the files do not hold them."""
        # Everything is here: a hub is not asked for what is not.
        os.environ["HF_HUB_OFFLINE"] = "1"
        import torch
        from safetensors import SafetensorError
        from transformers import AutoModelForCausalLM, AutoTokenizer

        torch.set_num_threads(max(1, place.threads))
        self._title, self._context = spec.title, context_of(spec.name)
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(weights)
            self._model = AutoModelForCausalLM.from_pretrained(
                weights, device_map={"": place.device}, use_safetensors=True, **_precision(place.precision)
            )
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise EngineError("weights_damaged", status=500, model=spec.title, folder=str(weights)) from error
        self._model.eval()

    def run(self, batch: Sequence[WriteItem], report: Report) -> list[dict[str, Any]]:
        """Reports what is written as it is written; returns one ``Written`` for each item.

        Raises EngineError ``text_too_long_for_model`` where the question and the longest answer do not fit together,
        OutOfMemory where the device is full.
        """
        import torch

        results = []
        for index, item in enumerate(batch):
            if not isinstance(item, WriteItem):
                raise TypeError("an item that is no WriteItem")
            try:
                with torch.inference_mode():
                    results.append(self._write(item, Shown(report, index, time.monotonic)))
            except torch.OutOfMemoryError as error:
                raise OutOfMemory() from error
            report(index, results[-1])
        return results

    def free_cache(self) -> None:
        """Gives back what torch keeps of the GPU for later."""
        import torch

        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def close(self) -> None:
        """Frees the model."""
        self._model = self._tokenizer = None

    def _write(self, item: WriteItem, shown: Shown) -> dict[str, Any]:
        question = self._tokenizer.apply_chat_template(
            [{"role": role, "content": text} for role, text in item.messages],
            add_generation_prompt=True,
            enable_thinking=item.thinking,
            return_dict=True,
            return_tensors="pt",
        ).to(self._model.device)
        n_prompt = int(question["input_ids"].shape[1])
        if n_prompt + item.max_tokens > self._context:
            raise too_long(self._title, n_prompt, item.max_tokens, self._context)
        hearing = _Hearing(self._tokenizer, Unfolding(item.stop), shown)
        self._model.generate(**question, **_sampling(item), streamer=hearing, stopping_criteria=[hearing.wants_no_more])
        return hearing.written(n_prompt, item.max_tokens, self._ends())

    def _ends(self) -> frozenset[int]:
        """Returns the tokens with which the model says that it is done."""
        told = self._model.generation_config.eos_token_id
        return frozenset(told if isinstance(told, list) else [told])


class _Hearing:
    """Takes each token as it is chosen; what ``generate`` needs of a streamer. Raising here ends the writing."""

    def __init__(self, tokenizer: Any, unfolding: Unfolding, shown: Shown) -> None:
        self._detokenizing = Detokenizing(lambda ids: tokenizer.decode(ids, skip_special_tokens=False))
        self._unfolding = unfolding
        self._shown = shown
        self._tokens: list[int] = []
        self._asked = False
        self._special = frozenset(tokenizer.all_special_ids)
        shown.tell(unfolding)

    def put(self, value: Any) -> None:
        """Takes the question first and then one token at a time, as a tensor of shape ``(1,)``."""
        if not self._asked:
            self._asked = True
            return
        for token in value.reshape(-1).tolist():
            self._tokens.append(token)
            if token not in self._special:
                self._unfolding.feed(self._detokenizing.feed(token))
        self._shown.tell(self._unfolding)

    def end(self) -> None:
        """Takes what was held back."""
        self._unfolding.feed(self._detokenizing.close())

    def wants_no_more(self, input_ids: Any, scores: Any, **_: Any) -> Any:
        """Tells generate for each row whether it is to end."""
        import torch

        return torch.full((input_ids.shape[0],), self._unfolding.stopped, device=input_ids.device, dtype=torch.bool)

    def written(self, n_prompt: int, most: int, ends: frozenset[int]) -> dict[str, Any]:
        self._unfolding.close()
        ended = bool(self._tokens) and self._tokens[-1] in ends
        written: Written = {
            "text": self._unfolding.text,
            "reasoning": self._unfolding.reasoning,
            "n_prompt": n_prompt,
            "n_tokens": len(self._tokens),
            "finish": "stopped"
            if self._unfolding.stopped
            else "stop"
            if ended or len(self._tokens) < most
            else "length",
        }
        return dict(written)


def _precision(precision: str) -> dict[str, Any]:
    """Returns what ``from_pretrained`` is told for a precision."""
    import torch

    if precision == "int4":
        from transformers import BitsAndBytesConfig

        config = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
        return {"quantization_config": config, "dtype": torch.bfloat16}
    if precision in ("int8", "int8_float16"):
        from transformers import BitsAndBytesConfig

        # The kernels of 8 bits compute in float16; given anything else they say so 170 times a token.
        logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
        dtype = torch.float16 if precision == "int8_float16" else torch.float32
        return {"quantization_config": BitsAndBytesConfig(load_in_8bit=True), "dtype": dtype}
    return {"dtype": getattr(torch, precision)}


def _sampling(item: WriteItem) -> dict[str, Any]:
    import torch

    if item.seed is not None:
        torch.manual_seed(item.seed)
    told: dict[str, Any] = {"max_new_tokens": item.max_tokens, "do_sample": item.temperature > 0}
    # What Qwen3's own files suggest for sampling would be complained about where nothing is sampled.
    told |= (
        {"temperature": item.temperature} if item.temperature > 0 else dict.fromkeys(("temperature", "top_p", "top_k"))
    )
    return told
