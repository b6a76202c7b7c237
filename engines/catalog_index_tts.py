"""Facts of IndexTTS-2.5, which speaks with the voice of a recording.

Sizes and sha256 are what several public projects that have nothing to do with each other pin for the same commits.
Three of its networks are other people's and lie in repositories of their own. It runs in an environment of its own.
"""

from __future__ import annotations

from engines.base import HubSource, Memory, ModelSpec, Task, WeightFile

PACK = "index-tts"
ENVIRONMENT = ".venv-index-tts"
NAME = "indextts"
LICENCE = "bilibili Model Use License"

_FACE, _SCOPE, _NEWEST = "huggingface", "modelscope", "master"
_REPO = "IndexTeam/IndexTTS-2.5"
_W2V = (
    HubSource(_FACE, "facebook/w2v-bert-2.0", "da985ba0987f70aaeb84a80f2851cfac8c697a7b"),
    HubSource(_SCOPE, "AI-ModelScope/w2v-bert-2.0", _NEWEST),
)
_CAMPPLUS = (
    HubSource(_FACE, "funasr/campplus", "e4b6ede7ce16997aff4ae69fbca1f0175e2afede"),
    HubSource(_SCOPE, "iic/speech_campplus_sv_zh-cn_16k-common", _NEWEST),
)
_BIGVGAN = (
    HubSource(_FACE, "nvidia/bigvgan_v2_22khz_80band_256x", "633ff708ed5b74903e86ff1298cf4a98e921c513"),
    HubSource(_SCOPE, "nvidia/bigvgan_v2_22khz_80band_256x", _NEWEST),
)
_FILES = (
    WeightFile("config.yaml", 2_860, "18adf417be3e8f5e2e48e30f7420c719170a6870619436250f360d626877870e"),
    WeightFile("gpt.pth", 3_259_599_833, "43a8f4c30eccdf201958d3b9713511482c19d56dc20b0b1c4ee1e6b080b19d85"),
    WeightFile("codec.pth", 607_290_935, "d15cbed16a40f478438c961fb043f68dfa6353bf56c966761315db3433e9722c"),
    WeightFile("s2mel.pth", 414_908_601, "9b1b0003fc189c94cc349758d7ebc25f903b7eb2de4602879959cc64ce816456"),
    WeightFile("feat1.pt", 57_170, "f219cb447d80216ba615666da2ff8d63ac544eee26657f3a7b278692bf7a67c4"),
    WeightFile("feat2.pt", 374_866, "9c4292e96dee535aea9a6206e9a0c856dd578dde9212acdb16dd3ada4d12bf80"),
    WeightFile("wav2vec2bert_stats.pt", 9_343, "c9c176c2b8850ab2e3ba828bbfa969deaf4566ce55db5f2687b8430b87526ad2"),
    WeightFile(
        "multilingual_zh_ja_yue_char_del.tiktoken",
        907_395,
        "747979631e813193436aabcff7c1c235d37de8097b71c563ec8b63b7a515c718",
    ),
    WeightFile("LICENSE", 10_553, "cc7da9ea0f8a97ef15ab3bf0389e636ce79ffca1aef5489520796ac87d87a87b"),
    WeightFile(
        "hf_cache/w2v-bert-2.0/config.json",
        1_874,
        "f5572bd5998b68182e9c328a43127ed21fed687f6910497136b91a4e3b0e3675",
        _W2V,
    ),
    WeightFile(
        "hf_cache/w2v-bert-2.0/preprocessor_config.json",
        275,
        "8e6281aad64f97e40534135a59dcc5d33571efae376f2a25adf5551951897ab4",
        _W2V,
    ),
    WeightFile(
        "hf_cache/w2v-bert-2.0/model.safetensors",
        2_322_063_736,
        "eb890c9660ed6e3414b6812e27257b8ce5454365d5490d3ad581ea60b93be043",
        _W2V,
    ),
    WeightFile(
        "hf_cache/campplus_cn_common.bin",
        28_036_335,
        "3388cf5fd3493c9ac9c69851d8e7a8badcfb4f3dc631020c4961371646d5ada8",
        _CAMPPLUS,
    ),
    WeightFile(
        "hf_cache/bigvgan/config.json",
        1_405,
        "88a1f47acf747db0b21e97a389d838566147f7a5464583ff5c8d819d870f03ee",
        _BIGVGAN,
    ),
    WeightFile(
        "hf_cache/bigvgan/bigvgan_generator.pt",
        449_228_171,
        "e95ba25972d3de0628d99cd156e9315a9c018899bf739988959ebe3544080ced",
        _BIGVGAN,
    ),
)

INDEX_TTS = ModelSpec(
    name=NAME,
    task=Task.ALOUD,
    engine="engines.speaking.index_tts:IndexTtsEngine",
    title="IndexTTS-2.5",
    licence=LICENCE,
    download_bytes=sum(file.size or 0 for file in _FILES),
    files=_FILES,
    sources=(HubSource(_FACE, _REPO, "c39ce5ba981572cb187443877ff559dfb246ce63"), HubSource(_SCOPE, _REPO, _NEWEST)),
    # Its package states peaks of 4.3 GB in bf16 and 6.0 GB in float32 on a card for a paragraph; the rest is the
    # driver's own memory. Only the first network has a half precision.
    memory={
        "bfloat16": Memory(resident_mib=3_800, working_base_mib=1_000, working_item_mib=100),
        "float32": Memory(resident_mib=5_400, working_base_mib=1_200, working_item_mib=100),
    },
    pack=PACK,
    needs=("torch", "transformers", "indextts25", "librosa", "omegaconf", "tiktoken", "misaki", "hibari"),
    library="indextts25-inference",
    environment=ENVIRONMENT,
    half="bfloat16",
    terms="https://github.com/index-tts/index-tts/blob/main/LICENSE",
)
