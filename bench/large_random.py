"""What Whisper large takes of memory on a processor: its real shape and the real engine, with weights of chance.

    python bench/large_random.py --models FOLDER [--sizes 1 2 4]

The weights say nothing, so the words are nonsense, but each array is as large as in the published model. The model is
written to a temporary folder (3.1 GB) in float16, as it is published, and computed in int8. Printed is what the process
holds after loading, and the most with so many pieces of 14 seconds at once (resident set, as the kernel counts it).
"""

from __future__ import annotations

import gc
import json
import resource
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np
import psutil

from bench.options import options
from engines import catalog
from engines.base import Place
from engines.requests import TranscribeItem
from engines.whisper.whisper import WhisperEngine
from workbench.machine.calibration_sound import made_voice

WIDTH, LAYERS, HEADS, WORDS, MELS = 1280, 32, 20, 51865, 80
ITEM_S = 14.0


def main() -> None:
    """Prints the figures."""
    parser = options(__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 2, 4])
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "large"
        write(folder, told.models / "base")
        # Making the weights took more memory than anything that is measured: a process of its own measures.
        import subprocess

        words = [sys.executable, __file__, "--measure", str(folder), *map(str, told.sizes)]
        subprocess.run(words, check=True)


def write(folder: Path, base: Path) -> None:
    """Writes the model; the words are those of Whisper base, which large-v2 shares."""
    from ctranslate2.specs.whisper_spec import WhisperSpec

    spec: Any = WhisperSpec(LAYERS, HEADS, LAYERS, HEADS)
    chance = np.random.default_rng(1)

    def array(*shape: int) -> Any:
        return (0.02 * chance.standard_normal(shape, np.float32)).astype(np.float16)

    def linear(one: Any, n_out: int, n_in: int, bias: bool = True) -> None:
        one.weight = array(n_out, n_in)
        if bias:
            one.bias = np.zeros(n_out, np.float16)

    def norm(one: Any) -> None:
        one.gamma, one.beta = np.ones(WIDTH, np.float16), np.zeros(WIDTH, np.float16)

    def layer(one: Any, is_decoder: bool) -> None:
        norm(one.self_attention.layer_norm)
        linear(one.self_attention.linear[0], 3 * WIDTH, WIDTH)
        linear(one.self_attention.linear[1], WIDTH, WIDTH)
        if is_decoder:
            norm(one.attention.layer_norm)
            for place, n_out in enumerate((WIDTH, 2 * WIDTH, WIDTH)):
                linear(one.attention.linear[place], n_out, WIDTH)
        norm(one.ffn.layer_norm)
        linear(one.ffn.linear_0, 4 * WIDTH, WIDTH)
        linear(one.ffn.linear_1, WIDTH, 4 * WIDTH)

    encoder, decoder = spec.encoder, spec.decoder
    for conv, n_in in ((encoder.conv1, MELS), (encoder.conv2, WIDTH)):
        conv.weight, conv.bias = array(WIDTH, n_in, 3), np.zeros(WIDTH, np.float16)
    encoder.position_encodings.encodings = array(1500, WIDTH)
    norm(encoder.layer_norm)
    decoder.embeddings.weight = array(WORDS, WIDTH)
    decoder.position_encodings.encodings = array(448, WIDTH)
    norm(decoder.layer_norm)
    linear(decoder.projection, WORDS, WIDTH, bias=False)
    for one in encoder.layer:
        layer(one, False)
    for one in decoder.layer:
        layer(one, True)
    spec.register_vocabulary((base / "vocabulary.txt").read_text(encoding="utf-8").split("\n")[:WORDS])
    spec.validate()
    folder.mkdir()
    spec.save(str(folder))
    known = json.loads((base / "config.json").read_text(encoding="utf-8"))
    known["alignment_heads"] = [[layer, head] for layer in range(LAYERS // 2, LAYERS) for head in range(2)]
    (folder / "config.json").write_text(json.dumps(known), encoding="utf-8")
    for name in ("tokenizer.json", "vocabulary.txt"):
        shutil.copy(base / name, folder / name)
    (folder / "vocabulary.json").unlink(missing_ok=True)
    del spec
    gc.collect()


def measure(folder: Path, sizes: list[int]) -> None:
    """Loads the model in this process and runs batches."""
    pcm = folder / "voice.pcm"
    pcm.write_bytes(made_voice(max(sizes) * ITEM_S).tobytes())
    engine, began = WhisperEngine(), time.monotonic()
    engine.load(catalog.by_name("large-v2"), folder, Place("cpu", "int8", 2))
    held = psutil.Process().memory_info().rss >> 20
    print(f"large, int8: loaded in {time.monotonic() - began:.1f} s, {held} MiB, {peak_mib()} MiB at most", flush=True)
    for size in sizes:
        items = [
            TranscribeItem(str(pcm), ((at * ITEM_S, (at + 1) * ITEM_S),), "en", word_timestamps=False)
            for at in range(size)
        ]
        began = time.monotonic()
        engine.run(items, lambda *_: None)
        now = psutil.Process().memory_info().rss >> 20
        print(f"{size} at once: {time.monotonic() - began:.1f} s, {now} MiB now, {peak_mib()} MiB at most", flush=True)


def peak_mib() -> int:
    """Returns the most that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(Path(sys.argv[2]), [int(size) for size in sys.argv[3:]])
    else:
        main()
