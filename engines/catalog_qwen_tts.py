"""Facts of Qwen3-TTS, which speaks with fixed voices (CustomVoice) or with one from a recording (Base).

Sizes and sha256 are what several public projects that have nothing to do with each other pin for the same commits of
Qwen's own repositories. Its package wants a transformers of its own, so it runs in an environment of its own.
"""

from __future__ import annotations

from engines.base import HubSource, Memory, ModelSpec, Task, WeightFile

PACK = "qwen-tts"
ENVIRONMENT = ".venv-qwen-tts"
WITH_VOICES, FROM_RECORDING = "qwen3-tts", "qwen3-tts-base"

_BOTH = (
    WeightFile("generation_config.json", None, "f1b90b4513f3b34c62851049e2492d7b4c5940daf1276f89c82b8ef04127f3aa"),
    WeightFile("merges.txt", 1_671_839, "599bab54075088774b1733fde865d5bd747cbcc7a547c5bc12610e874e26f5e3"),
    WeightFile("vocab.json", 2_776_833, "ca10d7e9fb3ed18575dd1e277a2579c16d108e32f27439684afa0e10b1440910"),
    WeightFile("tokenizer_config.json", 7_344, "dc3c31c3bdaedd5016382bb3cbe07323026775ad51f5a4fb564505992ae4a670"),
    WeightFile("preprocessor_config.json", 127, "efdde1022ea9d76928bf7a9cd53139138f5ba2e466e837f08f6105ab1af1c119"),
    WeightFile(
        "speech_tokenizer/config.json", 2_336, "ee65bb901c876664ab8707c487157aa1a6ee57c65969b28fb5ec9dc211e68167"
    ),
    WeightFile(
        "speech_tokenizer/configuration.json", 76, "6bc26d64eb5024b4d1dab5a52371958b429256d6c9d59787f1f5294a54e0cebd"
    ),
    WeightFile(
        "speech_tokenizer/preprocessor_config.json",
        234,
        "fcb3805e597e786d4067706e602f6688524640f8d3396790e2e09b5942fcbdfb",
    ),
    WeightFile(
        "speech_tokenizer/model.safetensors",
        682_293_092,
        "836b7b357f5ea43e889936a3709af68dfe3751881acefe4ecf0dbd30ba571258",
    ),
)
# Reckoned from the weights (0.9 billion parameters and the codec), with the driver's own memory or that of Python and
# torch; a sentence of 200 signs keeps 28 layers of 300 steps.
_MEMORY = {
    "bfloat16": Memory(resident_mib=3_000, working_base_mib=700, working_item_mib=120),
    "float16": Memory(resident_mib=3_000, working_base_mib=700, working_item_mib=120),
    "float32": Memory(resident_mib=5_200, working_base_mib=900, working_item_mib=240),
}


def _qwen(name: str, title: str, repo: str, revision: str, own: tuple[WeightFile, ...]) -> ModelSpec:
    files = (*own, *_BOTH)
    return ModelSpec(
        name=name,
        task=Task.ALOUD,
        engine="engines.speaking.qwen_tts:QwenTtsEngine",
        title=title,
        licence="Apache-2.0",
        download_bytes=sum(file.size or 0 for file in files),
        files=files,
        sources=(HubSource("huggingface", repo, revision), HubSource("modelscope", repo, "master")),
        memory=_MEMORY,
        pack=PACK,
        needs=("torch", "transformers", "qwen_tts", "librosa", "misaki", "hibari"),
        library="qwen-tts",
        environment=ENVIRONMENT,
        half="bfloat16",
    )


QWEN_TTS: tuple[ModelSpec, ...] = (
    _qwen(
        WITH_VOICES,
        "Qwen3-TTS 0.6B",
        "Qwen/Qwen3-TTS-12Hz-0.6B-CustomVoice",
        "85e237c12c027371202489a0ec509ded67b5e4b5",
        (
            WeightFile("config.json", 4_908, "81aca2b6fac304944d8acf345272d8a9a727d5fc2e2e66b222ab4729340c7455"),
            WeightFile(
                "model.safetensors",
                1_811_626_576,
                "bc3c7e785eb961179c25450d1acff03f839e0002f2f3a5aeb67b5735c0fa2adb",
            ),
        ),
    ),
    _qwen(
        FROM_RECORDING,
        "Qwen3-TTS 0.6B Base",
        "Qwen/Qwen3-TTS-12Hz-0.6B-Base",
        "5d83992436eae1d760afd27aff78a71d676296fc",
        (
            WeightFile("config.json", 4_494, "2e714c787c8edb98b05432685cddb634add2de4d4e645f653d68251ef72ba011"),
            WeightFile(
                "model.safetensors",
                1_829_344_272,
                "180b3b10eb1c9f1b4db7806d5475bae3071c0243c299d49926bab1da3b6946f6",
            ),
        ),
    ),
)
