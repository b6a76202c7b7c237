"""Another server writes, and whatever it does wrong is named, tried again where that helps, and never shown as text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from engines.base import Memory, ModelSpec, Place, Task, is_partial
from engines.errors import EngineError, Stopped
from engines.requests_writing import WriteItem
from engines.writing.circuit import Circuit
from engines.writing.remote import RemoteEngine
from engines.writing.server_call import Address
from engines.writing.server_stream import Nonsense, read_line
from tests.engines.writing.server import WORDS, WritingServer

SPEC = ModelSpec(
    "other", Task.WRITE, "engines.writing.remote:RemoteEngine", "Other", "", 0, (), (), {"int8": Memory(60, 5, 1)}
)
ITEM = WriteItem((("user", "When is the meeting?"),), 50)
TEXT = "".join(WORDS)
KEY = "sk-very-secret"


def engine(server: WritingServer, folder: Path, **more: Any) -> RemoteEngine:
    told = {"base_url": server.url, "model": "qwen3:8b", "key": KEY, "silence_s": 0.3, **more}
    (folder / "server.json").write_text(json.dumps(told), encoding="utf-8")
    made = RemoteEngine(pauses_s=(0.0, 0.0))
    made.load(SPEC, folder, Place("cpu", "int8", 1))
    return made


def ignore(index: int, result: dict[str, Any]) -> None:
    pass


def failure(server: WritingServer, folder: Path) -> EngineError:
    with pytest.raises(EngineError) as failed:
        engine(server, folder).run([ITEM], ignore)
    return failed.value


def test_a_text_grows_and_its_end_is_the_result(tmp_path: Path) -> None:
    told: list[dict[str, Any]] = []
    with WritingServer() as server:
        (result,) = engine(server, tmp_path).run([ITEM], lambda _, part: told.append(part))
        assert result == {"text": TEXT, "reasoning": "", "n_prompt": 11, "n_tokens": 5, "finish": "stop"}
        assert all(TEXT.startswith(part["partial"]) for part in told if is_partial(part))
        assert server.keys == [f"Bearer {KEY}"]
        assert server.asked[0]["messages"][-1]["content"].endswith("/no_think")


def test_several_items_are_asked_together_and_answered_in_order(tmp_path: Path) -> None:
    told: list[int] = []
    with WritingServer() as server:
        results = engine(server, tmp_path).run(
            [ITEM] * 5, lambda at, part: None if is_partial(part) else told.append(at)
        )
    assert [result["text"] for result in results] == [TEXT] * 5
    assert sorted(told) == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("kind", ["thinks", "reasons"])
def test_reasoning_is_no_text(tmp_path: Path, kind: str) -> None:
    with WritingServer(kind) as server:
        (result,) = engine(server, tmp_path).run([ITEM], ignore)
    assert (result["text"], result["reasoning"]) == (TEXT, "secret plan")


def test_a_server_that_does_not_stream_is_understood(tmp_path: Path) -> None:
    with WritingServer("at once") as server:
        assert engine(server, tmp_path).run([ITEM], ignore)[0]["text"] == TEXT


def test_a_server_that_knows_less_is_asked_more_plainly(tmp_path: Path) -> None:
    with WritingServer("picky") as server:
        assert engine(server, tmp_path).run([ITEM], ignore)[0]["text"] == TEXT
        assert "stream_options" not in server.asked[1]


@pytest.mark.parametrize("kind", ["500", "503", "429", "breaks off", "nonsense", "stalls", "hangs", "page"])
def test_what_may_pass_is_tried_again_from_the_beginning(tmp_path: Path, kind: str) -> None:
    with WritingServer(kind, kind) as server:
        (result,) = engine(server, tmp_path).run([ITEM], ignore)
        assert result["text"] == TEXT and len(server.asked) == 3


@pytest.mark.parametrize(
    ("kind", "code", "n_calls"),
    [
        ("401", "server_key_refused", 1),
        ("404", "server_not_found", 1),
        ("full", "server_text_too_long", 1),
        ("429", "server_busy", 3),
        ("500", "server_refused", 3),
        ("breaks off", "server_cut_off", 3),
        ("nonsense", "server_nonsense", 3),
        ("stalls", "server_silent", 3),
    ],
)
def test_what_does_not_pass_is_named_with_the_server_and_without_the_key(
    tmp_path: Path, kind: str, code: str, n_calls: int
) -> None:
    with WritingServer(*[kind] * 3) as server:
        failed = failure(server, tmp_path)
        assert failed.code == code and len(server.asked) == n_calls
        assert failed.values["server"] in server.url and failed.values["name"] == "qwen3:8b"
        assert KEY not in repr(failed) + str(failed.values)


def test_a_server_that_knows_no_end_is_heard_no_longer_than_was_asked_for(tmp_path: Path) -> None:
    with WritingServer("goes on") as server:
        (result,) = engine(server, tmp_path).run([ITEM], ignore)
        assert result["finish"] == "length" and len(result["text"]) < 20 * ITEM.max_tokens
        assert server.gone.wait(5)


def test_signs_of_life_without_a_word_are_no_answer(tmp_path: Path) -> None:
    with WritingServer(*["only lives"] * 3) as server:
        made = engine(server, tmp_path, silence_s=0.02)
        with pytest.raises(EngineError) as failed:
            made.run([ITEM], ignore)
    assert failed.value.code == "server_silent"


def test_nobody_at_the_address_is_named(tmp_path: Path) -> None:
    with WritingServer() as server:
        pass
    assert failure(server, tmp_path).code == "server_unreachable"


def test_a_server_that_failed_three_times_is_left_alone_for_a_while(tmp_path: Path) -> None:
    with WritingServer(*["500"] * 9) as server:
        made = engine(server, tmp_path)
        for _ in range(5):
            with pytest.raises(EngineError, match="server_refused"):
                made.run([ITEM], ignore)
        assert len(server.asked) == 9


def test_a_stop_is_heard_while_nothing_comes(tmp_path: Path) -> None:
    def report(index: int, result: dict[str, Any]) -> None:
        if server.started.is_set():
            raise Stopped()

    with WritingServer("stalls") as server, pytest.raises(Stopped):
        engine(server, tmp_path, silence_s=20).run([ITEM], report)


def test_a_text_that_does_not_fit_is_not_sent(tmp_path: Path) -> None:
    with WritingServer() as server:
        with pytest.raises(EngineError, match="text_too_long_for_model"):
            engine(server, tmp_path, context=1000).run([WriteItem((("user", "开会" * 900),), 50)], ignore)
        assert not server.asked


def test_an_address_that_was_not_entered_is_an_error_of_its_own(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="server_unset"):
        RemoteEngine().load(SPEC, tmp_path, Place("cpu", "int8", 1))


def test_an_address_never_shows_its_key() -> None:
    assert KEY not in repr(Address("https://user:pass@gate.example/v1", "m", KEY))
    assert "pass" not in Address("https://user:pass@gate.example/v1", "m", KEY).place


def test_a_circuit_opens_after_failures_and_closes_after_a_rest() -> None:
    now = [0.0]
    circuit: Circuit[str] = Circuit(lambda: now[0], failures=2, rest_s=30)
    circuit.failed("one")
    assert not circuit.rests_s()
    circuit.failed("two")
    assert (circuit.rests_s(), circuit.reason) == (30, "two")
    now[0] = 31
    assert not circuit.rests_s()
    circuit.failed("three")
    assert circuit.rests_s() == 30
    circuit.worked()
    assert not circuit.rests_s()


@pytest.mark.parametrize("line", ["hello", 'data: {"choices": 3}', "data: [1]", "data: {", "x" * 70_000])
def test_nonsense_is_told_from_events(line: str) -> None:
    with pytest.raises(Nonsense):
        read_line(line)
