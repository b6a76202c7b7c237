"""From the upload to the download over HTTP, with the real workbench and a model that says what it is told."""

from __future__ import annotations

import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import numpy as np
import pytest
from prometheus_client.parser import text_string_to_metric_families

from api.app import create_api
from engines import catalog
from engines.base import ModelSpec, Place
from engines.device import Machine
from engines.intake.intake import IntakeEvent, IntakeResult, Probed, Speech
from engines.requests import TranscribeItem, VadOptions
from engines.residency.rooms import Freed
from media.errors import MediaError
from media.limits import MediaLimits
from media.transcript import Segment, Word
from media.vad import Span
from media.working_file import WorkingFile
from tests.api.conftest import Server
from tests.api.test_server import messages
from workbench.core import Workbench
from workbench.history.history import History
from workbench.settings import Settings
from workbench.texts import Texts

OWN = {"x-roomtone": "1"}
SOUND_S = 100


class FakeIntake:
    """Takes every file for 100 s of speech, but one that begins with ``bad``."""

    def run(
        self,
        source: Path,
        folder: Path,
        vad: VadOptions,
        limits: MediaLimits,
        on_event: Callable[[IntakeEvent], None],
        should_stop: Callable[[], bool],
    ) -> IntakeResult:
        if source.read_bytes().startswith(b"bad"):
            raise MediaError("media_unreadable")
        on_event(Probed(float(SOUND_S), "audio"))
        with WorkingFile(folder) as file:
            file.write(np.zeros(SOUND_S * 16_000, np.int16))
            file.finish("audio", False)
        on_event(Speech(tuple(Span(at + 0.5, at + 19.5) for at in range(0, SOUND_S, 20)), float(SOUND_S)))
        return IntakeResult(float(SOUND_S), "audio", SOUND_S * 0.95)

    def close(self) -> None:
        """Nothing is open."""


@dataclass
class FakeLease:
    residency: FakeResidency
    place: Place = field(default_factory=lambda: Place("cpu", "int8", 1))
    steps: tuple[str, ...] = ()

    def memory_mib(self) -> tuple[int, int]:
        return 0, 0

    def run(self, items: Sequence[TranscribeItem], report: Any = None, *_: Any, **__: Any) -> list[Any]:
        results: list[Any] = []
        for index, item in enumerate(items):
            self.residency.go.wait(20)
            results.append(_said(item))
            report(index, results[-1])
        return results


class FakeResidency:
    """Grants every lease at once; runs wait for ``go``."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()

    @contextmanager
    def lease(
        self, spec: ModelSpec, batch: int = 1, on_wait: Any = None, should_stop: Any = None
    ) -> Iterator[FakeLease]:
        yield FakeLease(self)

    def status(self) -> list[Any]:
        return []

    def places(self, spec: ModelSpec) -> tuple[Place, ...]:
        return (Place("cpu", "int8", 1),)

    def clear(self, interrupt: bool = False) -> Freed:
        return Freed(0, 0, ())

    def refresh(self, name: str) -> None:
        pass

    def close(self) -> None:
        self.go.set()


class FakeStore:
    def find(self, spec: ModelSpec) -> Path | None:
        return Path("weights") if spec.name == "base" else None

    def lies_unchecked(self, spec: ModelSpec) -> bool:
        return False

    def installed(self) -> list[Any]:
        return []

    def reachable(self) -> Any:
        return SimpleNamespace(hub=False, index=False)

    def available(self, name: str) -> bool:
        return name == "base"


def _said(item: TranscribeItem) -> dict[str, Any]:
    start, end = item.pieces[0][0], item.pieces[-1][1]
    text = f" meeting 会议纪要 at {start:.0f}"
    line = Segment(start, end, text, (Word(start, end, text, 0.9),), "en", avg_logprob=-0.2)
    told = {"language": "en", "language_probability": 0.99, "segments": [line.to_dict()], "audio_s": end - start}
    return {**told, "redone": 0}


@dataclass
class Room:
    url: str
    residency: FakeResidency
    workbench: Workbench

    def ask(self, method: str, path: str, **values: Any) -> httpx.Response:
        return httpx.request(method, self.url + path, headers=values.pop("headers", OWN), timeout=30, **values)

    def job(self, content: bytes, name: str = "talk.wav", **request: Any) -> str:
        upload = self.ask("POST", "/api/uploads", params={"name": name}, content=content).json()["id"]
        made = self.ask("POST", "/api/jobs", json={"uploads": [upload], "request": request})
        assert made.status_code == 201, made.text
        return str(made.json()["jobs"][0]["id"])

    def end_of(self, job_id: str) -> dict[str, Any]:
        """Follows the event stream to the end of a job."""
        with httpx.stream("GET", f"{self.url}/api/events?jobs={job_id}", timeout=30) as stream:
            last: dict[str, Any] = {}
            for name, told in messages(stream.iter_lines()):
                if name == "done":
                    return last
                last = told
        raise AssertionError("the stream ended before the job")


@pytest.fixture
def room(tmp_path: Path, root: Path) -> Iterator[Room]:
    residency = FakeResidency()
    settings = Settings(data=tmp_path)
    history = History(tmp_path / "history.db", root / "history.db-schema", clock=time.time)
    texts = Texts(root / "assets" / "texts", strict=True)
    parts: Any = (residency, FakeIntake(), FakeStore(), catalog)
    bench = Workbench(settings, history, *parts, texts, machine=Machine(2, 8000, 4000))
    bench.start()
    server = Server(create_api(bench, texts))
    server.start()
    yield Room(server.url, residency, bench)
    server.stop()
    bench.close()


def test_a_recording_goes_in_and_its_text_comes_out(room: Room) -> None:
    job_id = room.job(b"sound", "Besprechung.wav")
    end = room.end_of(job_id)
    assert end["status"] == "succeeded" and end["progress"] == 1.0 and end["duration_s"] == SOUND_S
    lines = room.ask("GET", f"/api/jobs/{job_id}/segments").json()
    assert lines["live"] is False and len(lines["segments"]) >= 5
    assert lines["segments"][0]["words"][0][3] == 0.9
    for format in ("txt", "srt", "vtt", "json", "docx"):
        file = room.ask("GET", f"/api/jobs/{job_id}/export", params={"format": format})
        assert file.status_code == 200 and f'filename="Besprechung.{format}"' in file.headers["content-disposition"]
        assert file.headers["content-security-policy"].startswith("sandbox")
        assert format == "docx" or "会议纪要" in file.text
    assert len(room.ask("GET", f"/api/jobs/{job_id}/audio").content) == 44 + SOUND_S * 32_000
    assert len(room.ask("GET", f"/api/jobs/{job_id}/peaks?width=50").json()["peaks"]) == 50


def test_text_can_be_read_while_the_job_runs_and_edited_when_it_is_done(room: Room) -> None:
    room.residency.go.clear()
    job_id = room.job(b"sound")
    live = room.ask("GET", f"/api/jobs/{job_id}/segments").json()
    assert live["live"] is True and live["segments"] == []
    early = room.ask("PATCH", f"/api/jobs/{job_id}/segments", json={"edits": {"0": "x"}})
    assert (early.status_code, early.json()["error"]["code"]) == (409, "job_not_finished")
    assert room.ask("GET", f"/api/jobs/{job_id}/export").status_code == 409
    room.residency.go.set()
    room.end_of(job_id)
    assert room.ask("PATCH", f"/api/jobs/{job_id}/segments", json={"edits": {"0": "<b>new</b>"}}).status_code == 200
    assert room.ask("GET", f"/api/jobs/{job_id}/segments").json()["segments"][0]["text"] == "<b>new</b>"
    assert "new" in room.ask("GET", f"/api/jobs/{job_id}/export").text
    assert room.ask("PATCH", f"/api/jobs/{job_id}/segments", json={"edits": {"9999": "x"}}).status_code in (
        404,
        409,
        422,
    )
    assert room.ask("POST", f"/api/jobs/{job_id}/replace", json={"find": "会议", "replacement": "x"}).json()["n"] >= 4
    assert room.ask("POST", f"/api/jobs/{job_id}/restore").status_code == 200
    assert "new" not in room.ask("GET", f"/api/jobs/{job_id}/export").text


@pytest.mark.parametrize("text", ["a\x00b\x08\x0b\ufffe", "<w:t>]]>&amp;", "👩‍👩‍👧 \u202eabc", "-->\n\nNOTE x", " "])
def test_any_text_that_is_typed_can_be_downloaded_again(room: Room, text: str) -> None:
    job_id = room.job(b"sound")
    room.end_of(job_id)
    edited = room.ask("PATCH", f"/api/jobs/{job_id}/segments", json={"edits": {"0": text}})
    renamed = room.ask("PATCH", f"/api/jobs/{job_id}", json={"title": f"x{text}"})
    assert (edited.status_code, renamed.status_code) == (200, 200)
    for format in ("txt", "srt", "vtt", "json", "docx"):
        assert room.ask("GET", f"/api/jobs/{job_id}/export", params={"format": format}).status_code == 200, format
    assert room.ask("GET", "/api/search", params={"q": text}).status_code == 200
    assert room.ask("GET", f"/api/jobs/{job_id}/segments").status_code == 200


def test_a_half_sign_that_no_text_can_hold_is_refused(room: Room) -> None:
    job_id = room.job(b"sound")
    room.end_of(job_id)
    for method, path, body in (
        ("PATCH", f"/api/jobs/{job_id}/segments", b'{"edits": {"0": "\\ud800"}}'),
        ("PATCH", f"/api/jobs/{job_id}", b'{"title": "\\ud800"}'),
        ("POST", f"/api/jobs/{job_id}/replace", b'{"find": "a", "replacement": "\\udfff"}'),
    ):
        answer = room.ask(method, path, content=body, headers={**OWN, "content-type": "application/json"})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "request_malformed")


def test_a_file_that_is_no_recording_fails_in_plain_words(room: Room) -> None:
    job_id = room.job(b"bad file", "<script>.mp3")
    assert room.end_of(job_id)["status"] == "failed"
    for language in ("en", "zh"):
        error = room.ask("GET", f"/api/jobs/{job_id}?lang={language}").json()["error"]
        assert error["code"] == "media_unreadable" and error["message"]


def test_a_running_job_is_cancelled_and_taken_up_again(room: Room) -> None:
    room.residency.go.clear()
    job_id = room.job(b"sound")
    assert room.ask("POST", f"/api/jobs/{job_id}/cancel").json()["status"] == "cancelled"
    room.residency.go.set()
    assert room.ask("POST", f"/api/jobs/{job_id}/retry").json()["status"] in ("queued", "running")
    assert room.end_of(job_id)["status"] == "succeeded"
    again = room.ask("POST", f"/api/jobs/{job_id}/retry")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "nothing_to_retry")


def test_the_same_work_is_answered_from_what_is_stored(room: Room) -> None:
    first = room.job(b"sound")
    room.end_of(first)
    second = room.job(b"sound", "other name.wav")
    view = room.ask("GET", f"/api/jobs/{second}").json()
    assert view["status"] == "succeeded" and view["copied_from"] == first and view["source_name"] == "other name.wav"
    third = room.ask("POST", f"/api/jobs/{first}/again").json()
    assert room.end_of(third["id"])["copied_from"] is None


def test_the_history_is_listed_searched_tagged_binned_and_packed(room: Room) -> None:
    ids = [room.job(b"sound %d" % number, f"talk {number}.wav") for number in range(3)]
    for job_id in ids:
        room.end_of(job_id)
    page = room.ask("GET", "/api/jobs?limit=2").json()
    rest = room.ask("GET", "/api/jobs", params={"limit": 2, "before": page["next"]}).json()
    assert [job["id"] for job in page["jobs"] + rest["jobs"]] == ids[::-1] and rest["next"] is None
    assert room.ask("GET", "/api/jobs?before=nonsense").json()["error"]["code"] == "page_unknown"
    for far in (f"/api/jobs?before=[1e999,{10**30}]", f"/api/search?q=a&before={10**30}"):
        assert room.ask("GET", far).status_code == 200
    assert room.ask("GET", "/api/jobs?before=[0,1e999]").json()["error"]["code"] == "page_unknown"
    assert room.ask("GET", f"/api/jobs/nobody/segments?after={10**30}").status_code == 422
    hits = room.ask("GET", "/api/search", params={"q": "会议", "limit": 3}).json()
    a, b = hits["hits"][0]["ranges"][0]
    assert hits["hits"][0]["text"][a:b] == "会议" and hits["next"]
    assert room.ask("GET", "/api/search", params={"q": '"* OR ) -- ', "limit": 3}).status_code == 200
    room.ask("PATCH", f"/api/jobs/{ids[0]}", json={"tags": ["Q3"], "title": "../会议/<i>"})
    assert [job["id"] for job in room.ask("GET", "/api/jobs?tag=Q3").json()["jobs"]] == [ids[0]]
    assert room.ask("DELETE", f"/api/jobs/{ids[1]}").json() == {"deleted": True}
    assert [job["id"] for job in room.ask("GET", "/api/jobs?deleted=true").json()["jobs"]] == [ids[1]]
    assert room.ask("POST", f"/api/jobs/{ids[1]}/undelete").json()["deleted"] is False
    assert room.ask("DELETE", "/api/bin").json() == {"n": 0}
    assert room.ask("DELETE", "/api/bin?jobs=").status_code == 422
    packed = room.ask("GET", "/api/export.zip", params={"jobs": ",".join(ids), "format": "srt"})
    with zipfile.ZipFile(BytesIO(packed.content)) as archive:
        assert len(archive.namelist()) == 3
        assert not any("/" in name or ".." in name for name in archive.namelist())


@pytest.mark.parametrize("rest", ["models", "system", "jobs", "packs", "texts"])
def test_everything_that_is_told_about_the_machine_is_json(room: Room, rest: str) -> None:
    answer = room.ask("GET", f"/api/{rest}")
    assert answer.status_code == 200
    json.loads(answer.text, parse_constant=lambda sign: pytest.fail(f"{sign} is no JSON"))


def test_an_unknown_model_or_language_is_refused_before_a_job_is_made(room: Room) -> None:
    upload = room.ask("POST", "/api/uploads?name=a", content=b"sound").json()["id"]
    for request in ({"language": "xx"}, {"quality": "model:nothing"}, {"languages": ["en", "zz"]}):
        answer = room.ask("POST", "/api/jobs", json={"uploads": [upload], "request": request})
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, "request_invalid")
    assert room.ask("POST", "/api/models/nothing/fetch").status_code == 404
    assert room.ask("GET", "/api/jobs").json()["jobs"] == []


def test_other_programs_read_the_figures_of_what_was_done(room: Room) -> None:
    job_id = room.job(b"sound")
    assert room.end_of(job_id)["status"] == "succeeded"
    page = room.ask("GET", "/metrics")
    assert page.headers["content-type"].startswith("text/plain; version=0.0.4")
    families = {family.name: family for family in text_string_to_metric_families(page.text)}
    [done] = [sample.value for sample in families["roomtone_jobs"].samples if sample.labels == {"status": "succeeded"}]
    assert done == 1 and families["roomtone_audio_seconds"].samples[0].value == SOUND_S
    [heard] = [sample.value for sample in families["roomtone_sound_seconds"].samples]
    assert 0 < heard <= SOUND_S
    shown = room.ask("GET", "/api/metrics", params={"span": "hour"}).json()
    assert sum(shown["lines"]["jobs"]["succeeded"]) == 1
    assert room.ask("GET", "/api/metrics", params={"span": "century"}).status_code == 422


@pytest.mark.parametrize(
    ("method", "path", "body", "code"),
    [
        ("POST", "/nothing/load", None, "model_unknown"),
        ("POST", "/small/load", None, "model_missing"),
        ("POST", "/small/calibrate", None, "model_missing"),
        ("POST", "/small/verify", None, "model_missing"),
        ("DELETE", "/base", None, "model_not_ours"),
        ("PATCH", "/base/choice", {"device": "cuda:7"}, "choice_unfit"),
        ("PATCH", "/base/choice", {"precision": "float16"}, "choice_unfit"),
        ("PATCH", "/base/choice", {"keep_alive_s": -1}, "choice_unfit"),
    ],
)
def test_what_cannot_be_done_with_a_model_is_told_plainly(
    room: Room, method: str, path: str, body: dict[str, Any] | None, code: str
) -> None:
    answer = room.ask(method, f"/api/models{path}", json=body) if body else room.ask(method, f"/api/models{path}")
    error = answer.json()["error"]
    assert error["code"] == code and error["message"] and error["hint"]


def test_a_choice_for_a_model_is_kept_and_shown(room: Room) -> None:
    chosen = {"device": "cpu", "precision": "float32", "keep_alive_s": 60.0, "pinned": False}
    told = room.ask("PATCH", "/api/models/base/choice", json=chosen).json()["models"]
    assert next(model for model in told if model["name"] == "base")["choice"] == chosen
    assert room.ask("GET", "/api/profiles").json()["cards"][0]["gb"] == 4
    assert room.ask("POST", "/api/memory/interrupt").json()["holders"] == []
    assert "programs" in room.ask("GET", "/api/memory/programs").json()
