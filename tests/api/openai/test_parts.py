"""The pure parts: parameters, bodies, forms that come in any pieces, and answers that begin early."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.access import Closing
from api.errors import ApiError
from api.openai import bodies
from api.openai.asking import ALIASES, read
from api.openai.languages import NAMES, code_of
from api.openai.lending import sound_of
from api.openai.multipart import Form, read_form
from api.openai.streams import Writing, slowly
from api.openai.waiting import Following
from media.transcript import Segment, Transcript, Word
from tests.api.fakes import FakeWorkbench
from workbench.asking import LANGUAGES
from workbench.uploads import Upload

FORM = (
    b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper-1\r\n'
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a \xe4\xbc\x9a.mp3"\r\n'
    b"Content-Type: audio/mpeg\r\n\r\nsou\r\nnd--x\r\n"
    b'--x\r\nContent-Disposition: form-data; name="include[]"\r\n\r\nlogprobs\r\n--x--\r\n'
)


def parsed(content: bytes, cuts: list[int], kind: str = "multipart/form-data; boundary=x") -> tuple[Form, bytes]:
    got = bytearray()

    async def take(name: str, blocks: AsyncIterable[bytes]) -> Upload:
        async for block in blocks:
            got.extend(block)
        return Upload("1", name, len(got), "0")

    async def pieces() -> AsyncIterator[bytes]:
        edges = [0, *sorted(cuts), len(content)]
        for start, end in zip(edges, edges[1:], strict=False):
            yield content[start:end]

    return asyncio.run(read_form(pieces(), kind, take)), bytes(got)


@given(st.lists(st.integers(0, len(FORM)), max_size=8))
def test_a_form_is_read_the_same_in_whatever_pieces_it_comes(cuts: list[int]) -> None:
    form, content = parsed(FORM, cuts)
    assert content == b"sou\r\nnd--x" and form.file is not None and form.file.name == "a 会.mp3"
    assert form.fields == {"model": ["whisper-1"], "include": ["logprobs"]}


@pytest.mark.parametrize("end", [10, 80, 150, 200, len(FORM) - 8])
def test_a_form_that_ends_too_early_is_refused(end: int) -> None:
    with pytest.raises(ApiError) as refused:
        parsed(FORM[:end], [])
    assert refused.value.code == "form_broken"


@pytest.mark.parametrize("kind", ["", "application/json", "multipart/form-data"])
def test_what_is_no_form_is_refused(kind: str) -> None:
    with pytest.raises(ApiError, match="form_expected"):
        parsed(FORM, [], kind)


def asked(**fields: str | list[str]) -> Any:
    told = {name: value if isinstance(value, list) else [value] for name, value in fields.items()}
    return read({"model": ["whisper-1"], **told}, ["base", "large-v3"])


def test_models_are_known_by_many_names() -> None:
    assert {name: asked(model=name).request.quality for name in ALIASES} == ALIASES
    for name in ("base", "model:base", "Systran/faster-whisper-base", "whisper-base", "openai/whisper-base"):
        assert asked(model=name).request.quality == "model:base"


def test_parameters_become_a_request() -> None:
    one = asked(language="zh-CN", prompt="张三,\n Roomtone", keywords=["itn"])
    assert (one.request.language, one.request.hotwords) == ("zh", "itn, 张三, Roomtone")
    several = asked(languages=["english", "zh"])
    assert several.request.language is None and several.request.languages == ("en", "zh")
    strategy = '{"type": "server_vad", "threshold": 0.7, "silence_duration_ms": 900, "prefix_padding_ms": 100}'
    vad = asked(chunking_strategy=strategy).request.vad
    assert (vad.threshold, vad.min_silence_duration_ms, vad.speech_pad_ms) == (0.7, 900, 100)
    parts = {"chunking_strategy[type]": "server_vad", "chunking_strategy[threshold]": "0.7"}
    assert asked(**parts).request.vad.threshold == 0.7
    assert asked(model="gpt-4o-transcribe-diarize").format == "diarized_json"
    assert asked(response_format="diarized_json").request.speakers is not None


def test_voices_that_came_along_are_for_recordings_whose_speakers_are_told_apart() -> None:
    lent = {"known_speaker_names": ["a ", "b"], "known_speaker_references": ["data:x", "data:y"]}
    one = asked(response_format="diarized_json", **lent)  # type: ignore[arg-type]
    assert one.known == (("a", "data:x"), ("b", "data:y")) and one.ignored == ()
    assert asked(**lent).ignored == ("known_speaker_names", "known_speaker_references")  # type: ignore[arg-type]
    assert sound_of("data:audio/wav;base64,AAEC") == b"\0\1\2"
    for wrong in ("AAEC", "data:audio/wav,AAEC", "data:audio/wav;base64,A", "http://x/y.wav"):
        with pytest.raises(ApiError, match="parameter_unfit"):
            sound_of(wrong)


@pytest.mark.parametrize(
    "wrong",
    [{"temperature": "2"}, {"temperature": "nan"}, {"stream": "maybe"}, {"include": ["x"]}, {"response_format": "x"},
     {"timestamp_granularities": ["line"]}, {"chunking_strategy": "{"}, {"chunking_strategy": "x"},
     {"chunking_strategy": '{"type": "server_vad", "threshold": "high"}'}, {"known_speaker_names": ["a"]},
     {"known_speaker_names": [" "], "known_speaker_references": ["x"]}],
)  # fmt: skip
def test_what_is_wrong_is_named_by_its_parameter(wrong: dict[str, Any]) -> None:
    with pytest.raises(ApiError) as refused:
        asked(**wrong)
    assert (refused.value.status, refused.value.values["param"]) == (400, next(iter(wrong)))


def test_every_language_of_the_recogniser_has_a_name_and_is_known_by_it() -> None:
    assert set(NAMES) >= set(LANGUAGES) and all(code_of(NAMES[code]) == code for code in NAMES)


def test_speakers_are_lettered_and_text_is_joined_as_its_language_does() -> None:
    assert [bodies.letter(key) for key in ("1", "2", "26", "27", "x")] == ["A", "B", "Z", "AA", "A"]
    first, second = Segment(0, 1, " 你好。", speaker="A"), Segment(1, 2, "再见。", speaker="B")
    lines = (first, second, Segment(2, 3, " Good day."))
    told = bodies.diarized(Transcript(lines, 3.0, "zh"))
    assert told["text"] == "你好。再见。 Good day."
    assert [line["speaker"] for line in told["segments"]] == ["A", "B", "A"]
    assert bodies.logprob(Word(0, 1, " a", 0.0))["logprob"] < -20 and bodies.usage(1.2)["seconds"] == 2


def test_an_answer_that_takes_long_begins_with_white_space(bench: FakeWorkbench) -> None:
    async def told() -> list[bytes]:
        bench.add("a", status="running")
        vars(bench)["settings"] = SimpleNamespace(max_duration_s=60.0)
        follow: Any = Following(bench, "a", Closing())  # type: ignore[arg-type]
        pieces = []
        async for piece in slowly(follow, Writing(bench, lambda: b"{}", "application/json")):  # type: ignore[arg-type]
            pieces.append(piece)
            bench.change("a", status="succeeded")
        return pieces

    assert asyncio.run(told()) == [b" ", b"{}"]
