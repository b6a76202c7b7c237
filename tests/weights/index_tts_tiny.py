"""Makes a checkpoint of IndexTTS-2.5's shape, tiny and with random weights; runs as a script in the pack's environment.

Argument: the folder to write. What its package fixes is as large as it is there: seventeen layers of 1,024 numbers hear
the recording, CAM++ makes the voice's 192 numbers.
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path
from typing import Any

N_CODES, N_TOKENS, WIDTH = 34, 2_000, 32
EMOTIONS = (3, 17, 2, 8, 4, 5, 10, 24)


def main(folder: Path) -> None:
    import torch
    from indextts25.codec.models import EnhancedCodec
    from indextts25.gpt.model_v2 import UnifiedVoice
    from indextts25.s2mel.modules.bigvgan.bigvgan import BigVGAN, load_hparams_from_json
    from indextts25.s2mel.modules.campplus.DTDNN import CAMPPlus
    from indextts25.s2mel.modules.commons import MyModel
    from omegaconf import OmegaConf

    torch.manual_seed(1)
    told = OmegaConf.create(_config())
    bigvgan = folder / "hf_cache" / "bigvgan"
    bigvgan.mkdir(parents=True)
    OmegaConf.save(told, folder / "config.yaml")
    speaks = UnifiedVoice(**told.gpt)
    with torch.no_grad():
        # A new one ends where it begins: this one goes on to its limit.
        speaks.mel_head.bias[-1] = -20.0
    torch.save(speaks.state_dict(), folder / "gpt.pth")
    torch.save({"model": EnhancedCodec(**told.semantic_codec).state_dict()}, folder / "codec.pth")
    net = {name: module.state_dict() for name, module in MyModel(told.s2mel).models.items()}
    torch.save({"net": net}, folder / "s2mel.pth")
    torch.save(torch.randn(sum(EMOTIONS), 192), folder / "feat1.pt")
    torch.save(torch.randn(sum(EMOTIONS), WIDTH), folder / "feat2.pt")
    torch.save({"mean": torch.zeros(1_024), "var": torch.ones(1_024)}, folder / "wav2vec2bert_stats.pt")
    ranks = "\n".join(f"{base64.b64encode(bytes([rank])).decode()} {rank}" for rank in range(256))
    (folder / "multilingual_zh_ja_yue_char_del.tiktoken").write_text(ranks)
    (folder / "LICENSE").write_text("none")
    torch.save(CAMPPlus(feat_dim=80, embedding_size=192).state_dict(), folder / "hf_cache" / "campplus_cn_common.bin")
    (bigvgan / "config.json").write_text(json.dumps(_vocoder()))
    vocoder = BigVGAN(load_hparams_from_json(bigvgan / "config.json"))
    with torch.no_grad():
        # A new one is so loud that nothing but full scale is left of it.
        while vocoder(torch.randn(1, 80, 20)).abs().max() >= 0.9:
            vocoder.conv_post.weight.mul_(0.2)
    torch.save({"generator": vocoder.state_dict()}, bigvgan / "bigvgan_generator.pt")
    _listener(folder / "hf_cache" / "w2v-bert-2.0")


def _listener(folder: Path) -> None:
    import torch
    from safetensors.torch import save_file
    from transformers import SeamlessM4TFeatureExtractor, Wav2Vec2BertConfig, Wav2Vec2BertModel

    # Nobody needs these numbers to be random: half a gigabyte of them would take seconds.
    config = Wav2Vec2BertConfig(num_hidden_layers=17, intermediate_size=16, num_attention_heads=16)
    with torch.device("meta"):
        shapes = {name: value.shape for name, value in Wav2Vec2BertModel(config).state_dict().items()}
    one = torch.randn(1 << 16) * 0.02
    made = {name: one.repeat(-(-shape.numel() // len(one)))[: shape.numel()].view(shape).half().contiguous()
            for name, shape in shapes.items()}  # fmt: skip
    SeamlessM4TFeatureExtractor().save_pretrained(folder)
    config.save_pretrained(folder)
    save_file(made, folder / "model.safetensors")


def _config() -> dict[str, Any]:
    hears = {
        "output_size": 32,
        "linear_units": 32,
        "attention_heads": 2,
        "num_blocks": 1,
        "input_layer": "conv2d2",
        "perceiver_mult": 2,
    }
    return {
        "gpt": {
            "model_dim": WIDTH,
            "layers": 1,
            "heads": 2,
            "max_text_tokens": 600,
            "max_mel_tokens": 1_815,
            "number_text_tokens": N_TOKENS,
            "start_text_token": 0,
            "stop_text_token": 1,
            "number_mel_codes": N_CODES,
            "start_mel_token": N_CODES - 2,
            "stop_mel_token": N_CODES - 1,
            "emo_condition_module": hears,
        },
        "semantic_codec": {
            "codebook_size": N_CODES - 2,
            "hidden_size": 1_024,
            "codebook_dim": 8,
            "vocos_dim": 16,
            "vocos_intermediate_dim": 32,
            "vocos_num_layers": 1,
        },
        "s2mel": {
            "preprocess_params": {
                "sr": 22_050,
                "spect_params": {
                    "n_fft": 1_024,
                    "win_length": 1_024,
                    "hop_length": 256,
                    "n_mels": 80,
                    "fmin": 0,
                    "fmax": "None",
                },
            },
            "dit_type": "DiT",
            "style_encoder": {"dim": 192},
            "length_regulator": {
                "channels": 16,
                "sampling_ratios": [1],
                "in_channels": 1_024,
                "content_codebook_size": 32,
            },
            "DiT": {
                "hidden_dim": 16,
                "num_heads": 2,
                "depth": 3,
                "class_dropout_prob": 0.1,
                "in_channels": 80,
                "style_condition": True,
                "final_layer_type": "wavenet",
                "content_dim": 16,
                "content_codebook_size": 32,
                "content_type": "discrete",
                "is_causal": False,
                "long_skip_connection": True,
                "time_as_token": False,
                "style_as_token": False,
                "uvit_skip_connection": True,
            },
            "wavenet": {
                "hidden_dim": 16,
                "num_layers": 2,
                "kernel_size": 5,
                "dilation_rate": 1,
                "p_dropout": 0.2,
                "style_condition": True,
            },
        },
        "gpt_checkpoint": "gpt.pth",
        "w2v_stat": "wav2vec2bert_stats.pt",
        "s2mel_checkpoint": "s2mel.pth",
        "emo_matrix": "feat2.pt",
        "spk_matrix": "feat1.pt",
        "emo_num": list(EMOTIONS),
    }


def _vocoder() -> dict[str, Any]:
    return {
        "resblock": "1",
        "num_mels": 80,
        "upsample_rates": [4, 4, 2, 2, 2, 2],
        "upsample_kernel_sizes": [8, 8, 4, 4, 4, 4],
        "upsample_initial_channel": 64,
        "resblock_kernel_sizes": [3],
        "resblock_dilation_sizes": [[1, 3, 5]],
        "activation": "snakebeta",
        "snake_logscale": True,
        "use_tanh_at_final": False,
        "use_bias_at_final": False,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]))
