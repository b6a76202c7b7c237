"""The addresses of known voices over a real history."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api.app import create_api
from engines.base import Task
from tests.api.conftest import Caller
from tests.api.fakes import FakeWorkbench
from workbench.artifacts import Artifacts
from workbench.history.rows import NewJob
from workbench.history.speakers import SpeakerRow, TurnRow, write_speakers
from workbench.texts import Texts
from workbench.voices.clips import Clips
from workbench.voices.voices import Voices

TODAY = {"name": "Ann", "agreed_by": "Ann Lee", "agreed_on": "2026-01-05", "consent": "my name"}


class NoModels:
    def of_task(self, task: Task) -> Any:
        raise AssertionError("not asked here")

    def has_pack(self, spec: Any) -> bool:
        return False


class NoWork:
    def resume(self, row: Any) -> None:
        raise AssertionError("not asked here")


@pytest.fixture
def place(tmp_path: Path, root: Path) -> Any:
    bench: Any = FakeWorkbench(tmp_path)
    clips = Clips(bench.history, bench.uploads, Artifacts(tmp_path, bench.history), NoModels(), NoWork())
    bench.voices = Voices(bench.history, bench.events, clips)
    return Caller(create_api(bench, Texts(root / "assets" / "texts", strict=True))), bench


def heard(bench: Any, job: str = "talk") -> str:
    asked = NewJob(job, "automatic-speech-recognition", "A talk", {}, "base", "", input_sha256="a" * 64)
    bench.history.add_input("a" * 64, 9)
    bench.history.add_jobs([asked])
    people = [SpeakerRow(str(n + 1), None, 30.0, np.eye(2, 192, dtype=np.float32)[n]) for n in range(2)]
    write_speakers(bench.history, job, people, [TurnRow(0.0, 30.0, "1"), TurnRow(30.0, 60.0, "2")], [])
    pcm = bench.uploads.folder("a" * 64) / "audio.pcm"
    pcm.parent.mkdir(parents=True)
    rng = np.random.default_rng(1)
    sound = rng.standard_normal(60 * 16_000) * np.repeat(np.tile([2000, 20], 60), 8000)
    sound.astype("<i2").tofile(pcm)
    return job


def test_a_voice_is_made_shown_played_saved_and_deleted(place: Any) -> None:
    ask, bench = place
    made = ask.post("/api/voices", json={**TODAY, "recordings": [{"job": heard(bench), "key": "1"}]})
    assert made.status_code == 201
    voice = made.json()["id"]
    (told,) = ask.get("/api/voices").json()["voices"]
    assert told["name"] == "Ann" and told["agreed_on"] == "2026-01-05" and told["sample_s"] == 10.0
    sample = ask.get(f"/api/voices/{voice}/sample")
    assert sample.headers["content-type"] == "audio/wav" and len(sample.content) == 44 + 10 * 32_000
    saved = ask.get(f"/api/voices/{voice}/export")
    assert 'filename="Ann.voice.json"' in saved.headers["content-disposition"]
    assert saved.json()["consent"]["text"] == "my name"
    log = ask.get(f"/api/voices/{voice}/log").json()["log"]
    assert [(line["what"], line["who"]) for line in log] == [
        ("exported", "127.0.0.1"), ("played", "127.0.0.1"), ("seen", "127.0.0.1"), ("enrolled", "127.0.0.1"),
    ]  # fmt: skip
    assert ask("DELETE", f"/api/voices/{voice}").json() == {"n": 1}
    assert ask.get(f"/api/voices/{voice}/sample").json()["error"]["code"] == "voice_unknown"


@pytest.mark.parametrize(
    "wrong",
    [
        {"consent": " "},
        {"agreed_by": ""},
        {"agreed_on": "yesterday"},
        {"recordings": []},
        {"recordings": [{"job": "../x"}]},
        {"name": "x" * 81},
        {"more": 1},
    ],
)
def test_without_consent_or_a_recording_there_is_no_voice(place: Any, wrong: dict[str, Any]) -> None:
    ask, bench = place
    body = {**TODAY, "recordings": [{"job": heard(bench), "key": "1"}], **wrong}
    assert ask.post("/api/voices", json=body).status_code == 422
    assert ask.get("/api/voices").json()["voices"] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_refusal_is_a_sentence_in_the_readers_language(place: Any, lang: str) -> None:
    ask, bench = place
    job = heard(bench)
    body = {**TODAY, "recordings": [{"job": job, "key": "1"}]}
    ask.post("/api/voices", json=body)
    for path, given, code in (
        ("", {**body, "name": "Bo"}, "voice_known"),
        ("", {**body, "recordings": [{"job": job, "key": "1"}, {"job": job, "key": "2"}]}, "voice_recordings_differ"),
        ("", {**body, "ends_on": "2020-01-01"}, "voice_ended"),
        ("/compare", {"first": {"voice": "nobody"}, "second": {"job": job}}, "voice_unknown"),
    ):
        error = ask.post(f"/api/voices{path}?lang={lang}", json=given).json()["error"]
        assert error["code"] == code and error["hint"] and "{" not in error["message"]


def test_two_voices_and_one_against_many(place: Any) -> None:
    ask, bench = place
    job = heard(bench)
    two = ask.post("/api/voices/compare", json={"first": {"job": job, "key": "1"}, "second": {"job": job, "key": "2"}})
    assert two.json()["says"] == "different" and two.json()["place"]["different"]["n"] == 0
    many = ask.post(
        "/api/voices/rank", json={"one": {"job": job, "key": "1"}, "against": [{"job": job, "key": "2"}]}
    ).json()
    assert [line["says"] for line in many["lines"]] == ["different"]
    assert ask.post("/api/voices/compare", json={"first": {}, "second": {"job": job}}).status_code == 422


def test_only_the_machine_itself_says_how_sure_a_name_must_be(place: Any) -> None:
    ask, _ = place
    assert ask("PATCH", "/api/voices/rule", json={"wrong_share": 0.01}).json()["wrong_share"] == 0.01
    elsewhere = Caller(ask.app, client=("10.0.0.7", 5000))
    assert elsewhere("PATCH", "/api/voices/rule", json={"wrong_share": 0.05}).status_code == 403
    assert ask.get("/api/voices").json()["wrong_share"] == 0.01
