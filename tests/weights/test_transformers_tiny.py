"""Writing through transformers, in 16 bits' worth of precision, 8 and 4, with a tiny Qwen3 that the test makes."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engines.base import ModelSpec, Place, is_partial
from engines.catalog_writing import WRITING
from engines.errors import EngineError, Stopped
from engines.process import EngineProcess
from engines.requests_writing import WriteItem

pytestmark = [pytest.mark.weights, pytest.mark.timeout(300)]
SPEC = next(spec for spec in WRITING if spec.name == "qwen3-0.6b")
TEMPLATE = (
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n"
    "{% if not enable_thinking %}<think>\n\n</think>\n\n{% endif %}{% endif %}"
)
QUESTION = WriteItem((("user", "Tell me about 预算."),), 24, temperature=0)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> tuple[ModelSpec, Path]:
    for name in SPEC.needs:
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"the pack {SPEC.pack} is not installed ({name} is missing)")
    folder = tmp_path_factory.mktemp("tiny")
    _make(folder)
    return replace(SPEC, title="Tiny"), folder


def _make(folder: Path) -> None:
    """Writes a Qwen3 of random numbers, 64 wide and two layers deep, with a tokenizer of single bytes."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM

    signs = pre_tokenizers.ByteLevel.alphabet()
    tokenizer = Tokenizer(models.BPE({sign: n for n, sign in enumerate(sorted(signs))}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    fast = PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token="<|im_end|>", chat_template=TEMPLATE)
    fast.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    fast.save_pretrained(folder)
    torch.manual_seed(3)
    config = Qwen3Config(
        vocab_size=len(fast), hidden_size=64, intermediate_size=128, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, head_dim=16, eos_token_id=fast.eos_token_id, pad_token_id=fast.eos_token_id,
    )  # fmt: skip
    Qwen3ForCausalLM(config).to(torch.bfloat16).save_pretrained(folder)


@pytest.fixture(scope="module", params=["float32", "int8", "int4"])
def process(request: pytest.FixtureRequest, tiny: tuple[ModelSpec, Path]) -> Iterator[EngineProcess]:
    started = EngineProcess.start(*tiny, Place("cpu", request.param, 1))
    yield started
    started.close()


def test_a_text_grows_and_its_end_is_the_result(process: EngineProcess) -> None:
    told: list[dict[str, Any]] = []
    (result,) = process.run([QUESTION], lambda _, part: told.append(part))
    assert json.loads(json.dumps(result)) == result
    assert result["n_prompt"] > 20 and 0 < result["n_tokens"] <= 24 and result["finish"] in ("stop", "length")
    shown = [part["partial"] for part in told if is_partial(part)]
    assert shown and all(result["text"].startswith(part) for part in shown) and told[-1] == result


def test_the_same_question_without_chance_has_the_same_answer(process: EngineProcess) -> None:
    assert process.run([QUESTION], lambda *_: None) == process.run([QUESTION], lambda *_: None)


def test_writing_is_stopped_in_the_middle_and_the_model_stays(process: EngineProcess) -> None:
    n_heard = 0

    def heard(_: int, part: dict[str, Any]) -> None:
        nonlocal n_heard
        n_heard += 1

    with pytest.raises(Stopped):
        process.run([replace(QUESTION, max_tokens=4000)], heard, lambda: n_heard > 2)
    assert process.alive and process.run([QUESTION], lambda *_: None)


def test_a_text_that_does_not_fit_is_refused_and_never_cut(process: EngineProcess) -> None:
    with pytest.raises(EngineError) as refused:
        process.run([replace(QUESTION, max_tokens=9000)], lambda *_: None)
    assert refused.value.code == "text_too_long_for_model" and refused.value.values["answer"] == 9000


def test_damaged_weights_are_named(tiny: tuple[ModelSpec, Path], tmp_path: Path) -> None:
    for file in tiny[1].iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes()[: 900 if file.suffix == ".safetensors" else None])
    with pytest.raises(EngineError) as refused:
        EngineProcess.start(tiny[0], tmp_path, Place("cpu", "float32", 1))
    assert refused.value.code == "weights_damaged"
