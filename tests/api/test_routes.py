from __future__ import annotations

import wave
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi import FastAPI

from api.app import create_api
from api.filenames import disposition
from tests.api.conftest import Caller
from tests.api.fakes import FakeWorkbench
from workbench.errors import NotFound
from workbench.exports import file_name
from workbench.machine.packs import PackView
from workbench.texts import Texts

OF_A_JOB = [
    ("GET", ""), ("PATCH", ""), ("DELETE", ""), ("POST", "/cancel"), ("POST", "/retry"), ("POST", "/again"),
    ("POST", "/undelete"), ("POST", "/restore"), ("GET", "/segments"), ("PATCH", "/segments"), ("POST", "/replace"),
    ("GET", "/audio"), ("HEAD", "/audio"), ("GET", "/peaks"), ("GET", "/export"),
]  # fmt: skip
BODIES: dict[str, Any] = {
    "": {"title": "t"},
    "/segments": {"edits": {"0": "x"}},
    "/replace": {"find": "a", "replacement": "b"},
}
ODD_IDS = [
    "nobody",
    "..",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "a" * 300,
    "'; DROP TABLE jobs; --",
    "任务",
    "%00",
    " ",
]
XSS = '<img src=x onerror=alert(1)>".mp3'


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("job_id", ODD_IDS)
@pytest.mark.parametrize(("method", "rest"), OF_A_JOB)
def test_an_id_that_is_none_is_unknown_and_nothing_else(
    ask: Caller, method: str, rest: str, job_id: str, language: str
) -> None:
    body = BODIES.get(rest) if method in ("PATCH", "POST") else None
    answer = ask(
        method, f"/api/jobs/{quote(job_id, safe='')}{rest}", json=body, headers={"x-roomtone-language": language}
    )
    assert answer.status_code in (404, 405)
    if method != "HEAD":
        assert answer.headers["content-type"] == "application/json"
        assert answer.json()["error"]["code"] in ("job_unknown", "not_found", "method_not_allowed")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PUT", "/api/jobs", ["GET", "POST"]), ("DELETE", "/api/jobs", ["GET", "POST"]),
        ("POST", "/api/jobs/x", ["DELETE", "GET", "PATCH"]),
        ("GET", "/api/uploads", ["POST"]), ("GET", "/api/jobs/x/cancel", ["POST"]), ("POST", "/api/search", ["GET"]),
        ("DELETE", "/api/events", ["GET"]), ("GET", "/api/memory/clear", ["POST"]),
        ("POST", "/api/jobs/x/audio", ["GET", "HEAD"]),
    ],
)  # fmt: skip
def test_a_wrong_method_is_told_with_the_right_ones(ask: Caller, method: str, path: str, allowed: list[str]) -> None:
    answer = ask(method, path)
    assert answer.status_code == 405
    error = answer.json()["error"]
    assert error["code"] == "method_not_allowed" and sorted(error["values"]["allowed"]) == allowed
    assert answer.headers["allow"] == ", ".join(error["values"]["allowed"])


def test_health_is_answered_before_and_after_the_workbench_is_there(bench: FakeWorkbench, texts: Texts) -> None:
    app = create_api(None, texts)
    ask = Caller(app)
    assert ask.get("/health").json() == {"status": "starting"}
    early = ask.get("/api/jobs")
    assert (early.status_code, early.json()["error"]["code"]) == (503, "starting")
    app.state.workbench = bench
    assert ask.get("/health").json() == {"status": "ok"}
    assert ask.get("/api/jobs").status_code == 200


def test_a_file_becomes_a_job_with_the_chosen_settings(ask: Caller, bench: FakeWorkbench) -> None:
    uploaded = ask.post("/api/uploads", params={"name": XSS}, content=b"sound")
    assert uploaded.status_code == 201
    assert uploaded.json()["name"] == XSS and uploaded.json()["size"] == 5
    assert set(uploaded.json()) == {"id", "name", "size"}
    request = {"language": "zh", "languages": ["zh", "en"], "vad": {"threshold": 0.4}, "hotwords": "室音"}
    made = ask.post("/api/jobs", json={"uploads": [uploaded.json()["id"]], "request": request, "lane": "batch"})
    assert made.status_code == 201 and made.headers["content-type"] == "application/json"
    (kind, asked, owner, lane) = bench.asked[-1]
    assert (kind, lane, len(owner)) == ("submit", "batch", 32)
    assert asked.language == "zh" and asked.languages == ("zh", "en") and asked.vad.threshold == 0.4
    assert asked.beam_size is None and asked.beam == 5
    assert ask.get("/api/jobs/" + made.json()["jobs"][0]["id"]).json()["title"] == XSS


def test_an_unknown_upload_makes_no_job(ask: Caller, bench: FakeWorkbench) -> None:
    answer = ask.post("/api/jobs", json={"uploads": ["0" * 32]})
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "upload_unknown")
    assert not bench.kept


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"", {}, 400, "upload_empty"),
        (b"x", {"content-length": str(2**40)}, 413, "too_large"),
        (b"x", {"content-type": "multipart/form-data; boundary=x"}, 415, "upload_multipart"),
        (b"x", {"content-length": "5"}, 400, "upload_cut_short"),
    ],
)
def test_an_upload_that_cannot_be_taken_leaves_nothing(
    ask: Caller, bench: FakeWorkbench, content: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = ask.post("/api/uploads?name=a.mp3", content=content, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert not list((bench.data / "incoming").iterdir()) and not list((bench.data / "inputs").iterdir())


def test_a_list_is_narrowed_and_paged(ask: Caller, bench: FakeWorkbench) -> None:
    for number in range(3):
        bench.add(f"job{number}")
    page = ask.get("/api/jobs?q=x&status=failed&tag=%E6%A0%87&since=5&until=9.5&deleted=true&before=k&limit=2").json()
    assert page["next"] == "next-key" and len(page["jobs"]) == 2
    _, wanted, before, limit = bench.asked[-1]
    assert (wanted.query, wanted.status, wanted.tag, wanted.since, wanted.until) == ("x", "failed", "标", 5.0, 9.5)
    assert wanted.deleted and (before, limit) == ("k", 2)


def test_a_job_is_renamed_tagged_deleted_and_brought_back(ask: Caller, bench: FakeWorkbench) -> None:
    bench.add("job0")
    assert ask("PATCH", "/api/jobs/job0", json={"title": "Neu", "tags": ["a", " b "]}).json()["tags"] == ["a", "b"]
    assert bench.kept["job0"].title == "Neu"
    assert ask("PATCH", "/api/jobs/job0", json={}).json()["error"]["code"] == "nothing_to_change"
    assert ask("DELETE", "/api/jobs/job0").json() == {"deleted": True}
    assert ask.post("/api/jobs/job0/undelete").json()["deleted"] is False


def test_a_job_is_cancelled_retried_and_run_again(ask: Caller, bench: FakeWorkbench) -> None:
    bench.add("job0")
    assert ask.post("/api/jobs/job0/cancel").json()["status"] == "cancelled"
    assert ask.post("/api/jobs/job0/retry").status_code == 200
    assert ask.post("/api/jobs/job0/again").status_code == 201
    assert bench.asked[-1][2] is None
    assert ask.post("/api/jobs/job0/again", json={"request": {"quality": "best"}}).status_code == 201
    assert bench.asked[-1][2].quality == "best"
    bench.change("job0", status="succeeded")
    assert ask.post("/api/jobs/job0/retry").json()["error"]["code"] == "nothing_to_retry"


@pytest.mark.parametrize(("language", "word"), [("en", "Roomtone"), ("zh", "任务")])
def test_a_failed_job_says_why_in_the_readers_language(
    ask: Caller, bench: FakeWorkbench, language: str, word: str
) -> None:
    bench.add("job0", status="failed", error={"code": "job_unknown", "values": {}})
    error = ask.get(f"/api/jobs/job0?lang={language}").json()["error"]
    assert error["code"] == "job_unknown" and error["message"]
    assert any("\u4e00" <= sign <= "\u9fff" for sign in error["message"]) == (language == "zh")


def test_lines_are_read_edited_replaced_and_restored(ask: Caller, bench: FakeWorkbench) -> None:
    bench.add("job0", status="running")
    assert ask.get("/api/jobs/job0/segments?after=7&limit=9").json()["live"] is True
    assert bench.asked[-1] == ("segments", "job0", 7, 9)
    early = ask("PATCH", "/api/jobs/job0/segments", json={"edits": {"3": "x"}})
    assert (early.status_code, early.json()["error"]["code"]) == (409, "job_not_finished")
    bench.change("job0", status="succeeded")
    edits = {"edits": {"3": "<b>", "4": ""}, "was": {"3": "old"}}
    assert ask("PATCH", "/api/jobs/job0/segments", json=edits).json() == {"n": 2, "revision": 7}
    assert bench.asked[-1] == ("edit", "job0", {3: "<b>", 4: ""}, {3: "old"})
    replaced = ask.post("/api/jobs/job0/replace", json={"find": "a", "replacement": "b", "match_case": True})
    assert replaced.json() == {"n": 3} and bench.asked[-1] == ("replace", "job0", "a", "b", True)
    assert ask.post("/api/jobs/job0/restore").json()["id"] == "job0"


def test_search_gives_hits_with_their_places(ask: Caller, bench: FakeWorkbench) -> None:
    found = ask.get("/api/search", params={"q": "会议", "since": 3, "limit": 5}).json()
    assert found["next"] is None
    assert found["hits"][0]["ranges"] == [[5, 7]] and found["hits"][0]["title"] == "<b>title</b>"


def sound_of(bench: FakeWorkbench, job_id: str, n_samples: int = 100_000) -> bytes:
    """Puts a recording into the fake and returns it as the WAV file that is expected."""
    folder = bench.recording_folder(job_id)
    folder.mkdir(parents=True)
    samples = bytes(number % 251 for number in range(2 * n_samples))
    (folder / "audio.pcm").write_bytes(samples)
    (folder / "peaks.u8").write_bytes(bytes(range(63)))
    out = BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(samples)
    return out.getvalue()


def test_sound_is_a_wav_file_that_can_be_had_in_parts(ask: Caller, bench: FakeWorkbench) -> None:
    bench.add("job0", title="会议 2026/“a”.x")
    expected = sound_of(bench, "job0")
    whole = ask.get("/api/jobs/job0/audio")
    assert whole.status_code == 200 and whole.content == expected and whole.headers["accept-ranges"] == "bytes"
    assert whole.headers["cache-control"] == "private, no-cache" and whole.headers["content-type"] == "audio/wav"
    for start, stop in (
        (0, 10),
        (40, 60),
        (44, 45),
        (0, 44),
        (100_000, len(expected)),
        (len(expected) - 1, len(expected)),
    ):
        part = ask.get("/api/jobs/job0/audio", headers={"range": f"bytes={start}-{stop - 1}"})
        assert part.status_code == 206 and part.content == expected[start:stop]
        assert part.headers["content-range"] == f"bytes {start}-{stop - 1}/{len(expected)}"
        assert part.headers["content-length"] == str(stop - start)
    assert ask.get("/api/jobs/job0/audio", headers={"range": "bytes=-5"}).content == expected[-5:]


def test_sound_keeps_the_rules_of_conditional_requests(ask: Caller, bench: FakeWorkbench) -> None:
    bench.add("job0")
    expected = sound_of(bench, "job0")
    path = "/api/jobs/job0/audio"
    head = ask("HEAD", path)
    assert head.status_code == 200 and head.content == b"" and head.headers["content-length"] == str(len(expected))
    tag = head.headers["etag"]
    partial_head = ask("HEAD", path, headers={"range": "bytes=0-9"})
    assert (partial_head.status_code, partial_head.headers["content-length"]) == (206, "10")
    assert ask.get(path, headers={"if-none-match": tag}).status_code == 304
    assert ask.get(path, headers={"range": "bytes=0-9", "if-range": tag}).status_code == 206
    assert ask.get(path, headers={"range": "bytes=0-9", "if-range": '"old"'}).status_code == 200
    outside = ask.get(path, headers={"range": f"bytes={len(expected)}-"})
    assert outside.status_code == 416 and outside.headers["content-range"] == f"bytes */{len(expected)}"
    assert outside.json()["error"]["code"] == "range_outside"
    assert ask.get(path, headers={"range": "bytes=0-1,4-5"}).status_code == 200


def test_sound_that_grows_gets_another_tag(ask: Caller, bench: FakeWorkbench) -> None:
    bench.add("job0")
    sound_of(bench, "job0", 1000)
    before = ask("HEAD", "/api/jobs/job0/audio").headers["etag"]
    with open(bench.recording_folder("job0") / "audio.pcm", "ab") as file:
        file.write(b"12345")
    after = ask.get("/api/jobs/job0/audio")
    assert after.headers["etag"] != before and len(after.content) == 44 + 2004


def test_sound_that_is_not_there_is_told(ask: Caller, bench: FakeWorkbench) -> None:
    bench.add("job0")
    for rest in ("audio", "peaks"):
        answer = ask.get(f"/api/jobs/job0/{rest}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "sound_missing")


def test_the_waveform_has_the_width_asked_for(ask: Caller, bench: FakeWorkbench) -> None:
    bench.add("job0")
    sound_of(bench, "job0")
    found = ask.get("/api/jobs/job0/peaks?width=10").json()
    assert len(found["peaks"]) == 10 and found["duration_s"] == 6.25


@pytest.mark.parametrize(
    ("title", "plain", "full"),
    [
        ("Minutes", "Minutes.srt", "Minutes.srt"),
        ('a"b\r\nSet-Cookie: x=1', "a_b_Set-Cookie_ x_1.srt", "a_b_Set-Cookie_%20x%3D1.srt"),
        ("../../etc/passwd", "etc_passwd.srt", "_.._etc_passwd.srt"),
        ("会议 😀", "transcript.srt", "%E4%BC%9A%E8%AE%AE%20%F0%9F%98%80.srt"),
        ("", "transcript.srt", "transcript.srt"),
    ],
)
def test_downloads_are_named_after_their_title(title: str, plain: str, full: str) -> None:
    assert disposition(file_name(title, ".srt", set())) == f"attachment; filename=\"{plain}\"; filename*=UTF-8''{full}"


def test_models_and_memory_are_passed_on(ask: Caller) -> None:
    assert ask.get("/api/models").json()["models"][0]["name"] == "base"
    assert ask.post("/api/models/base/fetch").status_code == 202
    assert ask.post("/api/models/nothing/fetch").status_code == 404
    trouble = ask.get("/api/system?lang=zh").json()["trouble"]
    assert trouble["code"] == "disk_full" and "3" in trouble["message"]
    assert ask.post("/api/memory/clear").json()["after_mib"] == 5


class FakePacks:
    can_install = True

    def __init__(self) -> None:
        self.asked: list[str] = []

    def list(self) -> list[Any]:
        return [PackView("speakers", False, 100, error={"code": "pack_unknown", "values": {"name": "x"}})]

    def install(self, name: str) -> None:
        if name != "speakers":
            raise NotFound("pack_unknown", name=name)
        self.asked.append(name)


def test_packs_are_installed_only_from_the_machine_itself(bench: FakeWorkbench, texts: Texts) -> None:
    packs = FakePacks()
    app: FastAPI = create_api(bench, texts, packs=packs)
    far = Caller(app, client=("10.0.0.9", 1)).post("/api/packs/speakers/install")
    assert (far.status_code, far.json()["error"]["code"], packs.asked) == (403, "administrator_only", [])
    assert Caller(app, client=("10.0.0.9", 1)).get("/api/packs").json()["obstacle"] == "pack_ask"
    assert Caller(app).get("/api/packs").json()["obstacle"] is None
    told = Caller(app).get("/api/packs").json()["packs"][0]
    assert (told["name"], told["installed"]) == ("speakers", False) and told["error"]["message"]
    assert Caller(app).post("/api/packs/unknown/install").json()["error"]["code"] == "pack_unknown"
    assert Caller(app).post("/api/packs/speakers/install").status_code == 202
    assert packs.asked == ["speakers"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_scripts_get_all_sentences_of_a_language(ask: Caller, language: str) -> None:
    found = ask.get(f"/api/texts?lang={language}").json()
    assert found["lang"] == language and "error.not_found" in found["texts"]


def test_importing_the_api_touches_no_disk(root: Path) -> None:
    import subprocess
    import sys

    heavy = ("gradio", "torch", "ctranslate2", "faster_whisper", "onnxruntime")
    code = f"import sys, api.app; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
