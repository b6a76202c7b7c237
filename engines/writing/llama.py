"""Writes with a GGUF model through llama.cpp, on the processor."""

from __future__ import annotations

import json
import os
import secrets
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engines.base import ModelSpec, Place, Report
from engines.errors import EngineError
from engines.requests_writing import WriteItem, Written
from engines.writing.shown import Shown
from engines.writing.sizes import context_of
from engines.writing.unfolding import Unfolding

_PROMPT_STEP = 64
"""So many tokens of the question are read in one go. More is no quicker on a processor, and a stop is heard between."""
_QUIET = -1


class LlamaEngine:
    """Runs WriteItems one after another; the result of each is a ``Written``."""

    def __init__(self) -> None:
        self._server: Any = None
        self._title = ""
        self._context = 0

    def load(self, spec: ModelSpec, weights: Path, place: Place) -> None:
        """Loads the model; raises EngineError ``weights_damaged`` where the file does not hold one."""
        # Threads that wait for each other would keep the processors busy by waiting; beside other work that costs three
        # quarters of the speed. Read when the library is loaded.
        os.environ.setdefault("OMP_WAIT_POLICY", "passive")
        import xllamacpp

        self._title, self._context = spec.title, context_of(spec.name)
        try:
            self._server = xllamacpp.Server(_settings(weights / spec.files[0].name, place, self._context))
        except RuntimeError as error:
            # It answers nothing but "failed to init": the file was read or not.
            raise EngineError("weights_damaged", status=500, model=spec.title, folder=str(weights)) from error

    def run(self, batch: Sequence[WriteItem], report: Report) -> list[dict[str, Any]]:
        """Reports what is written as it is written; returns one ``Written`` for each item.

        Raises EngineError ``text_too_long_for_model`` where the question and the longest answer do not fit together.
        """
        results = []
        for index, item in enumerate(batch):
            if not isinstance(item, WriteItem):
                raise TypeError("an item that is no WriteItem")
            results.append(_Conversation(item, Shown(report, index, time.monotonic), self._title, self._context).run(
                self._server
            ))  # fmt: skip
            report(index, results[-1])
        return results

    def close(self) -> None:
        """Ends the library's threads."""
        self._server = None


class _Conversation:
    """One item on its way; ``take`` is called from within the library, which must not see an exception."""

    def __init__(self, item: WriteItem, shown: Shown, title: str, context: int) -> None:
        self._item = item
        self._shown = shown
        self._title = title
        self._context = context
        self._unfolding = Unfolding(item.stop)
        self._failed: BaseException | None = None
        self._n_prompt = 0
        self._n_tokens = 0
        self._finish = "length"

    def run(self, server: Any) -> dict[str, Any]:
        server.handle_chat_completions(_question(self._item), self._take)
        if self._failed is not None:
            raise self._failed
        self._unfolding.close()
        written: Written = {
            "text": self._unfolding.text,
            "reasoning": self._unfolding.reasoning,
            "n_prompt": self._n_prompt,
            "n_tokens": self._n_tokens,
            "finish": "stopped" if self._unfolding.stopped else self._finish,
        }
        return dict(written)

    def _take(self, told: dict[str, Any]) -> bool:
        """Takes one piece; True ends the writing."""
        try:
            return self._heard(told)
        except BaseException as error:
            self._failed = error
            return True

    def _heard(self, told: dict[str, Any]) -> bool:
        if "error" in told or "choices" not in told:
            raise _refusal(told.get("error") or told, self._title, self._item.max_tokens)
        progress = told.get("prompt_progress")
        if progress is not None:
            self._n_prompt = int(progress["total"])
            if self._n_prompt + self._item.max_tokens > self._context:
                raise too_long(self._title, self._n_prompt, self._item.max_tokens, self._context)
        for choice in told["choices"]:
            delta = choice.get("delta") or {}
            if delta.get("reasoning_content"):
                self._unfolding.think(delta["reasoning_content"])
            self._n_tokens += bool(delta.get("content") or delta.get("reasoning_content"))
            self._unfolding.feed(delta.get("content") or "")
            self._finish = choice.get("finish_reason") or self._finish
        if told.get("usage"):
            self._n_tokens = int(told["usage"]["completion_tokens"])
        self._shown.tell(self._unfolding)
        return self._unfolding.stopped


def too_long(title: str, n_prompt: int, n_answer: int, context: int) -> EngineError:
    """Returns the refusal of a text that does not fit the model together with its answer."""
    return EngineError("text_too_long_for_model", status=413, model=title, text=n_prompt, answer=n_answer, most=context)


def _settings(file: Path, place: Place, context: int) -> Any:
    import xllamacpp

    asked = xllamacpp.CommonParams()
    asked.model.path = os.fspath(file)
    asked.n_ctx = context
    asked.n_parallel = 1
    asked.n_gpu_layers = 0
    asked.n_batch = asked.n_ubatch = _PROMPT_STEP
    asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = max(1, place.threads)
    asked.fit_params = False
    asked.warmup = False
    # Mapped, the weights would lie in memory twice: as the file has them and as the processor likes them (2.0 GB
    # instead of 1.4 for 1.5B).
    asked.load_mode = xllamacpp.llama_load_mode.LLAMA_LOAD_MODE_NONE
    # No more than the last question stays in memory, its beginning need not be read again; the log gets nothing.
    asked.cache_ram_mib = 0
    asked.verbosity = _QUIET
    # The library listens on the loopback whether one wants it or not: nobody knows the key.
    asked.hostnames = ["127.0.0.1"]
    asked.n_threads_http = 1
    asked.api_keys = [secrets.token_hex(32)]
    asked.ui = asked.endpoint_slots = False
    return asked


def _question(item: WriteItem) -> dict[str, Any]:
    question: dict[str, Any] = {
        "messages": [{"role": role, "content": text} for role, text in item.messages],
        "max_tokens": item.max_tokens,
        "temperature": item.temperature,
        "stream": True,
        "stream_options": {"include_usage": True},
        "return_progress": True,
        "chat_template_kwargs": {"enable_thinking": item.thinking},
    }
    if item.seed is not None:
        question["seed"] = item.seed
    if item.json_schema is not None:
        shape = {"name": "answer", "schema": json.loads(item.json_schema)}
        question["response_format"] = {"type": "json_schema", "json_schema": shape}
    return question


def _refusal(error: dict[str, Any], title: str, n_answer: int) -> EngineError:
    if error.get("type") == "exceed_context_size_error":
        return too_long(title, int(error.get("n_prompt_tokens", 0)), n_answer, int(error.get("n_ctx", 0)))
    # The library's words may quote the text: only their kind is told.
    return EngineError(reason=str(error.get("type") or "llama.cpp"))
