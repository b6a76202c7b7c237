from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest

from api.errors import accepted_language
from tests.api.conftest import Caller

CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("en-GB,zh;q=0.9", "en"), ("de,fr;q=0.8", "en"),
        ("de,zh-TW;q=0.1", "zh"),
        ("zh;q=0", "en"), ("*", "en"), (";;;q=,,zh", "zh"), ("zh;q=1.1.1", "en"), ("x" * 10_000, "en"),
    ],
)  # fmt: skip
def test_the_browser_chooses_the_language(header: str, language: str) -> None:
    assert accepted_language(header) == language


def test_the_address_wins_over_the_header_and_the_header_over_the_browser(ask: Caller) -> None:
    def is_chinese(path: str, **headers: str) -> bool:
        return bool(CHINESE.search(ask.get(path, headers=headers).json()["error"]["message"]))

    assert is_chinese("/api/jobs/x?lang=zh", **{"x-roomtone-language": "en", "accept-language": "en"})
    assert is_chinese("/api/jobs/x", **{"x-roomtone-language": "zh-Hans", "accept-language": "en"})
    assert is_chinese("/api/jobs/x", **{"accept-language": "zh-CN"})
    assert not is_chinese("/api/jobs/x", **{"x-roomtone-language": "en", "accept-language": "zh-CN"})


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_unknown_exception_gives_a_reference_that_stands_in_the_log(
    ask: Caller, caplog: pytest.LogCaptureFixture, language: str
) -> None:
    with caplog.at_level(logging.ERROR):
        answer = ask.get(f"/api/jobs/broken?lang={language}")
    error = answer.json()["error"]
    assert answer.status_code == 500 and error["code"] == "internal"
    assert error["values"]["reference"] in error["message"]
    assert any(error["values"]["reference"] in record.getMessage() and record.exc_info for record in caplog.records)
    assert "secret" not in answer.text and "Traceback" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("method", "path", "body", "field"),
    [
        ("POST", "/api/jobs", {}, "uploads"),
        ("POST", "/api/jobs", {"uploads": []}, "uploads"),
        ("POST", "/api/jobs", {"uploads": ["../../etc/passwd"]}, "uploads.0"),
        ("POST", "/api/jobs", {"uploads": ["a"], "request": {"beam_size": 99}}, "request.beam_size"),
        ("POST", "/api/jobs", {"uploads": ["a"], "request": {"beam_size": "many"}}, "request.beam_size"),
        ("POST", "/api/jobs", {"uploads": ["a"], "request": {"quality": "<script>"}}, "request.quality"),
        ("POST", "/api/jobs", {"uploads": ["a"], "request": {"script": "klingon"}}, "request.script"),
        ("POST", "/api/jobs", {"uploads": ["a"], "request": {"vad": {"threshold": 2}}}, "request.vad.threshold"),
        ("POST", "/api/jobs", {"uploads": ["a"], "request": {"languges": ["en"]}}, "request.languges"),
        ("POST", "/api/jobs", {"uploads": ["a"], "lane": "live"}, "lane"),
        ("POST", "/api/jobs", ["a"], ""),
        ("PATCH", "/api/jobs/x", {"title": " "}, "title"),
        ("PATCH", "/api/jobs/x", {"tags": ["a"] * 21}, "tags"),
        ("PATCH", "/api/jobs/x/segments", {"edits": {"-1": "a"}}, "edits"),
        ("POST", "/api/jobs/x/replace", {"find": ""}, "find"),
        ("GET", "/api/jobs?limit=0", None, "limit"),
        ("GET", "/api/jobs?since=yesterday", None, "since"),
        ("GET", "/api/search", None, "q"),
        ("GET", "/api/jobs/x/peaks?width=-1", None, "width"),
    ],
)
def test_a_wrong_value_is_named_in_plain_words(
    ask: Caller, method: str, path: str, body: object, field: str, language: str
) -> None:
    answer = ask(method, path, json=body, headers={"x-roomtone-language": language})
    error = answer.json()["error"]
    assert answer.status_code == 422 and error["code"] == "request_malformed"
    assert field in error["values"]["problems"][0]["field"]
    assert field in error["message"]
    assert bool(CHINESE.search(error["message"])) == (language == "zh")
    assert "pydantic" not in answer.text and "ctx" not in answer.text


@pytest.mark.parametrize("content", [b"{", b"\xff\xfe", b'{"uploads": [1e999]}', b"[" * 5000])
def test_a_body_that_is_no_json_is_told(ask: Caller, content: bytes) -> None:
    answer = ask.post("/api/jobs", content=content, headers={"content-type": "application/json"})
    assert answer.status_code in (400, 422)
    assert answer.json()["error"]["code"] == "request_malformed"


def test_both_languages_have_the_same_sentences(root: Path) -> None:
    folder = root / "assets" / "texts"
    english, chinese = (json.loads((folder / f"errors_api.{lang}.json").read_text("utf-8")) for lang in ("en", "zh"))
    assert english.keys() == chinese.keys()
    for key in english:
        assert set(re.findall(r"{\w+}", english[key])) == set(re.findall(r"{\w+}", chinese[key])), key
        assert CHINESE.search(chinese[key])
