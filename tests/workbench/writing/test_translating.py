"""Translating with a model made for one pair of languages: when it is taken, what it is given, what comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from engines.catalog_translating import TRANSLATING
from engines.requests_writing import TranslateItem, WriteItem
from tests.workbench.watching import WAIT_S
from tests.workbench.writing.scripted import material
from workbench.errors import JobError
from workbench.jobs import JobView
from workbench.writing.wish import WriteRequest

SMALL, LARGE, PAIR = "qwen2.5-coder-1.5b-gguf", "qwen3-4b-gguf", TRANSLATING[0].name
TEXT = "我们把上线时间定在三月二十号。李明下周三之前把合同发过来！\n预算增加了百分之十五。"


def translated(item: Any) -> dict[str, Any]:
    """Puts a number of words in the place of each sentence; what it is not asked again for, it leaves out at first."""
    if isinstance(item, WriteItem):
        text = "\n".join(f"[{n}] Sentence number {n} by the large model." for n, _ in material(item))
    else:
        assert isinstance(item, TranslateItem)
        kept = [line for line in item.lines if item.again or not line[0].startswith("李明")]
        text = "\n".join(f"[{item.lines.index(line) + 1}] W{'o' * len(line[0])}rd" for line in kept)
    return {"text": text, "reasoning": "", "n_prompt": 1, "n_tokens": 1, "finish": "stop"}


@pytest.fixture
def translating_room(room: Any) -> Any:
    pytest.importorskip("xllamacpp", reason="the pack `writing` is not installed")
    pytest.importorskip("sentencepiece", reason="the pack `writing` is not installed")
    room.engine = translated
    room.store.there |= {SMALL, PAIR}
    return room


def made(bench: Any, text: str = TEXT, **wish: Any) -> JobView:
    wish = {"kind": "translate", "language": "en", "quality": "auto", **wish}
    return bench.wait(bench.written.from_text(text, WriteRequest.from_dict(wish), "ann"), WAIT_S)


def test_chinese_into_english_is_given_to_the_small_model_and_lost_sentences_again(translating_room: Any) -> None:
    bench = translating_room.bench()
    view = made(bench)
    pairs = bench.written.result(view.id)["pairs"]
    assert view.model == PAIR and [pair["state"] for pair in pairs] == ["written"] * 3
    assert [pair["after"] for pair in pairs] == [f"W{'o' * n}rd" for n in (15, 14, 11)]
    assert [len(batch[0].lines) for batch in translating_room.residency.batches] == [3, 1]


@pytest.mark.parametrize(
    "wish",
    [{"language": "ja"}, {"kind": "summary", "language": None}, {"quality": "careful"}, {"quality": f"model:{SMALL}"}],
)
def test_everything_else_is_written_by_a_model_that_can_do_everything(translating_room: Any, wish: Any) -> None:
    assert made(translating_room.bench(), **wish).model == SMALL


def test_a_large_model_translates_better_and_is_taken_where_it_is(translating_room: Any) -> None:
    translating_room.store.there |= {LARGE}
    bench = translating_room.bench()
    careful = bench.written.choices()["careful"]
    usual = [one["usual"] for one in bench.written.choices()["translators"]]
    assert (made(bench).model, usual) == ((LARGE, [False]) if careful == LARGE else (PAIR, [True]))
    assert made(bench, quality=f"model:{PAIR}").model == PAIR


@pytest.mark.parametrize(
    ("text", "wish", "code"),
    [
        ("The budget is final and it was approved.", {"language": "en"}, "write_other_pair"),
        (TEXT, {"language": "ja"}, "request_invalid"),
        (TEXT, {"kind": "minutes", "language": None}, "request_invalid"),
    ],
)
def test_what_it_cannot_translate_is_refused(translating_room: Any, text: str, wish: Any, code: str) -> None:
    with pytest.raises(JobError) as refused:
        made(translating_room.bench(), text, quality=f"model:{PAIR}", **wish)
    assert refused.value.code == code
