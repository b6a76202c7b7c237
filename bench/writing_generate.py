"""Writing through transformers measured against plain ``generate()``: first word, tokens a second, CPU and memory.

    python bench/writing_generate.py [--models FOLDER] [--model NAME] [--precisions P,P] [--rounds N] [--tokens N]

Ours is the engine in its process as jobs use it, with its text shown while it is written. The reference is the same
weights in another process, loaded and asked with transformers alone, with the same number of threads. Both write the
same number of tokens for the same question, one after the other, the first in turn changing each round. The GGUF file
in the folder is turned into safetensors once, which takes a minute or two, because reading it each time would. Needs
the pack ``text``.
"""

from __future__ import annotations

import logging
import os
import statistics
import sys
import time
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from bench.tree import cpu_s
from engines.base import Memory, ModelSpec, Place, WeightFile, is_partial
from engines.catalog import by_name
from engines.catalog_writing import TRANSFORMERS
from engines.device import usable_cpus
from engines.process import EngineProcess
from engines.requests_writing import WriteItem
from engines.writing.sizes import QWEN25, transformers_memory

say = partial(print, flush=True)
"""Each line at once: on a processor this takes its time."""
SMALL = "qwen2.5-coder-0.5b-gguf"
PRECISIONS = ("float32", "int8", "int4")
N_TOKENS = 48
QUESTION = "明天下午三点开会，讨论明年的预算和产品上线的时间。" * 4 + "\nWrite a very long story about it, in English."


@dataclass(frozen=True, slots=True)
class Took:
    """One answer as its caller saw it: seconds to the first word, and tokens a second from there; and its CPU seconds.

    The last stay true on a machine that is busy with something else.
    """

    first_s: float
    tokens_s: float
    cpu_s: float


def main() -> None:
    """Prints the figures."""
    parser = options(__doc__)
    parser.add_argument("--quick", action="store_true", help="two rounds")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=N_TOKENS)
    parser.add_argument("--model", default=SMALL)
    parser.add_argument("--precisions", default=",".join(PRECISIONS))
    told = parser.parse_args()
    threads = max(1, min(usable_cpus(), 8))
    source = by_name(told.model)
    folder = Path(told.models) / source.name
    if not (folder / source.files[0].name).is_file():
        sys.exit(f"no weights of {source.title} in {folder}")
    spec, weights = converted(source, folder)
    for precision in told.precisions.split(","):
        _measure(spec, weights, Place("cpu", precision, threads), told.tokens, 2 if told.quick else told.rounds)


def converted(source: ModelSpec, folder: Path) -> tuple[ModelSpec, Path]:
    """Returns a GGUF model as one of transformers, turned into safetensors beside it if that was not done yet."""
    target = folder.parent / f"{source.name.removesuffix('-gguf')}-safetensors"
    if not (target / "config.json").is_file():
        began = time.monotonic()
        process = get_context("spawn").Process(target=_convert, args=(folder / source.files[0].name, target))
        process.start()
        process.join()
        say(f"turned into safetensors in {time.monotonic() - began:.0f} s")
    shape = QWEN25.get(source.name.removesuffix("-gguf").rpartition("-")[2])
    memory = transformers_memory(shape, source.name) if shape else {"float32": Memory(0, 0, 0)}
    files = (WeightFile("model.safetensors"),)
    return replace(source, name=target.name, engine=TRANSFORMERS, files=files, memory=memory, gpu=True), target


def _convert(file: Path, target: Path) -> None:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    told: dict[str, Any] = {"gguf_file": file.name}
    tokenizer = AutoTokenizer.from_pretrained(file.parent, **told)
    model = AutoModelForCausalLM.from_pretrained(
        file.parent, quantization_config=GgufConfig(dequantize=True), dtype=torch.bfloat16, **told
    )
    half = target.with_name(target.name + ".part")
    model.save_pretrained(half)
    tokenizer.save_pretrained(half)
    os.replace(half, target)


def _measure(spec: ModelSpec, weights: Path, place: Place, n_tokens: int, rounds: int) -> None:
    context = get_context("spawn")
    mine, theirs = context.Pipe()
    bare = context.Process(target=_bare, args=(theirs, weights, place), daemon=True)
    bare.start()
    mine.recv()
    began = time.monotonic()
    ours = EngineProcess.start(spec, weights, place)
    say(f"{place.precision}: loaded in {time.monotonic() - began:.1f} s, {ours.rss_mib()} MiB")
    pairs: list[tuple[Took, Took]] = []
    for number in range(rounds + 1):
        order = ("ours", "bare") if number % 2 else ("bare", "ours")
        took = {who: _ours(ours, n_tokens) if who == "ours" else _asked(mine, bare.pid, n_tokens) for who in order}
        if number:  # The first round warms both up.
            pairs.append((took["ours"], took["bare"]))
            say(_row(number, took["ours"], took["bare"]))
    expected = spec.memory.get(place.precision, Memory(0, 0, 0))
    say(f"{place.precision}: at most {ours.peak_mib()} MiB, expected {expected.resident_mib + expected.working_mib(1)}")
    ours.close()
    bare.kill()
    bare.join()
    speed = statistics.median(o.tokens_s / b.tokens_s for o, b in pairs)
    first = statistics.median(b.first_s / o.first_s for o, b in pairs)
    cost = statistics.median(b.cpu_s / o.cpu_s for o, b in pairs)
    say(f"{place.precision}: tokens a second, ours of bare: {speed:.3f}; first word, bare of ours: {first:.3f}")
    say(f"{place.precision}: answers a CPU second, ours of bare: {cost:.3f}")


def _row(number: int, ours: Took, bare: Took) -> str:
    return (
        f"round {number}: first word {ours.first_s:.2f} s (bare {bare.first_s:.2f}),"
        f" {ours.tokens_s:.2f} tokens/s (bare {bare.tokens_s:.2f}), {ours.cpu_s:.1f} CPU s (bare {bare.cpu_s:.1f})"
    )


def _ours(process: EngineProcess, n_tokens: int) -> Took:
    began, first, cpu = time.monotonic(), 0.0, cpu_s(process.pid or 0)

    def report(_: int, result: dict[str, Any]) -> None:
        nonlocal first
        if is_partial(result) and result["partial"] and not first:
            first = time.monotonic()

    (result,) = process.run([WriteItem((("user", QUESTION),), n_tokens, temperature=0)], report)
    tokens_s = (result["n_tokens"] - 1) / (time.monotonic() - first)
    return Took(first - began, tokens_s, cpu_s(process.pid or 0) - cpu)


def _asked(link: Connection, pid: int | None, n_tokens: int) -> Took:
    cpu = cpu_s(pid or 0)
    link.send(n_tokens)
    first_s, tokens_s = link.recv()
    return Took(first_s, tokens_s, cpu_s(pid or 0) - cpu)


class _Clock:
    """The least that ``generate`` takes for a streamer: when each token came."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def put(self, value: Any) -> None:
        self.times.append(time.monotonic())

    def end(self) -> None:
        """Nothing is left to be done."""


def _bare(link: Connection, weights: Path, place: Place) -> None:
    """The reference, in a process of its own: transformers as its documentation has it."""
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

    os.nice(10)
    torch.set_num_threads(place.threads)
    told: dict[str, Any] = {
        "dtype": torch.float32 if place.precision == "int8" else getattr(torch, place.precision, None)
    }
    if place.precision == "int8":
        logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
        told["quantization_config"] = BitsAndBytesConfig(load_in_8bit=True)
    if place.precision == "int4":
        told = {"dtype": torch.bfloat16, "quantization_config": BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )}  # fmt: skip
    tokenizer = AutoTokenizer.from_pretrained(weights)
    model = AutoModelForCausalLM.from_pretrained(weights, device_map={"": "cpu"}, **told).eval()
    link.send("ready")
    while True:
        n_tokens = link.recv()
        clock, began = _Clock(), time.monotonic()
        question = tokenizer.apply_chat_template(
            [{"role": "user", "content": QUESTION}], add_generation_prompt=True, return_dict=True, return_tensors="pt"
        )
        with torch.inference_mode():
            model.generate(
                **question, max_new_tokens=n_tokens, do_sample=False, temperature=None, top_p=None, top_k=None,
                streamer=clock,
            )  # fmt: skip
        times = clock.times[1:]  # The first is the question.
        link.send((times[0] - began, (len(times) - 1) / (times[-1] - times[0])))


if __name__ == "__main__":
    main()
