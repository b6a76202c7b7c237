"""Voices made from recordings: made with consent, used until their last day, taken back also while they read."""

from __future__ import annotations

import datetime
import json
import shutil
import wave
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from engines import catalog
from engines.requests import TranscribeItem
from engines.requests_speaking import AloudRequest, SpeakItem
from engines.speaking.reference import look
from media.limits import MediaLimits
from media.spoken import RATE
from media.transcript import Segment
from tests.workbench.conftest import Room
from tests.workbench.test_aloud import JoiningIntake, spoken
from workbench.core import Workbench
from workbench.errors import JobError, NotFound
from workbench.history.rows import SegmentRow
from workbench.history.voices import Consent
from workbench.reading_aloud.own_voices import OwnWanted
from workbench.reading_aloud.script import of_text
from workbench.reading_aloud.stretches import stretches

HERE = "127.0.0.1"
CONSENT = Consent("Ann Lee", "1970-01-02", "my voice for our texts")


class CuttingIntake(JoiningIntake):
    """Cuts a second of hum out of whatever recording it is, and puts a word into a video."""

    def sound(
        self,
        order: Mapping[str, Any],
        limits: MediaLimits,
        on_share: Callable[[float], None],
        should_stop: Callable[[], bool],
    ) -> Mapping[str, Any]:
        if order["work"] == "dub_video":
            (Path(order["target_folder"]) / "video.mp4").write_bytes(json.dumps(order["files"]).encode())
            return {"file": "video.mp4", "media_type": "video/mp4"}
        if order["work"] != "cut_voice":
            return super().sound(order, limits, on_share, should_stop)
        with wave.open(order["target"], "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(np.full(RATE, 3000, "<i2").tobytes())
        return {"audio_s": 1.0}


def engine(item: Any) -> dict[str, Any]:
    """Three lines of six seconds; what is spoken from a recording looks at it as the real engine does."""
    if isinstance(item, TranscribeItem):
        lines = [Segment(at, at + 6.0, f"line at {at:g}", avg_logprob=-0.1).to_dict() for at in (0.0, 6.5, 20.0)]
        return {"language": "en", "language_probability": 0.9, "segments": lines, "audio_s": 28.0, "redone": 0}
    if isinstance(item, SpeakItem) and item.reference:
        look(Path(item.reference), "1970-01-12")
    return spoken(item)


@pytest.fixture
def bench(room: Room) -> Workbench:
    models = tuple(replace(spec, needs=(), environment=None) for spec in catalog.MODELS)
    known = {spec.name: spec for spec in models}
    room.catalog = SimpleNamespace(
        MODELS=models, by_name=lambda name: known[name], for_quality=catalog.for_quality, of_task=catalog.of_task
    )
    room.store.there |= {"kokoro", "qwen3-tts-base"}
    room.engine, room.intake_of = engine, CuttingIntake
    return room.bench()


@pytest.fixture
def talk(bench: Workbench, room: Room, fakes: SimpleNamespace) -> str:
    job = room.submit(bench, fakes.recording(1))[0].id
    assert bench.wait(job, 20).status == "succeeded"
    return job


def make(bench: Workbench, job: str, agreed: Consent = CONSENT, **more: Any) -> str:
    told = {"start": 0.0, "end": 12.5, "text": "line at 0 line at 6.5", **more}
    return bench.aloud.own.make(OwnWanted("Ann", agreed, job, **told), HERE)


def read_aloud(bench: Workbench, voice: str, text: str = "Good morning. We meet at three.") -> str:
    job = bench.aloud.submit(of_text(text), "", AloudRequest(voice), "ann")
    bench.wait(job, 20)
    return job


def test_a_voice_is_made_of_a_stretch_and_reads(bench: Workbench, room: Room, talk: str) -> None:
    best = bench.aloud.own.stretches(talk)[0]
    assert (best["start"], best["end"], best["text"]) == (0.0, 12.5, "line at 0 line at 6.5")
    voice = make(bench, talk)
    assert not list((room.data / "own-voices").glob(".own-*"))
    [told] = bench.aloud.own.all()
    assert (told["name"], told["agreed_by"], told["consent"], told["n_read"]) == ("Ann", "Ann Lee", CONSENT.text, 0)
    job = read_aloud(bench, voice)
    assert bench.job(job).status == "succeeded" and bench.job(job).model == "qwen3-tts-base"
    spoken_items = [item for batch in room.residency.batches for item in batch if isinstance(item, SpeakItem)]
    assert {item.reference for item in spoken_items} == {str(room.data / "own-voices" / voice)}
    assert look(Path(spoken_items[0].reference), "1970-01-12").text == "line at 0 line at 6.5"
    assert [one["what"] for one in bench.aloud.own.log(voice)] == ["spoke", "enrolled"]
    assert bench.aloud.own.all()[0]["n_read"] == 1
    named = {one["name"]: one["model"] for one in bench.aloud.voices() if one["label"] == "Ann"}
    assert named == {voice: "qwen3-tts-base", f"{voice}-index": "indextts"}
    other = read_aloud(bench, f"{voice}-index")
    assert bench.job(other).model == "indextts" and bench.aloud.own.all()[0]["n_read"] == 2
    assert room.residency.batches[-1][0].reference == str(room.data / "own-voices" / voice)


def test_a_voice_that_is_taken_back_reads_nothing_more(bench: Workbench, room: Room, talk: str) -> None:
    voice = make(bench, talk)
    done = read_aloud(bench, voice)
    room.residency.go.clear()
    job = bench.aloud.submit(of_text("Something else. And more."), "", AloudRequest(voice), "ann")
    assert bench.aloud.own.revoke(voice, HERE, readings=True) == 2
    room.residency.go.set()
    bench.wait(job, 20)
    assert bench.job(done).deleted and bench.job(job).status in ("cancelled", "failed")
    assert bench.aloud.own.all() == [] and list((room.data / "own-voices").iterdir()) == []
    for refused in (lambda: read_aloud(bench, voice), lambda: bench.aloud.again(done, 0)):
        with pytest.raises(NotFound, match="aloud_voice_gone"):
            refused()


def test_what_is_being_read_stops_with_its_voice(bench: Workbench, room: Room, talk: str) -> None:
    voice = make(bench, talk)
    room.residency.go.clear()
    job = bench.aloud.submit(of_text("Something. Something else."), "", AloudRequest(voice), "ann")
    bench.aloud.own.revoke(voice, HERE)
    room.residency.go.set()
    bench.wait(job, 20)
    told = bench.job(job)
    assert told.status == "failed" and told.error is not None and told.error["code"] == "aloud_voice_gone"


def test_after_the_last_day_a_voice_is_deleted(bench: Workbench, room: Room, talk: str) -> None:
    with pytest.raises(JobError, match="voice_ended"):
        make(bench, talk, replace(CONSENT, ends_on="1970-01-01"))
    voice = make(bench, talk, replace(CONSENT, ends_on="1970-01-12"))
    bench.aloud.own.change(voice, "Ann L.", "1970-01-20", HERE)
    folder = room.data / "own-voices" / voice
    assert json.loads((folder / "voice.json").read_text())["ends_on"] == "1970-01-20"
    bench.aloud.own.tidy()
    assert bench.aloud.own.all()[0]["name"] == "Ann L."
    later = datetime.datetime(1970, 1, 21, 12).timestamp()
    room.history.clock = lambda: later  # type: ignore[method-assign]
    with pytest.raises(JobError, match="aloud_voice_ended"):
        read_aloud(bench, voice)
    bench.aloud.own.tidy()
    assert bench.aloud.own.all() == [] and not folder.exists()


def test_what_does_not_do_is_refused_with_the_reason(bench: Workbench, talk: str) -> None:
    for more, code in (
        ({"end": 2.0}, "voice_recording_short"),
        ({"end": 28.0}, "aloud_voice_long"),
        ({"text": "..."}, "aloud_nothing"),
    ):
        with pytest.raises(JobError, match=code):
            make(bench, talk, **more)  # type: ignore[arg-type]
    with pytest.raises(NotFound):
        make(bench, "nothing")
    shutil.rmtree(bench.uploads.folder(bench.history.job(talk).input_sha256))  # type: ignore[union-attr, arg-type]
    with pytest.raises(JobError, match="input_missing"):
        make(bench, talk)


def test_a_long_line_is_cut_where_somebody_breathes() -> None:
    words = tuple((float(at), at + 0.9, f" w{at}{'.' if at % 5 == 4 else ''}", 0.9) for at in range(25))
    [best, *_] = stretches([SegmentRow(0, 0.0, 25.0, "all of it", None, "en", "1", -0.1, words)])
    assert best.start == 0.0 and best.length_s == pytest.approx(9.9) and best.text.endswith("w9.")
    lines = [SegmentRow(n, 4.0 * n, 4.0 * n + 3.9, f"l{n}", None, "en", str(n % 2), -0.1) for n in range(4)]
    assert {one.text for one in stretches(lines)} == {"l0", "l1", "l2", "l3"}


def test_what_was_read_in_time_becomes_the_sound_of_a_video(bench: Workbench, room: Room, talk: str) -> None:
    job = bench.aloud.submit(
        bench.aloud.of_job(talk, str, True), "", AloudRequest("af_heart", in_time=True, of=talk), "ann"
    )
    assert bench.wait(job, 20).status == "succeeded" and not bench.aloud.sentences(job)["has_video"]
    with pytest.raises(JobError, match="aloud_no_video"):
        bench.aloud.dub(job, None)
    bench.aloud.dub(job, bench.receive("talk.mp4", [b"a video"]))
    starts = [start for _, start in json.loads(bench.aloud.video(job).read_bytes())]
    assert starts == [0.0, 6.5, 20.0]
    bench.aloud.again(job, 0)
    bench.wait(job, 20)
    with pytest.raises(NotFound):
        bench.aloud.video(job)
