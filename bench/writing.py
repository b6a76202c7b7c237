"""Writing measured against the bare library: time to the first word and tokens a second, in turn.

    python bench/writing.py [--models FOLDER] [--model NAME] [--rounds N] [--tokens N] [--quick]

Ours is the engine in its process as jobs use it, with its text shown while it is written. The reference is xllamacpp
called by itself in another process with its own settings, the same number of threads and the same context. Both write
the same number of tokens for the same question, one after the other, the first in turn changing each round. The weights
have to lie in the folder.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.options import options
from engines.base import Place, is_partial
from engines.catalog import by_name
from engines.device import usable_cpus
from engines.process import EngineProcess
from engines.requests_writing import WriteItem
from engines.writing.sizes import CONTEXT

SMALL = "qwen2.5-coder-0.5b-gguf"
N_TOKENS = 160
QUESTION = (
    "明天下午三点开会，讨论明年的预算和产品上线的时间。" * 8
    + "\nWrite a very long story about this meeting, in English."
)


@dataclass(frozen=True, slots=True)
class Took:
    """One answer as its caller saw it: seconds to the first word, and tokens a second from there."""

    first_s: float
    tokens_s: float


def main() -> None:
    """Prints the figures."""
    parser = options(__doc__)
    parser.add_argument("--quick", action="store_true", help="two rounds")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tokens", type=int, default=N_TOKENS)
    parser.add_argument("--model", default=SMALL)
    told = parser.parse_args()
    spec = by_name(told.model)
    folder = Path(told.models) / spec.name
    if not (folder / spec.files[0].name).is_file():
        sys.exit(f"no weights of {spec.title} in {folder}")
    threads = max(1, min(usable_cpus(), 8))
    context = get_context("spawn")
    mine, theirs = context.Pipe()
    bare = context.Process(target=_bare, args=(theirs, str(folder / spec.files[0].name), threads), daemon=True)
    bare.start()
    mine.recv()
    began = time.monotonic()
    ours = EngineProcess.start(spec, folder, Place("cpu", next(iter(spec.memory)), threads))
    print(f"{spec.title}, {threads} threads: loaded in {time.monotonic() - began:.1f} s, {ours.rss_mib()} MiB")
    pairs: list[tuple[Took, Took]] = []
    for number in range((2 if told.quick else told.rounds) + 1):
        order = ("ours", "bare") if number % 2 else ("bare", "ours")
        took = {
            who: _ours(ours, number, told.tokens) if who == "ours" else _asked(mine, number, told.tokens)
            for who in order
        }
        if number:  # The first round warms both up.
            pairs.append((took["ours"], took["bare"]))
            print(_row(number, took["ours"], took["bare"]))
    ours.close()
    bare.kill()
    print(f"memory at most {spec.memory[next(iter(spec.memory))].resident_mib} MiB expected")
    print(f"tokens a second, ours of bare: {statistics.median(o.tokens_s / b.tokens_s for o, b in pairs):.3f}")
    print(f"first word, bare of ours: {statistics.median(b.first_s / o.first_s for o, b in pairs):.3f}")


def _row(number: int, ours: Took, bare: Took) -> str:
    return (
        f"round {number}: first word {ours.first_s:.2f} s (bare {bare.first_s:.2f}),"
        f" {ours.tokens_s:.1f} tokens/s (bare {bare.tokens_s:.1f})"
    )


def _question(number: int) -> str:
    """Returns another question for each round, as what is asked again need not be read again."""
    return f"{number}. {QUESTION}"


def _ours(process: EngineProcess, number: int, n_tokens: int) -> Took:
    began, first = time.monotonic(), 0.0

    def report(_: int, result: dict[str, Any]) -> None:
        nonlocal first
        if is_partial(result) and result["partial"] and not first:
            first = time.monotonic()

    (result,) = process.run([WriteItem((("user", _question(number)),), n_tokens, temperature=0)], report)
    return Took(first - began, (result["n_tokens"] - 1) / (time.monotonic() - first))


def _asked(link: Connection, number: int, n_tokens: int) -> Took:
    link.send((number, n_tokens))
    first_s, tokens_s = link.recv()
    return Took(first_s, tokens_s)


def _bare(link: Connection, file: str, threads: int) -> None:
    """The reference, in a process of its own."""
    import xllamacpp

    os.nice(10)
    asked = xllamacpp.CommonParams()
    asked.model.path, asked.n_ctx, asked.n_parallel = file, CONTEXT, 1
    asked.cpuparams.n_threads = asked.cpuparams_batch.n_threads = threads
    asked.verbosity, asked.cache_ram_mib = -1, 0
    server = xllamacpp.Server(asked)
    link.send("ready")
    while True:
        number, n_tokens = link.recv()
        times: list[float] = []
        body = {"messages": [{"role": "user", "content": _question(number)}], "max_tokens": n_tokens, "temperature": 0}
        began = time.monotonic()

        def take(told: dict[str, Any], times: list[float] = times) -> bool:
            if any((choice.get("delta") or {}).get("content") for choice in told.get("choices", ())):
                times.append(time.monotonic())
            return False

        server.handle_chat_completions({**body, "stream": True}, take)
        link.send((times[0] - began, (len(times) - 1) / (times[-1] - times[0])))


if __name__ == "__main__":
    main()
