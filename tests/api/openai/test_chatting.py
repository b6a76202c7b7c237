"""Bodies of ``/v1/chat/completions`` are read as OpenAI means them, and refused by the name of what is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from api.errors import ApiError
from api.openai.chatting import read

HELLO = {"model": "careful", "messages": [{"role": "user", "content": "hello"}]}


def test_what_is_asked_reaches_the_model() -> None:
    asked = read(
        {
            "model": "gpt-4o-mini",
            "messages": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": "two"}]},
            ],
            "max_completion_tokens": 7,
            "temperature": 0,
            "seed": -1,
            "stop": "END",
            "stream": True,
            "stream_options": {"include_usage": True},
            "reasoning_effort": "low",
            "response_format": {"type": "json_object"},
            "top_p": 0.5,
            "user": "me",
        },
        ["m"],
    )
    wanted = asked.wanted
    assert wanted.messages == (("system", "Be brief."), ("user", "one\ntwo"))
    assert (wanted.quality, wanted.max_tokens, wanted.temperature, wanted.stop) == ("quick", 7, 0, ("END",))
    assert wanted.seed == 2**32 - 1 and wanted.thinking and wanted.json_schema == '{"type": "object"}'
    assert asked.stream and asked.usage and asked.ignored == ("top_p",)


def test_what_was_not_said_is_usual() -> None:
    asked = read(HELLO, [])
    assert not asked.stream and not asked.wanted.thinking and asked.wanted.max_tokens is None
    assert read({**HELLO, "model": "m"}, ["m"]).wanted.quality == "model:m"


@pytest.mark.parametrize(
    ("change", "param"),
    [
        ({"model": None}, "model"),
        ({"model": "nothing"}, "model"),
        ({"messages": []}, "messages"),
        ({"messages": ["hello"]}, "messages[0]"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}, "messages[0].content"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"n": 2}, "n"),
        ({"temperature": 3}, "temperature"),
        ({"temperature": "warm"}, "temperature"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"seed": "x"}, "seed"),
        ({"stop": 5}, "stop"),
        ({"stream": "yes"}, "stream"),
        ({"response_format": {"type": "xml"}}, "response_format"),
    ],
)
def test_what_is_wrong_is_named(change: dict[str, Any], param: str) -> None:
    with pytest.raises(ApiError) as refused:
        read({**HELLO, **change}, [])
    assert refused.value.values["param"] == param


@pytest.mark.parametrize("body", [None, [], "hello", 5])
def test_what_is_no_object_is_refused(body: Any) -> None:
    with pytest.raises(ApiError):
        read(body, [])
