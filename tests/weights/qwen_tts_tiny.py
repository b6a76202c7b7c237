"""Makes a checkpoint of Qwen3-TTS's shape, tiny and with random weights; runs as a script in the pack's environment.

Arguments: the folder to write, and ``custom_voice`` or ``base``.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

SPEAKERS = ("vivian", "serena", "uncle_fu", "dylan", "eric", "ryan", "aiden", "ono_anna", "sohee")
LANGUAGES = {
    "chinese": 2_055,
    "english": 2_050,
    "japanese": 2_058,
    "korean": 2_064,
    "beijing_dialect": 2_074,
    "sichuan_dialect": 2_062,
}
DIALECTS = {"dylan": "beijing_dialect", "eric": "sichuan_dialect"}
SIDES = ("lstrip", "rstrip", "normalized", "single_word")
SPECIAL = ("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<tts_pad>", "<tts_text_bos>", "<tts_text_eod>")


def main(folder: Path, kind: str) -> None:
    import torch

    from engines.speaking.qwen_tts import _stand_in

    _stand_in("sox")
    _stand_in("torchaudio.compliance.kaldi")
    from qwen_tts.core import Qwen3TTSTokenizerV2Config, Qwen3TTSTokenizerV2Model
    from qwen_tts.core.models import Qwen3TTSConfig, Qwen3TTSForConditionalGeneration
    from transformers import EncodecFeatureExtractor

    torch.manual_seed(1)
    n_text = _tokenizer(folder)
    told = _config(kind, n_text)
    model = Qwen3TTSForConditionalGeneration(Qwen3TTSConfig(**told))
    model.to(torch.bfloat16).save_pretrained(folder)
    # What save_pretrained writes of the speaker encoder cannot be read again.
    told |= {"model_type": "qwen3_tts", "architectures": ["Qwen3TTSForConditionalGeneration"], "dtype": "bfloat16"}
    (folder / "config.json").write_text(json.dumps(told))
    (folder / "generation_config.json").write_text(json.dumps({"do_sample": True, "max_new_tokens": 30}))
    codec = folder / "speech_tokenizer"
    made = Qwen3TTSTokenizerV2Model(Qwen3TTSTokenizerV2Config(**_codec()))
    with torch.no_grad():
        # The code book of a new codec is empty, and all that it gives is silence: this one is heard.
        for name, parameter in [*made.decoder.named_parameters(), *made.decoder.named_buffers()]:
            if name.endswith("cluster_usage"):
                parameter.fill_(1.0)
            elif name.endswith("embedding_sum"):
                parameter.normal_(0.0, 30.0)
        made.decoder.decoder[-1].conv.weight.normal_(0.0, 1e8)
    made.save_pretrained(codec)
    EncodecFeatureExtractor(feature_size=1, sampling_rate=24_000).save_pretrained(codec)


def _config(kind: str, n_text: int) -> dict[str, Any]:
    small = {
        "hidden_size": 32,
        "intermediate_size": 48,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
        "head_dim": 16,
        "num_code_groups": 16,
    }
    talker = {
        **small,
        "vocab_size": 3_072,
        "text_vocab_size": n_text,
        "text_hidden_size": 32,
        "rope_theta": 1_000_000,
        "rope_scaling": {"interleaved": True, "mrope_section": [4, 2, 2], "rope_type": "default"},
        "codec_bos_id": 2_149,
        "codec_eos_token_id": 2_150,
        "codec_pad_id": 2_148,
        "codec_think_id": 2_154,
        "codec_nothink_id": 2_155,
        "codec_think_bos_id": 2_156,
        "codec_think_eos_id": 2_157,
        "codec_language_id": LANGUAGES,
        "spk_id": {name: 3_000 + number for number, name in enumerate(SPEAKERS)} if kind == "custom_voice" else {},
        "spk_is_dialect": {name: DIALECTS.get(name, False) for name in SPEAKERS},
        "code_predictor_config": {**small, "vocab_size": 2_048},
    }
    first = n_text - len(SPECIAL)
    return {
        "talker_config": talker,
        "speaker_encoder_config": {"enc_dim": 32, "enc_channels": [16, 16, 16, 16, 48], "sample_rate": 24_000},
        "tokenizer_type": "qwen3_tts_tokenizer_12hz",
        "tts_model_size": "0b6",
        "tts_model_type": kind,
        "im_start_token_id": first + 1,
        "im_end_token_id": first + 2,
        "tts_pad_token_id": first + 3,
        "tts_bos_token_id": first + 4,
        "tts_eos_token_id": first + 5,
    }


def _codec() -> dict[str, Any]:
    encoder = {
        "hidden_size": 32,
        "num_filters": 4,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "intermediate_size": 48,
        "codebook_size": 2_048,
        "codebook_dim": 8,
        "vector_quantization_hidden_dimension": 8,
        "num_quantizers": 16,
        "upsample_groups": 32,
    }
    decoder = {
        "hidden_size": 32,
        "latent_dim": 32,
        "codebook_dim": 16,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "intermediate_size": 48,
        "num_hidden_layers": 1,
        "decoder_dim": 32,
    }
    return {"encoder_config": encoder, "decoder_config": decoder}


def _tokenizer(folder: Path) -> int:
    """Writes a tokenizer of bytes with the words of the prompts; returns how many tokens it knows."""
    from transformers.models.gpt2.tokenization_gpt2 import bytes_to_unicode

    folder.mkdir(parents=True, exist_ok=True)
    tokens = list(bytes_to_unicode().values())
    merges = []
    for word in ("assistant", "user"):
        for end in range(2, len(word) + 1):
            merges.append(f"{word[: end - 1]} {word[end - 1]}")
            tokens.append(word[:end])
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    (folder / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    (folder / "merges.txt").write_text("#version: 0.2\n" + "\n".join(merges) + "\n", encoding="utf-8")
    added = {
        str(len(vocabulary) + number): {"content": text, "special": True, **dict.fromkeys(SIDES, False)}
        for number, text in enumerate(SPECIAL)
    }
    told = {
        "tokenizer_class": "Qwen2Tokenizer",
        "processor_class": "Qwen3TTSProcessor",
        "added_tokens_decoder": added,
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "errors": "replace",
        "model_max_length": 131_072,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(told))
    (folder / "preprocessor_config.json").write_text(json.dumps({"processor_class": "Qwen3TTSProcessor"}))
    return len(vocabulary) + len(SPECIAL)


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
    main(Path(sys.argv[1]), sys.argv[2])
