"""What a model that writes needs in memory, reckoned from its shape: values in, values out."""

from __future__ import annotations

from dataclasses import dataclass

from engines.base import Memory

CONTEXT = 8192
"""Tokens of question and answer together: about 40 minutes of Chinese speech, in and out."""
_SMALLER = {"qwen3-14b": 6144}
"""With this context its 4 bits fit a card of 12 GB beside what CUDA takes."""
_MIB = 2**20


@dataclass(frozen=True, slots=True)
class Shape:
    """Weights of the layers and of the word table, and the numbers that one token keeps while it is attended to.

    ``table`` counts each table that is stored: twice where the last layer has one of its own.
    """

    layers: int
    table: int
    kept: int

    @property
    def weights(self) -> int:
        """How many numbers the model is."""
        return self.layers + self.table


QWEN3 = {
    "0.6b": Shape(440_000_000, 155_600_000, 57_344),
    "1.7b": Shape(1_409_000_000, 311_200_000, 57_344),
    "4b": Shape(3_633_000_000, 389_000_000, 73_728),
    "8b": Shape(6_946_000_000, 1_244_700_000, 73_728),
    "14b": Shape(13_212_000_000, 1_555_800_000, 81_920),
}
"""From the configurations that Qwen publishes."""
QWEN25 = {"0.5b": Shape(358_000_000, 136_100_000, 6_144), "1.5b": Shape(1_310_000_000, 233_400_000, 14_336)}

_BYTES = {
    "float32": 4.0, "bfloat16": 2.0, "float16": 2.0, "int8": 1.02, "int8_float16": 1.02, "int4": 0.516,
}  # fmt: skip
"""Bytes for each number of a layer; the word table keeps 16 bits when the layers have fewer."""
# Measured on the processor with 0.5B: 2,427 MiB in 8 bits, 1,449 in 4, of which the libraries hold 800. What a CUDA
# context takes is what its maker says.
_LIBRARIES_MIB = {"cpu": 800, "cuda": 450}
_LLAMA_MIB = 110
"""Measured at 95 to 110 MiB: Python, llama.cpp and its buffers."""


def context_of(name: str) -> int:
    """Returns how many tokens a model takes, question and answer together."""
    return _SMALLER.get(name, CONTEXT)


def llama_memory(file_bytes: int, shape: Shape, name: str) -> Memory:
    """Returns what a GGUF file needs: all of it and the room for its context is held from the beginning."""
    resident = file_bytes / _MIB + context_of(name) * shape.kept * 2 / _MIB + _LLAMA_MIB
    return Memory(round(resident), 20, 2)


def transformers_memory(shape: Shape, name: str) -> dict[str, Memory]:
    """Returns what each precision needs; the context is held while it runs only, for one item at a time."""
    kept_mib = context_of(name) * shape.kept * 2 / _MIB
    found = {}
    for precision, width in _BYTES.items():
        # In 8 bits a processor computes the rest in 32.
        table = shape.table * (4.0 if precision == "int8" else max(2.0, width)) / _MIB
        place = "cuda" if precision in ("float16", "bfloat16", "int8_float16") else "cpu"
        libraries = _LIBRARIES_MIB["cuda" if precision == "int4" else place]
        resident = shape.layers * width / _MIB + table + libraries
        found[precision] = Memory(round(resident), round(kept_mib * (2 if precision == "float32" else 1)) + 100, 0)
    return found
