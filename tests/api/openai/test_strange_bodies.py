"""Bodies that no sensible program sends are refused as wrong, in OpenAI's shape, and never break the server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from fastapi import FastAPI

from api.errors import ApiError
from api.openai.audio import shown
from api.openai.multipart import read_form
from tests.api.conftest import Caller

HUGE = b"1" + b"0" * 400
BODIES = [
    b"[" * 100_000,
    b'{"model": "\\ud800", "input": "x", "voice": "alloy", "messages": []}',
    b'{"model": "quick", "messages": [{"role": [], "content": "x"}]}',
    b'{"model": "quick", "messages": [{"role": "user", "content": "x"}], "seed": ' + HUGE + b"}",
    b'{"model": "tts-1", "input": "x", "voice": "alloy", "speed": ' + HUGE + b"}",
    b'{"model": "tts-1", "input": "x", "voice": "alloy", "speed": NaN}',
    b"\xff\xfe\x00",
]


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/audio/speech"])
@pytest.mark.parametrize("body", BODIES)
def test_a_strange_body_is_refused_as_wrong(app: FastAPI, ask: Caller, path: str, body: bytes) -> None:
    del app
    told = ask.post(path, content=body)
    assert 400 <= told.status_code < 500
    assert set(told.json()["error"]) == {"message", "type", "param", "code"}


async def _form(content_type: str, content: bytes) -> None:
    async def stream() -> AsyncIterator[bytes]:
        yield content

    async def take(name: str, blocks: object) -> object:
        raise AssertionError("there is no file")

    await read_form(stream(), content_type, take)  # type: ignore[arg-type]


def test_a_form_with_a_boundary_that_is_too_long_is_broken() -> None:
    with pytest.raises(ApiError) as error:
        asyncio.run(_form(f"multipart/form-data; boundary={'x' * 300}", b"--x--"))
    assert error.value.code == "form_broken"


def test_empty_parts_of_a_form_are_counted_too() -> None:
    part = b'--x\r\ncontent-disposition: form-data; name="a"\r\n\r\n\r\n'
    with pytest.raises(ApiError) as error:
        asyncio.run(_form("multipart/form-data; boundary=x", part * 300 + b"--x--\r\n"))
    assert error.value.code == "form_too_large"


def test_the_header_of_ignored_parameters_stays_short() -> None:
    assert shown(["colour", "颜色", "a\nb"]) == "colour"
    assert len(shown([f"{number}" + "x" * 1000 for number in range(500)])) < 2_100
